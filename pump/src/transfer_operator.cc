// SPDX-License-Identifier: Apache-2.0
#include "transfer_operator.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "streampark/base/log.h"
#include "streampark/connectors/state_bytes.h"
#include "streampark/core/row_text.h"

namespace streampark::pump {
namespace {

using connectors::SplitWriter;

constexpr const char* kSplits = "splits";
/// Whether the rows of all others are there.
constexpr base::Millis kLookAgain{200};
constexpr base::Millis kFirstPause{100};
constexpr base::Millis kLongestPause{30'000};
/// So often in a row before the attempt fails, and the job's own policy counts.
constexpr int kMostFailures = 8;

}  // namespace

void WrittenRows::AppendText(std::size_t i, std::string& out) const {
  core::AppendJsonText(DebugText(*batch_, static_cast<std::int64_t>(i)), out);
}

void TransferOperator::Open(core::OperatorContext& context) {
  context_ = &context;
  for (const auto bytes : context.restored().Elements(kSplits)) {
    connectors::StateReader in(bytes);
    connectors::Split split;
    split.id = in.Text();
    split.position.version = static_cast<std::uint16_t>(in.Number());
    split.position.bytes = in.Text();
    if (!in.done()) {
      throw core::TaskFailure(base::Error(base::ErrorCode::kSnapshotInvalid,
                                          "A part of a table is cut short in the checkpoint."));
    }
    in_hand_.push_back(std::move(split));
  }
  if (in_hand_.empty()) {
    context.WantSplit();
  }
}

void TransferOperator::AddSplits(std::vector<connectors::Split> splits, More more) {
  complete_ = complete_ || more == More::kComplete;
  std::ranges::move(splits, std::back_inserter(in_hand_));
}

void TransferOperator::Snapshot(core::OperatorSnapshot& into) {
  for (const connectors::Split& split : in_hand_) {
    into.AddElement(kSplits, core::Redistribution::kSplit,
                    connectors::StateWriter()
                        .Text(split.id)
                        .Number(split.position.version)
                        .Text(split.position.bytes)
                        .Take());
  }
}

void TransferOperator::Close() { GiveUp(); }

void TransferOperator::WakeUp() {
  const std::lock_guard lock(mutex_);
  wake_ = true;
  woken_.notify_one();
  if (waker_ != nullptr) {
    waker_->WakeUp();
  }
}

void TransferOperator::WaitFor(base::Millis patience) {
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, patience, [this] { return wake_; });
  wake_ = false;
}

core::SourceOperator::Progress TransferOperator::Poll(base::Millis patience) {
  if (retry_at_) {
    const auto left = std::chrono::ceil<base::Millis>(*retry_at_ - context_->clock().SteadyNow());
    if (left > base::Millis(0)) {
      WaitFor(std::min(patience, left));
      return Progress::kNothing;
    }
    retry_at_.reset();
  }
  if (in_hand_.empty()) {
    if (complete_) {
      return Progress::kEnd;
    }
    WaitFor(patience);
    return Progress::kNothing;
  }
  auto moved = Move(patience);
  return moved.ok() ? *moved : Failed(std::move(moved).error(), patience);
}

base::Result<core::SourceOperator::Progress> TransferOperator::Move(base::Millis patience) {
  if (!reading_ && SP_TRY(TableSplit::From(in_hand_.front())).table.table.empty()) {
    return Finish(patience);
  }
  if (!reading_ && !SP_TRY(Begin())) {
    Ended();
    return Progress::kRows;
  }
  reading_ = true;
  auto read = SP_TRY(way_.reader->Read(patience));
  for (auto& record : read.dirty) {
    if (way_.transform) {
      way_.transform->Hide(record);
    }
  }
  TakeDirty(read.dirty);
  const bool rows = read.batch != nullptr && read.batch->length > 0;
  if (rows) {
    SP_TRY(Write(*read.batch));
    way_.reader->Recycle(std::move(read.batch));
  }
  if (!read.ended.empty()) {
    SP_TRY(way_.writer->Commit(split_, SplitWriter::Reached::kEnd));
    Ended();
    return Progress::kRows;
  }
  return rows ? Progress::kRows : Progress::kNothing;
}

base::Result<core::SourceOperator::Progress> TransferOperator::Finish(base::Millis patience) {
  if (in_hand_.size() > 1) {  // rows first
    std::ranges::rotate(in_hand_, in_hand_.begin() + 1);
    return Progress::kNothing;
  }
  GiveUp();  // the table before: its readers and writers may hold locks
  switch (SP_TRY(transfers_->FinishNext(context_->lineage()))) {
    case Transfers::Finish::kRowsAreComing:
      retry_at_ = context_->clock().SteadyNow() + kLookAgain;
      WaitFor(std::min(patience, kLookAgain));
      break;
    case Transfers::Finish::kGoesOn:
      failures_ = 0;
      break;
    case Transfers::Finish::kDone:
      Ended();
      break;
  }
  return Progress::kNothing;
}

base::Result<bool> TransferOperator::Begin() {
  auto [table, split] = SP_TRY(TableSplit::From(in_hand_.front()));
  const auto transfer = SP_TRY(transfers_->Get(table));
  SP_TRY(TakeWay(transfer, by_columns_ ? RowForm::kColumns : transfer->plan().form));
  auto kept = SP_TRY(way_.writer->Begin(split));
  split_ = std::move(kept.split);
  if (kept.ended) {
    return false;
  }
  SP_TRY(way_.reader->Add({split_}));
  return true;
}

base::Status TransferOperator::TakeWay(const std::shared_ptr<Transfer>& transfer, RowForm form) {
  if (way_.transfer == transfer && way_.form == form && way_.reader && way_.writer) {
    return base::Ok();
  }
  GiveUp();
  const auto source = SP_TRY(transfer->source(form));
  const auto sink = SP_TRY(transfer->sink(form));
  Way way{.transfer = transfer, .form = form, .reader = nullptr, .writer = nullptr};
  way.writer = SP_TRY(sink->MakeSplitWriter(
      {.lineage = context_->lineage(), .sink = transfers_->job(), .part = transfer->plan().part}));
  way.reader = SP_TRY(source->MakeReader(context_->subtask()));
  way.transform = SP_TRY(transfer->plan().MakeTransform());
  way_ = std::move(way);
  const std::lock_guard lock(mutex_);
  waker_ = way_.reader.get();
  return base::Ok();
}

base::Status TransferOperator::Write(connectors::Batch& batch) {
  connectors::Batch* rows = &batch;
  if (way_.transform) {
    std::vector<connectors::DirtyRecord> dirty;
    rows = &way_.transform->Apply(batch, way_.transfer->plan().schema, dirty);
    TakeDirty(dirty);
    if (rows->length == 0) {
      return base::Ok();
    }
  }
  TakeDirty(SP_TRY(way_.writer->Write(*rows)));
  WrittenRows written(*rows);
  context_->output().Emit(written);
  return base::Ok();
}

void TransferOperator::TakeDirty(const std::vector<connectors::DirtyRecord>& records) {
  for (const auto& record : records) {
    dirty_->Take(context_->name(), record);
  }
}

void TransferOperator::Ended() {
  in_hand_.pop_front();
  reading_ = false;
  by_columns_ = false;
  failures_ = 0;
  if (in_hand_.empty()) {
    context_->WantSplit();
  }
}

void TransferOperator::GiveUp() {
  {
    const std::lock_guard lock(mutex_);
    waker_ = nullptr;
  }
  if (way_.writer) {
    way_.writer->Abandon();
  }
  way_ = {};
  reading_ = false;
}

core::SourceOperator::Progress TransferOperator::Failed(base::Error error, base::Millis patience) {
  const bool copied = way_.transfer != nullptr && way_.form == RowForm::kCopied;
  GiveUp();
  if (copied && error.code() == base::ErrorCode::kValidationFailed) {
    by_columns_ = true;
    base::LogInfo("rows are refused as they were copied; this part is brought once more by columns",
                  {{"operator", context_->name()}, {"error", error}});
    return Progress::kRows;
  }
  if (!error.retryable() || ++failures_ > kMostFailures) {
    throw core::TaskFailure(std::move(error));
  }
  const auto pause = std::min(kFirstPause * (1 << (failures_ - 1)), kLongestPause);
  retry_at_ = context_->clock().SteadyNow() + pause;
  base::LogWarn("a part of a table could not be brought; it is tried again",
                {{"operator", context_->name()},
                 {"subtask", context_->subtask()},
                 {"pause_ms", pause.count()},
                 {"error", error}});
  WaitFor(std::min(patience, pause));
  return Progress::kNothing;
}

}  // namespace streampark::pump
