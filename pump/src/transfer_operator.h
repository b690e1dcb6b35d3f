// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "streampark/core/connector_operators.h"
#include "streampark/core/operator.h"

#include "row_transform.h"
#include "transfers.h"

namespace streampark::pump {

/// Rows of a batch, for those who count and look: they are written already.
class WrittenRows final : public core::AnyRows {
 public:
  explicit WrittenRows(const connectors::Batch& batch) : batch_(&batch) {}
  std::size_t size() const override {
    return batch_ == nullptr ? 0 : static_cast<std::size_t>(batch_->length);
  }
  void Clear() override { batch_ = nullptr; }
  void AppendText(std::size_t i, std::string& out) const override;

 private:
  const connectors::Batch* batch_;
};

/// Brings splits from source to target, one at a time: a reader, a writer, one transaction of the target a split. An error that may pass
/// gives up the split's transaction and begins it again after a pause.
///
/// | state    | when                                            | then                                                                |
/// |----------|-------------------------------------------------|---------------------------------------------------------------------|
/// | idle     | a split is in hand                              | the target says where it stands: ended, or it is read from there    |
/// | reading  | rows                                            | written                                                             |
/// | reading  | the split's end                                 | committed with the note that it has ended; the next one is asked for |
/// | reading  | the target refuses values as they are copied    | given up, and once more by columns, which finds the row             |
/// | idle     | what follows when all rows are there is in hand | made, one statement a Poll, when the target says that they are      |
/// | any      | an error that may pass                          | given up, a pause, and once more                                    |
class TransferOperator final : public core::SourceOperator {
 public:
  TransferOperator(std::shared_ptr<Transfers> transfers, std::shared_ptr<core::DirtyRecords> dirty)
      : transfers_(std::move(transfers)), dirty_(std::move(dirty)) {}

  void Open(core::OperatorContext& context) override;
  Progress Poll(base::Millis patience) override;
  void WakeUp() override;
  void AddSplits(std::vector<connectors::Split> splits, More more) override;
  void Snapshot(core::OperatorSnapshot& into) override;
  void Close() override;

 private:
  /// What a split is read and written with. Ends are kept from split to split of one table and form.
  struct Way {
    std::shared_ptr<Transfer> transfer;
    RowForm form = RowForm::kColumns;
    std::unique_ptr<connectors::SplitReader> reader;
    std::unique_ptr<connectors::SplitWriter> writer;
    std::unique_ptr<RowTransform> transform;  // absent: rows go as they are
  };

  /// Whether it has to be read: false when the target has it.
  base::Result<bool> Begin();
  base::Result<Progress> Finish(base::Millis patience);
  base::Status TakeWay(const std::shared_ptr<Transfer>& transfer, RowForm form);
  base::Result<Progress> Move(base::Millis patience);
  base::Status Write(connectors::Batch& batch);
  void TakeDirty(const std::vector<connectors::DirtyRecord>& records);
  void Ended();
  Progress Failed(base::Error error, base::Millis patience);
  void GiveUp();
  void WaitFor(base::Millis patience);

  const std::shared_ptr<Transfers> transfers_;
  const std::shared_ptr<core::DirtyRecords> dirty_;
  core::OperatorContext* context_ = nullptr;
  std::deque<connectors::Split> in_hand_;  // of the job; the first is the one on its way
  bool complete_ = false;
  bool reading_ = false;
  bool by_columns_ = false;  // this split, whatever its table's form
  connectors::Split split_;  // of the source
  Way way_;
  int failures_ = 0;
  std::optional<base::SteadyTime> retry_at_;

  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_ = false;
  connectors::SplitReader* waker_ = nullptr;  // the reader, for WakeUp
};

}  // namespace streampark::pump
