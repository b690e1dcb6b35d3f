// SPDX-License-Identifier: Apache-2.0
#include "split_groups.h"

#include <algorithm>

#include "streampark/base/check.h"

namespace streampark::connectors::file {
namespace {

class StoredBytes final : public formats::FileBytes {
 public:
  StoredBytes(std::unique_ptr<FileInput> file, std::int64_t size)
      : file_(std::move(file)), size_(size) {}
  std::int64_t size() const override { return size_; }
  base::Result<std::size_t> ReadAt(std::int64_t offset, char* to, std::size_t room) override {
    return file_->ReadAt(offset, to, room);
  }

 private:
  std::unique_ptr<FileInput> file_;
  std::int64_t size_;
};

class SplitGroups final : public SplitFile {
 public:
  explicit SplitGroups(SplitPlace place) : SplitFile(std::move(place)) {}

  base::Status Begin(const ReadPlan& plan) {
    auto input = SP_TRY(plan.store->Open(place_.path));
    const auto size = SP_TRY(input->Size());
    if (size != place_.size) {  // its index stands at its end
      return FileHasChanged(place_, size);
    }
    rows_ = SP_TRY(plan.file_decoder->Open(std::make_unique<StoredBytes>(std::move(input), size),
                                           {.rows = plan.batch_rows}));
    const auto& groups = rows_->groups();
    const auto before = [](const formats::RowGroups::Group& group, std::int64_t byte) {
      return group.begin < byte;
    };
    auto group = std::lower_bound(groups.begin(), groups.end(), place_.begin, before);
    const auto end = place_.end == SplitPlace::kToTheEnd
                         ? groups.end()
                         : std::lower_bound(group, groups.end(), place_.end, before);
    std::int64_t row = 0;
    for (auto earlier = groups.begin(); earlier != group; ++earlier) {
      row += earlier->rows;
    }
    end_ = row;
    for (auto own = group; own != end; ++own) {
      end_ += own->rows;
    }
    if (place_.next == SplitPlace::kNotBegun) {
      place_.next = row;
    }
    if (place_.next < row || place_.next > end_) {
      return base::Error(base::ErrorCode::kSnapshotInvalid,
                         "row " + std::to_string(place_.next) + " is none of the split's");
    }
    for (; group != end && row + group->rows <= place_.next; ++group) {
      row += group->rows;
    }
    ended_ = group == end;
    return ended_
               ? base::Ok()
               : rows_->Select(static_cast<std::size_t>(group - groups.begin()),
                               static_cast<std::size_t>(end - groups.begin()), place_.next - row);
  }

  base::Result<std::unique_ptr<Batch>> Read(std::vector<DirtyRecord>& dirty) override {
    if (ended_) {
      return nullptr;
    }
    auto read = rows_->Read();
    if (!read.ok()) {
      return Annotated(std::move(read).error());
    }
    for (auto& refused : read->refused) {
      dirty.push_back({.where = Where(place_.next + refused.row),
                       .reason = std::move(refused.reason),
                       .bytes = std::move(refused.text)});
    }
    place_.next += read->count;
    place_.records += read->count;
    SP_CHECK(read->count > 0);
    ended_ = place_.next >= end_;
    return std::move(read->batch);
  }

  base::Error Annotated(base::Error error) const {
    return std::move(error).Annotate(place_.next == SplitPlace::kNotBegun ? place_.path
                                                                          : Where(place_.next));
  }

 private:
  std::string Where(std::int64_t row) const {
    return place_.path + ", row " + std::to_string(row + 1);
  }

  std::unique_ptr<formats::RowGroups> rows_;
  std::int64_t end_ = 0;  // the row after the split's last
};

}  // namespace

base::Result<std::unique_ptr<SplitFile>> OpenSplitGroups(const ReadPlan& plan, SplitPlace place) {
  auto file = std::make_unique<SplitGroups>(std::move(place));
  if (auto begun = file->Begin(plan); !begun.ok()) {
    return file->Annotated(std::move(begun).error());
  }
  return file;
}

}  // namespace streampark::connectors::file
