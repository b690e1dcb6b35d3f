// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "entry_rows.h"
#include "source_plan.h"
#include "split_place.h"

/// Reads streams that never end by one question over all of them:
///
///   asked nothing ──XREAD BLOCK──► waiting ──an answer──► giving out, a batch a stream ──► asked nothing
///                                   │    ▲
///                                   └────┘ patience is over, or WakeUp: Read returns, and the next one waits on
///
/// Whatever fails drops the connection and the question; positions are those of rows that were given out.
namespace streampark::connectors::redis {
namespace {

using std::chrono::steady_clock;

constexpr base::Millis kBlock{
    1'000};  // the longest that new splits wait for a question of their own

class StreamReader final : public SplitReader {
 public:
  StreamReader(const SourcePlan& plan, std::unique_ptr<EntryRows> rows)
      : plan_(plan), rows_(std::move(rows)), page_rows_(plan.batch_rows) {}

  base::Status Add(std::vector<Split> splits) override {
    std::vector<SplitPlace> added;
    for (const Split& split : splits) {
      added.push_back(SP_TRY(SplitPlace::From(split.position)));
      if (added.back().type != KeyType::kStream || added.back().last) {
        return base::Error(
                   base::ErrorCode::kSnapshotInvalid,
                   "the position '" + split.position.bytes + "' is not of a stream without an end")
            .WithHint("the options 'type' or 'end' were changed: start from nothing");
      }
    }
    std::ranges::move(added, std::back_inserter(splits_));
    return base::Ok();
  }

  base::Result<Rows> Read(base::Millis patience) override {
    Rows read;
    if (splits_.empty()) {
      alarm_.WaitFor(patience);
      return read;
    }
    if (auto done = ReadOn(patience, read); !done.ok()) {
      // What was decoded is at no position: whoever tries again gets it again.
      rows_->Recycle(rows_->Finish());
      Forget();
      if (done.error().code() != base::ErrorCode::kPayloadTooLarge || page_rows_ == 1) {
        return std::move(done).error().Annotate(plan_.server.ToString());
      }
      page_rows_ = (page_rows_ + 1) / 2;
      return Rows{};
    }
    return read;
  }

  std::vector<Split> Snapshot() const override {
    std::vector<Split> splits;
    for (const SplitPlace& place : splits_) {
      splits.push_back({place.Id(), place.ToPosition()});
    }
    return splits;
  }
  base::Status Acknowledge(const std::vector<Split>& /*positions*/) override { return base::Ok(); }
  void WakeUp() override { alarm_.Ring(); }
  void Recycle(std::unique_ptr<Batch> batch) override { rows_->Recycle(std::move(batch)); }

 private:
  void Forget() {
    connection_.reset();
    answer_.reset();
    deadline_.reset();
  }

  base::Status ReadOn(base::Millis patience, Rows& read) {
    const auto until = steady_clock::now() + patience;
    while (!answer_) {
      if (!deadline_) {
        SP_TRY(Ask());
      }
      answer_ = SP_TRY(connection_->ReceiveUntil(std::min(until, *deadline_), &alarm_));
      if (!answer_ && steady_clock::now() >= *deadline_) {
        return base::Error(
            base::ErrorCode::kClusterUnreachable,
            "the server did not answer within " + base::FormatDuration(plan_.server.timeout));
      }
      if (!answer_) {
        return base::Ok();
      }
      deadline_.reset();
      if (answer_->is_error()) {
        return ErrorOf(answer_->text());
      }
      if (!answer_->is_null() && answer_->size() == 0) {
        return base::Error(base::ErrorCode::kEngineError, "XREAD was answered by something else");
      }
      next_ = answer_->begin();
      if (answer_->is_null()) {  // nothing came while it waited
        answer_.reset();
        if (steady_clock::now() >= until) {
          return base::Ok();
        }
      }
    }
    return TakeStream(read);
  }

  base::Status Ask() {
    SP_TRY(Connection::Ensure(plan_.server, Use::kRead, connection_));
    std::string command;
    BeginCommand(6 + 2 * splits_.size(), command);
    for (const std::string_view word : {std::string_view("XREAD"), std::string_view("COUNT")}) {
      AppendWord(word, command);
    }
    AppendWord(std::to_string(page_rows_), command);
    AppendWord("BLOCK", command);
    AppendWord(std::to_string(kBlock.count()), command);
    AppendWord("STREAMS", command);
    for (const SplitPlace& place : splits_) {
      AppendWord(place.name, command);
    }
    for (const SplitPlace& place : splits_) {
      AppendWord(place.after.ToString(), command);
    }
    SP_TRY(connection_->Send(command));
    deadline_ = steady_clock::now() + kBlock + plan_.server.timeout;
    return base::Ok();
  }

  /// The next stream of the answer.
  base::Status TakeStream(Rows& read) {
    const Reply stream = **next_;
    const auto place = std::ranges::find_if(splits_, [&](const SplitPlace& one) {
      return stream.size() == 2 && one.name == stream[0].text();
    });
    if (place == splits_.end()) {
      return base::Error(base::ErrorCode::kEngineError,
                         "XREAD was answered by streams that were not asked for");
    }
    StreamId after = place->after;
    for (const Reply one : stream[1]) {
      after = SP_TRY(AppendEntry(place->name, one, *rows_, read.dirty));
    }
    place->after = after;
    read.split = place->Id();
    if (rows_->length() > 0) {
      read.batch = rows_->Finish();
    }
    if (++*next_ == answer_->end()) {
      answer_.reset();
    }
    return base::Ok();
  }

  const SourcePlan& plan_;
  const std::unique_ptr<EntryRows> rows_;
  std::int64_t page_rows_;  // fewer once an answer was too large
  std::vector<SplitPlace> splits_;
  std::unique_ptr<Connection> connection_;
  std::optional<base::SteadyTime> deadline_;  // of the answer that is waited for
  std::optional<Reply> answer_;               // that is given out
  std::optional<Reply::Iterator> next_;
  wire::Alarm alarm_;
};

}  // namespace

base::Result<std::unique_ptr<SplitReader>> MakeStreamReader(const SourcePlan& plan) {
  return std::make_unique<StreamReader>(plan, SP_TRY(EntryRows::Make(plan.columns)));
}

}  // namespace streampark::connectors::redis
