// SPDX-License-Identifier: Apache-2.0
#include "capture_source.h"

#include <utility>

#include "streampark/base/log.h"
#include "streampark/connectors/state_bytes.h"

#include "capture_reader.h"
#include "postgres_session.h"

namespace streampark::connectors::postgres {
namespace {

/// Makes what is missing and may be made, once in the life of a job.
class CaptureEnumerator final : public SplitEnumerator {
 public:
  CaptureEnumerator(const CapturePlan& plan, bool told) : plan_(plan), told_(told) {}

  base::Result<Discovery> Discover(std::stop_token /*stop*/) override {
    // No other split will ever follow: readers without it may end.
    Discovery found{.splits = {}, .complete = true};
    if (!told_) {
      auto begun = Begin();
      if (!begun.ok()) {
        return std::move(begun).error().Annotate(plan_.what);
      }
      found.splits.push_back({kLogSplit, begun->ToPosition()});
      told_ = true;
    }
    return found;
  }
  std::string Snapshot() const override { return StateWriter().Number(told_ ? 1 : 0).Take(); }

 private:
  base::Result<LogPlace> Begin() const {
    // Whether it may replicate at all, before anything is made.
    auto connection = SP_TRY(ReplicationConnection::Connect(plan_.address));
    const auto session = SP_TRY(PostgresSession::Connect(plan_.address));
    SP_TRY(MakeMissingPublication(*session));
    SP_TRY(MakeMissingSlot(*session));
    const auto slot = SP_TRY(FindSlot(*session, plan_.slot));
    SP_TRY(CheckSlot(plan_, slot));
    const auto server = SP_TRY(connection->Identify());
    LogPlace place{.system = server.system, .behind = slot->confirmed, .half_read = {}};
    if (plan_.start == CaptureStart::kNow) {
      place.behind = std::max(server.end, slot->confirmed);
    } else if (plan_.start == CaptureStart::kLsn) {
      if (plan_.start_lsn < slot->confirmed || plan_.start_lsn > server.end) {
        return base::Error(base::ErrorCode::kValidationFailed,
                           "'start.lsn' is " + plan_.start_lsn.ToString() +
                               ", and the slot has the log from " + slot->confirmed.ToString() +
                               " to " + server.end.ToString())
            .WithHint("what came before is not there any more, what comes later not yet");
      }
      place.behind = plan_.start_lsn;
    }
    return place;
  }

  base::Status MakeMissingPublication(sql::Session& session) const {
    if (!plan_.may_make_publication || SP_TRY(FindPublication(session, plan_.publication))) {
      return base::Ok();
    }
    const std::string statement = MakePublication(plan_);
    auto made = session.Execute(statement);
    if (!made.ok()) {
      return std::move(made).error().Annotate(statement);
    }
    base::LogInfo("a publication was made", {{"publication", plan_.publication}});
    return base::Ok();
  }

  base::Status MakeMissingSlot(sql::Session& session) const {
    if (!plan_.may_make_slot || SP_TRY(FindSlot(session, plan_.slot))) {
      return base::Ok();
    }
    // It waits for all transactions that are open.
    SP_TRY(session.Execute("SET statement_timeout TO '60s'"));
    auto made = session.Query("SELECT pg_create_logical_replication_slot('" + plan_.slot +
                              "', 'pgoutput')");
    if (!made.ok()) {
      return std::move(made).error().Annotate(
          "making the replication slot, which waits for transactions that were open before (SELECT "
          "* FROM pg_stat_activity ORDER BY xact_start)");
    }
    base::LogInfo(
        "a replication slot was made; it holds the server's log until it is read or dropped",
        {{"slot", plan_.slot}});
    return base::Ok();
  }

  const CapturePlan& plan_;
  bool told_;
};

class CaptureSource final : public Source {
 public:
  explicit CaptureSource(CapturePlan plan) : plan_(std::move(plan)) {}

  SchemaPtr schema() const override { return plan_.schema; }
  Boundedness boundedness() const override { return Boundedness::kUnbounded; }
  base::Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      std::optional<std::string> restored) override {
    StateReader in(restored ? std::string_view(*restored) : std::string_view("0 "));
    const std::int64_t told = in.Number();
    if (!in.done() || told < 0 || told > 1) {
      return base::Error(base::ErrorCode::kSnapshotInvalid,
                         "this does not say whether the reading of a log has begun");
    }
    return std::make_unique<CaptureEnumerator>(plan_, told == 1);
  }
  base::Result<std::unique_ptr<SplitReader>> MakeReader(int /*subtask*/) override {
    return std::make_unique<CaptureReader>(plan_);
  }

 private:
  const CapturePlan plan_;
};

}  // namespace

std::unique_ptr<Source> MakeCaptureSource(CapturePlan plan) {
  return std::make_unique<CaptureSource>(std::move(plan));
}

}  // namespace streampark::connectors::postgres
