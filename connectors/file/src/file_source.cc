// SPDX-License-Identifier: Apache-2.0
#include "file_source.h"

#include <algorithm>
#include <deque>
#include <set>

#include "streampark/connectors/state_bytes.h"
#include "streampark/connectors/wake_up.h"

namespace streampark::connectors::file {
namespace {

/// Knows each file that it told by its path for as long as the job lives: one that is put there again is not read again.
class FileEnumerator final : public SplitEnumerator {
 public:
  FileEnumerator(const SourcePlan& plan, std::set<std::string> told)
      : plan_(plan), told_(std::move(told)) {}

  base::Result<Discovery> Discover(std::stop_token stop) override {
    Discovery found{.splits = {}, .complete = !plan_.watch};
    for (const auto& file : SP_TRY(plan_.reading.store->List(plan_.pattern, std::move(stop)))) {
      // An empty file has nothing yet: it is looked at again.
      if (file.size > 0 && told_.insert(file.path).second) {
        AddSplits(file, found.splits);
      }
    }
    return found;
  }

  std::string Snapshot() const override {
    StateWriter out;
    for (const std::string& path : told_) {
      out.Text(path);
    }
    return out.Take();
  }

 private:
  void AddSplits(const FileStore::Found& file, std::vector<Split>& to) const {
    SplitPlace place{.path = file.path, .size = file.size};
    const bool ranges =
        plan_.splits_in_ranges && plan_.reading.compression_of(file.path) == Compression::kNone;
    if (!ranges || file.size <= plan_.split_size) {
      place.end = ranges ? file.size : SplitPlace::kToTheEnd;
      to.push_back({file.path, place.ToPosition()});
      return;
    }
    for (; place.begin < file.size; place.begin = place.end) {
      place.end = std::min(place.begin + plan_.split_size, file.size);
      to.push_back({std::to_string(place.begin) + ":" + file.path, place.ToPosition()});
    }
  }

  const SourcePlan& plan_;
  std::set<std::string> told_;
};

/// Reads its splits one after another.
class FileReader final : public SplitReader {
 public:
  explicit FileReader(const ReadPlan& plan) : plan_(plan), rows_(plan.schema) {}

  base::Status Add(std::vector<Split> splits) override {
    std::vector<InHand> added;
    for (Split& split : splits) {
      auto place = SP_TRY(SplitPlace::From(split.position));
      added.push_back({std::move(split.id), std::move(place)});
    }
    splits_.insert(splits_.end(), std::make_move_iterator(added.begin()),
                   std::make_move_iterator(added.end()));
    return base::Ok();
  }

  base::Result<Rows> Read(base::Millis patience) override {
    Rows read;
    if (splits_.empty()) {
      wake_up_.WaitFor(patience);
      return read;
    }
    InHand& split = splits_.front();
    if (!file_) {
      file_ = SP_TRY(SplitFile::Open(plan_, split.place, rows_));
    }
    auto rows = file_->Read(read.dirty);
    if (!rows.ok()) {
      file_.reset();
      return std::move(rows).error();
    }
    read.batch = std::move(rows).value();
    split.place = file_->place();
    read.split = split.id;
    if (file_->ended()) {
      read.ended.push_back(std::move(split.id));
      file_.reset();
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
  void WakeUp() override { wake_up_.Ring(); }
  void Recycle(std::unique_ptr<Batch> batch) override {
    if (!plan_.file_decoder) {  // whose batches borrow from it
      rows_.Recycle(std::move(batch));
    }
  }

 private:
  struct InHand {
    std::string id;
    SplitPlace place;
  };

  const ReadPlan& plan_;
  std::deque<InHand> splits_;
  BatchBuilder rows_;
  std::unique_ptr<SplitFile> file_;  // of the first
  WakeUpCall wake_up_;
};

class FileSource final : public Source {
 public:
  explicit FileSource(SourcePlan plan) : plan_(std::move(plan)) {}

  SchemaPtr schema() const override { return plan_.reading.schema; }
  Boundedness boundedness() const override {
    return plan_.watch ? Boundedness::kUnbounded : Boundedness::kBounded;
  }
  std::optional<base::Millis> discovery_interval() const override { return plan_.watch; }

  base::Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      std::optional<std::string> restored) override {
    std::set<std::string> told;
    StateReader in(restored ? std::string_view(*restored) : std::string_view());
    while (!in.at_end()) {
      told.emplace_hint(told.end(), in.Text());
    }
    if (in.failed()) {
      return base::Error(base::ErrorCode::kSnapshotInvalid, "this is no list of files");
    }
    return std::make_unique<FileEnumerator>(plan_, std::move(told));
  }
  base::Result<std::unique_ptr<SplitReader>> MakeReader(int /*subtask*/) override {
    return std::make_unique<FileReader>(plan_.reading);
  }

 private:
  const SourcePlan plan_;
};

}  // namespace

std::unique_ptr<Source> MakeFileSource(SourcePlan plan) {
  return std::make_unique<FileSource>(std::move(plan));
}

}  // namespace streampark::connectors::file
