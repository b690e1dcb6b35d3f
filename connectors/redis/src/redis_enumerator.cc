// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <utility>

#include "streampark/connectors/state_bytes.h"

#include "source_plan.h"
#include "split_place.h"

namespace streampark::connectors::redis {
namespace {

/// Its state: whether it has looked, and what it has told.
class RedisEnumerator final : public SplitEnumerator {
 public:
  RedisEnumerator(const SourcePlan& plan, bool looked, std::set<std::string> told)
      : plan_(plan), looked_(looked), told_(std::move(told)) {}

  base::Result<Discovery> Discover(std::stop_token stop) override {
    Discovery found{.splits = {}, .complete = plan_.bounded()};
    if (looked_ && (plan_.bounded() || plan_.patterns.empty())) {
      return found;
    }
    if (auto done = Look(stop, found); !done.ok()) {
      connection_.reset();
      return std::move(done).error();
    }
    for (const Split& split : found.splits) {
      told_.insert(split.id);
    }
    looked_ = true;
    return found;
  }

  std::string Snapshot() const override {
    StateWriter out;
    out.Number(looked_ ? 1 : 0);
    for (const std::string& id : told_) {
      out.Text(id);
    }
    return out.Take();
  }

 private:
  base::Status Look(const std::stop_token& stop, Discovery& found) {
    if (plan_.type == KeyType::kHash || plan_.type == KeyType::kString) {
      for (const std::string& pattern : plan_.patterns) {
        Tell({.type = plan_.type, .name = pattern}, found);
      }
      return base::Ok();
    }
    SP_TRY(Connection::Ensure(plan_.server, Use::kRead, connection_));
    std::set<std::string> keys(plan_.keys.begin(), plan_.keys.end());
    for (const std::string& pattern : plan_.patterns) {
      SP_TRY(FindKeys(pattern, stop, keys));
    }
    for (const std::string& key : keys) {
      SplitPlace place{.type = plan_.type, .name = key};
      if (!told_.contains(place.Id())) {
        SP_TRY(plan_.type == KeyType::kList ? PlaceList(place) : PlaceStream(place));
        Tell(std::move(place), found);
      }
    }
    return base::Ok();
  }

  static void Tell(const SplitPlace& place, Discovery& found) {
    found.splits.push_back({place.Id(), place.ToPosition()});
  }

  /// SCAN may give a key twice.
  base::Status FindKeys(const std::string& pattern, const std::stop_token& stop,
                        std::set<std::string>& keys) {
    std::string cursor = "0";
    do {
      if (stop.stop_requested()) {
        return base::Error(base::ErrorCode::kCancelled, "stopped while looking for keys");
      }
      const Reply page = SP_TRY(connection_->Call(
          {"SCAN", cursor, "MATCH", pattern, "COUNT", "1000", "TYPE", ToString(plan_.type)}));
      if (page.size() != 2) {
        return base::Error(base::ErrorCode::kEngineError, "SCAN was answered by something else");
      }
      cursor = page[0].text();
      for (const Reply key : page[1]) {
        keys.emplace(key.text());
      }
    } while (cursor != "0");
    return base::Ok();
  }

  base::Status PlaceList(SplitPlace& place) {
    place.length = SP_TRY(connection_->Call({"LLEN", place.name})).number();
    return base::Ok();
  }

  base::Status PlaceStream(SplitPlace& place) {
    const bool asks = (plan_.start.latest && !looked_) || (plan_.end && plan_.end->latest);
    const StreamId newest = asks ? SP_TRY(Newest(place.name)) : StreamId{};
    if (!looked_) {  // one that appeared later is read from its first entry on
      place.after = plan_.start.latest ? newest : plan_.start.id.Before();
    }
    if (plan_.end) {
      place.last = plan_.end->latest ? newest : plan_.end->id;
    }
    return base::Ok();
  }

  /// The id that the stream gave last; 0-0 when there is no such stream yet.
  base::Result<StreamId> Newest(const std::string& key) {
    std::string command;
    AppendCommand({"XINFO", "STREAM", key}, command);
    SP_TRY(connection_->Send(command));
    const Reply told = SP_TRY(connection_->Receive());
    if (told.is_error() && told.text() == "ERR no such key") {
      return StreamId{};
    }
    if (told.is_error()) {
      return ErrorOf(told.text()).Annotate("the stream '" + key + "'");
    }
    bool next = false;
    for (const Reply one : told) {
      if (next) {
        return StreamId::Parse(one.text()).value_or(StreamId{});
      }
      next = one.text() == "last-generated-id";
    }
    return base::Error(base::ErrorCode::kEngineError,
                       "XINFO STREAM does not tell the last id of '" + key + "'");
  }

  const SourcePlan& plan_;
  bool looked_;
  std::set<std::string> told_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace

base::Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(const SourcePlan& plan,
                                                              std::optional<std::string> restored) {
  StateReader in(restored ? std::string_view(*restored) : std::string_view("0 "));
  const std::int64_t looked = in.Number();
  std::set<std::string> told;
  while (!in.at_end()) {
    told.emplace(in.Text());
  }
  if (!in.done() || looked < 0 || looked > 1) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "this does not say which keys of a Redis server were found");
  }
  return std::make_unique<RedisEnumerator>(plan, looked == 1, std::move(told));
}

}  // namespace streampark::connectors::redis
