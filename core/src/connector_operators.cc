// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/connector_operators.h"

#include <algorithm>

#include "streampark/base/log.h"
#include "streampark/core/bytes.h"

namespace streampark::core {

namespace {

constexpr const char* kSplits = "splits";
constexpr const char* kWriter = "writer";
constexpr base::Millis kFirstPause{100};
constexpr base::Millis kLongestPause{30'000};

void OrFail(base::Status status) {
  if (!status.ok()) {
    throw TaskFailure(std::move(status).error());
  }
}

template <typename T>
T OrFail(base::Result<T> result) {
  if (!result.ok()) {
    throw TaskFailure(std::move(result).error());
  }
  return std::move(result).value();
}

std::string ToBytes(const connectors::Split& split) {
  ByteWriter out;
  out.Text(split.id);
  out.Fixed(split.position.version);
  out.Text(split.position.bytes);
  return out.Take();
}

connectors::Split ToSplit(std::string_view bytes) {
  ByteReader in(bytes);
  connectors::Split split;
  split.id = in.Text();
  split.position.version = in.Fixed<std::uint16_t>();
  split.position.bytes = in.Text();
  if (in.failed()) {
    throw TaskFailure(base::Error(base::ErrorCode::kSnapshotInvalid,
                                  "The position of a split is cut short in the checkpoint."));
  }
  return split;
}

}  // namespace

void SplitSource::Open(OperatorContext& context) {
  context_ = &context;
  for (const auto bytes : context.restored().Elements(kSplits)) {
    unread_.push_back(ToSplit(bytes));
  }
  in_hand_ = unread_.size();
  MakeReader();
  if (in_hand_ == 0) {
    context_->WantSplit();
  }
}

bool SplitSource::MakeReader() {
  auto made = source_->MakeReader(context_->subtask());
  if (!made.ok()) {
    if (!made.error().retryable()) {
      throw TaskFailure(std::move(made).error());
    }
    Failed(std::move(made).error(), base::Millis(0));
    return false;
  }
  const std::lock_guard lock(reader_mutex_);
  reader_ = std::move(made).value();
  return true;
}

void SplitSource::WakeUp() {
  {
    const std::lock_guard lock(mutex_);
    wake_ = true;
  }
  woken_.notify_one();
  const std::lock_guard lock(reader_mutex_);
  if (reader_) {
    reader_->WakeUp();
  }
}

void SplitSource::WaitFor(base::Millis patience) {
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, patience, [this] { return wake_; });
  wake_ = false;
}

void SplitSource::AddSplits(std::vector<connectors::Split> splits, More more) {
  in_hand_ += splits.size();
  complete_ = complete_ || more == More::kComplete;
  unread_.insert(unread_.end(), std::make_move_iterator(splits.begin()),
                 std::make_move_iterator(splits.end()));
}

SourceOperator::Progress SplitSource::Failed(base::Error error, base::Millis patience) {
  if (!error.retryable()) {
    throw TaskFailure(std::move(error));
  }
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  retry_at_ = context_->clock().SteadyNow() + pause_;
  base::LogWarn("a source cannot be read; it is tried again", {{"operator", context_->name()},
                                                               {"subtask", context_->subtask()},
                                                               {"pause_ms", pause_.count()},
                                                               {"error", error}});
  WaitFor(std::min(patience, pause_));
  return Progress::kNothing;
}

SourceOperator::Progress SplitSource::Poll(base::Millis patience) {
  if (retry_at_) {
    const auto left = std::chrono::ceil<base::Millis>(*retry_at_ - context_->clock().SteadyNow());
    if (left > base::Millis(0)) {
      WaitFor(std::min(patience, left));
      return Progress::kNothing;
    }
    retry_at_.reset();
  }
  if (!reader_ && !MakeReader()) {
    return Progress::kNothing;
  }
  if (!unread_.empty()) {
    auto added = reader_->Add(unread_);
    if (!added.ok()) {
      return Failed(std::move(added).error(), patience);
    }
    unread_.clear();
  }
  if (complete_ && in_hand_ == 0) {
    return Progress::kEnd;
  }
  auto read = reader_->Read(patience);
  if (!read.ok()) {
    return Failed(std::move(read).error(), patience);
  }
  pause_ = base::Millis(0);
  for (const auto& record : read->dirty) {
    dirty_->Take(context_->name(), record);
  }
  if (read->waiting) {
    context_->TellWaiting(*read->waiting);
  }
  const bool rows = read->batch != nullptr && read->batch->length > 0;
  if (rows) {
    Deliver(*read->batch, read->split);
  }
  if (read->watermark) {
    Promised(read->split, read->watermark->time_since_epoch().count());
  }
  if (read->batch != nullptr) {
    reader_->Recycle(std::move(read->batch));
  }
  for (const auto& split : read->ended) {
    --in_hand_;
    SplitEnded(split);
  }
  if (!read->ended.empty() && in_hand_ == 0) {
    context_->WantSplit();
  }
  if (!rows && !read->watermark && read->ended.empty()) {
    NothingCame();
    return Progress::kNothing;
  }
  return Progress::kRows;
}

void SplitSource::Snapshot(OperatorSnapshot& into) {
  auto splits = reader_ ? reader_->Snapshot() : std::vector<connectors::Split>{};
  splits.insert(splits.end(), unread_.begin(), unread_.end());
  for (const auto& split : splits) {
    into.AddElement(kSplits, Redistribution::kSplit, ToBytes(split));
  }
  unacknowledged_[into.checkpoint] = std::move(splits);
}

void SplitSource::CheckpointCompleted(std::uint64_t checkpoint) {
  const auto found = unacknowledged_.find(checkpoint);
  if (found != unacknowledged_.end() && reader_) {
    if (const auto told = reader_->Acknowledge(found->second); !told.ok()) {
      base::LogWarn("a source could not be told what is committed",
                    {{"operator", context_->name()}, {"error", told.error()}});
    }
  }
  unacknowledged_.erase(unacknowledged_.begin(), unacknowledged_.upper_bound(checkpoint));
}

void WriterSink::Open(OperatorContext& context) {
  OneInputOperator::Open(context);
  std::string restored;
  for (const auto bytes : context.restored().Elements(kWriter)) {
    ByteReader in(bytes);
    const auto subtask = in.Fixed<std::int32_t>();
    const auto parallelism = in.Fixed<std::int32_t>();
    if (subtask == context.subtask() && parallelism == context.parallelism()) {
      restored = in.Text();
    }
  }
  writer_ = OrFail(sink_->MakeWriter(
      {.lineage = context.lineage(), .sink = context.name(), .subtask = context.subtask()},
      std::move(restored)));
}

void WriterSink::Write(const connectors::Batch& batch) {
  for (const auto& record : OrFail(writer_->Write(batch))) {
    dirty_->Take(context().name(), record);
  }
}

void WriterSink::Flush() {
  WriteRows();
  OrFail(writer_->Flush());
}

void WriterSink::Snapshot(OperatorSnapshot& into) {
  WriteRows();
  into.committables = OrFail(writer_->Prepare(into.checkpoint));
  ByteWriter out;
  out.Fixed(static_cast<std::int32_t>(context().subtask()));
  out.Fixed(static_cast<std::int32_t>(context().parallelism()));
  out.Text(writer_->Snapshot());
  into.AddElement(kWriter, Redistribution::kUnion, out.Take());
}

}  // namespace streampark::core
