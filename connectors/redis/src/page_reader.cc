// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>
#include <utility>

#include "entry_rows.h"
#include "source_plan.h"
#include "split_place.h"

/// Reads splits that end, a page at a time; a batch is what a page has, and a position is between two pages:
///
/// | type         | a page                                                                |
/// |--------------|-----------------------------------------------------------------------|
/// | stream       | XRANGE from the next id on                                            |
/// | list         | LRANGE from the next index on                                         |
/// | hash, string | SCAN from the cursor on, then HGETALL or GET of each key that it gave |
namespace streampark::connectors::redis {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kKeysAtOnce = 128;  // whose values wait at the server together

class PageReader final : public SplitReader {
 public:
  PageReader(const SourcePlan& plan, std::unique_ptr<EntryRows> rows)
      : plan_(plan), rows_(std::move(rows)), page_rows_(plan.batch_rows) {}

  base::Status Add(std::vector<Split> splits) override {
    std::vector<InHand> added;
    for (Split& split : splits) {
      auto place = SP_TRY(SplitPlace::From(split.position));
      if (place.type != plan_.type || (place.type == KeyType::kStream && !place.last)) {
        return base::Error(base::ErrorCode::kSnapshotInvalid,
                           "the position '" + split.position.bytes + "' is not of a " +
                               std::string(ToString(plan_.type)) + " that ends")
            .WithHint("the options 'type' or 'end' were changed: start from nothing");
      }
      added.push_back({std::move(split.id), std::move(place)});
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
    const auto until = steady_clock::now() + patience;
    InHand& split = splits_.front();
    read.split = split.id;
    bool ended = false;
    do {
      SplitPlace place = split.place;
      auto page = ReadPage(place, read.dirty);
      if (!page.ok()) {
        // What was decoded is at no position: whoever tries again gets it again.
        rows_->Recycle(rows_->Finish());
        read.dirty.clear();
        connection_.reset();
        if (page.error().code() == base::ErrorCode::kPayloadTooLarge && page_rows_ > 1) {
          page_rows_ = (page_rows_ + 1) / 2;
          continue;
        }
        return std::move(page).error().Annotate(plan_.server.ToString() + ", " + split.id);
      }
      split.place = std::move(place);
      ended = *page;
    } while (rows_->length() == 0 && read.dirty.empty() && !ended && steady_clock::now() < until &&
             !alarm_.Take());
    if (rows_->length() > 0) {
      read.batch = rows_->Finish();
    }
    if (ended) {
      read.ended.push_back(std::move(split.id));
      splits_.pop_front();
    }
    return read;
  }

  std::vector<Split> Snapshot() const override {
    std::vector<Split> splits;
    for (const InHand& split : splits_) {
      splits.push_back({split.id, split.place.ToPosition()});
    }
    return splits;
  }
  base::Status Acknowledge(const std::vector<Split>& /*positions*/) override { return base::Ok(); }
  void WakeUp() override { alarm_.Ring(); }
  void Recycle(std::unique_ptr<Batch> batch) override { rows_->Recycle(std::move(batch)); }

 private:
  struct InHand {
    std::string id;
    SplitPlace place;
  };

  /// Whether it was the last one.
  base::Result<bool> ReadPage(SplitPlace& place, std::vector<DirtyRecord>& dirty) {
    SP_TRY(Connection::Ensure(plan_.server, Use::kRead, connection_));
    switch (place.type) {
      case KeyType::kStream:
        return ReadStream(place, dirty);
      case KeyType::kList:
        return ReadList(place, dirty);
      case KeyType::kHash:
      case KeyType::kString:
        break;
    }
    return ReadKeys(place, dirty);
  }

  base::Result<bool> ReadStream(SplitPlace& place, std::vector<DirtyRecord>& dirty) {
    if (place.after >= *place.last) {
      return true;
    }
    const Reply page =
        SP_TRY(connection_->Call({"XRANGE", place.name, place.after.Next().ToString(),
                                  place.last->ToString(), "COUNT", std::to_string(page_rows_)}));
    for (const Reply one : page) {
      place.after = SP_TRY(AppendEntry(place.name, one, *rows_, dirty));
    }
    return static_cast<std::int64_t>(page.size()) < page_rows_ || place.after >= *place.last;
  }

  base::Result<bool> ReadList(SplitPlace& place, std::vector<DirtyRecord>& dirty) {
    const std::int64_t count = std::min(page_rows_, place.length - place.next);
    if (count == 0) {
      return true;
    }
    const Reply page = SP_TRY(connection_->Call({"LRANGE", place.name, std::to_string(place.next),
                                                 std::to_string(place.next + count - 1)}));
    if (static_cast<std::int64_t>(page.size()) != count) {
      return base::Error(base::ErrorCode::kIllegalState,
                         "the list became shorter than the " + std::to_string(place.length) +
                             " elements that it had when it was found")
          .WithHint(
              "a list is read by its indexes: while it is read nothing may be taken from it, "
              "and additions belong at its right end");
    }
    for (const Reply one : page) {
      Append({.key = place.name, .index = place.next, .value = one.text()},
             place.name + " at " + std::to_string(place.next), dirty);
      ++place.next;
    }
    return place.next == place.length;
  }

  base::Result<bool> ReadKeys(SplitPlace& place, std::vector<DirtyRecord>& dirty) {
    std::vector<std::string> keys;
    {
      const Reply page = SP_TRY(
          connection_->Call({"SCAN", std::to_string(place.cursor), "MATCH", place.name, "COUNT",
                             std::to_string(page_rows_), "TYPE", ToString(place.type)}));
      const auto cursor = page.size() == 2 ? StreamId::Parse(page[0].text()) : std::nullopt;
      if (!cursor) {
        return base::Error(base::ErrorCode::kEngineError, "SCAN was answered by something else");
      }
      place.cursor = cursor->millis;
      for (const Reply key : page[1]) {
        keys.emplace_back(key.text());
      }
    }
    for (std::size_t first = 0; first < keys.size(); first += kKeysAtOnce) {
      const std::size_t last = std::min(first + kKeysAtOnce, keys.size());
      SP_TRY(ReadValues(place.type, std::span(keys).subspan(first, last - first), dirty));
    }
    return place.cursor == 0;
  }

  base::Status ReadValues(KeyType type, std::span<const std::string> keys,
                          std::vector<DirtyRecord>& dirty) {
    std::string commands;
    for (const std::string& key : keys) {
      AppendCommand({type == KeyType::kHash ? "HGETALL" : "GET", key}, commands);
    }
    SP_TRY(connection_->Send(commands));
    for (const std::string& key : keys) {
      const Reply value = SP_TRY(connection_->Receive());
      if (value.is_error() && !value.text().starts_with("WRONGTYPE")) {
        return ErrorOf(value.text());
      }
      // Gone since SCAN saw it, or become something else.
      if (value.is_error() || value.is_null() ||
          (value.kind() == ReplyKind::kList && value.size() == 0)) {
        continue;
      }
      Entry entry{.key = key, .value = value.text()};
      if (type == KeyType::kHash) {
        entry.fields = &value;
      }
      Append(entry, key, dirty);
    }
    return base::Ok();
  }

  void Append(const Entry& entry, std::string where, std::vector<DirtyRecord>& dirty) {
    if (auto reason = rows_->Append(entry)) {
      const bool fields = entry.fields != nullptr;
      dirty.push_back({.where = std::move(where),
                       .reason = std::move(*reason),
                       .bytes = fields ? formats::CutRecord(ShownFields(*entry.fields))
                                       : formats::CutRecord(entry.value)});
    }
  }

  const SourcePlan& plan_;
  const std::unique_ptr<EntryRows> rows_;
  std::int64_t page_rows_;  // fewer once an answer was too large
  std::deque<InHand> splits_;
  std::unique_ptr<Connection> connection_;
  wire::Alarm alarm_;
};

}  // namespace

base::Result<std::unique_ptr<SplitReader>> MakePageReader(const SourcePlan& plan) {
  return std::make_unique<PageReader>(plan, SP_TRY(EntryRows::Make(plan.columns)));
}

}  // namespace streampark::connectors::redis
