// SPDX-License-Identifier: Apache-2.0
#include "transfers.h"

#include <utility>

#include "streampark/base/log.h"
#include "streampark/connectors/overwriting_ledger.h"
#include "streampark/connectors/state_bytes.h"

namespace streampark::pump {

using connectors::Split;
using connectors::TableId;

base::Result<connectors::Source*> Transfer::source(RowForm form) {
  const std::lock_guard lock(mutex_);
  auto& made = ends_[form].source;
  if (!made) {
    made = SP_TRY(planner_.MakeSource(plan_, form));
  }
  return made.get();
}

base::Result<connectors::Sink*> Transfer::sink(RowForm form) {
  const std::lock_guard lock(mutex_);
  auto& made = ends_[form].sink;
  if (!made) {
    made = SP_TRY(planner_.MakeSink(plan_, form));
  }
  return made.get();
}

void Transfers::Renew() {
  const std::lock_guard lock(mutex_);
  made_.clear();
  planner_->Disconnect();
}

base::Result<std::vector<TableId>> Transfers::Find() {
  const std::lock_guard lock(mutex_);
  return planner_->Find();
}

base::Result<std::shared_ptr<Transfer>> Transfers::Get(const TableId& table) {
  const std::lock_guard lock(mutex_);
  auto& made = made_[{table.schema, table.table}];
  if (!made) {
    made = std::make_shared<Transfer>(*planner_, SP_TRY(planner_->Plan(table)));
  }
  return made;
}

base::Status Transfers::Prepare(const Transfer& transfer) {
  const std::lock_guard lock(mutex_);
  return planner_->Prepare(transfer.plan());
}

Split TableSplit::ToSplit() const {
  return {connectors::StateWriter().Text(table.schema).Text(table.table).Text(split.id).Take(),
          split.position};
}

base::Result<TableSplit> TableSplit::From(const Split& split) {
  connectors::StateReader in(split.id);
  TableSplit of;
  of.table.schema = in.Text();
  of.table.table = in.Text();
  of.split = {std::string(in.Text()), split.position};
  if (!in.done()) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "'" + split.id + "' is no part of a table");
  }
  return of;
}

namespace {

base::Error CannotOverwrite(const TablePlan& plan) {
  return {base::ErrorCode::kIllegalState, "the connector cannot take away what " + plan.to_name +
                                              " has: 'mode: overwrite' is not for it"};
}

class TransferEnumerator final : public connectors::SplitEnumerator {
 public:
  TransferEnumerator(std::shared_ptr<Transfers> transfers, std::string lineage, bool told)
      : transfers_(std::move(transfers)), lineage_(std::move(lineage)), told_(told) {}

  base::Result<Discovery> Discover(std::stop_token stop) override {
    Discovery found{.splits = {}, .complete = true};
    if (told_) {
      return found;
    }
    for (const TableId& table : SP_TRY(transfers_->Find())) {
      if (stop.stop_requested()) {
        return base::Error(base::ErrorCode::kCancelled, "stopped while planning");
      }
      const auto transfer = SP_TRY(transfers_->Get(table));
      for (Split& split : SP_TRY(SplitsOf(*transfer, stop))) {
        found.splits.push_back(TableSplit{table, std::move(split)}.ToSplit());
      }
    }
    told_ = true;
    return found;
  }

  std::string Snapshot() const override { return told_ ? "told" : ""; }

 private:
  /// Those that are not ended: as they were noted by whoever began, or as they are now, noted here.
  base::Result<std::vector<Split>> SplitsOf(Transfer& transfer, const std::stop_token& stop) {
    const TablePlan& plan = transfer.plan();
    SP_TRY(transfers_->Prepare(transfer));
    const auto sink = SP_TRY(transfer.sink(plan.form));
    if (plan.overwrites) {
      SP_TRY(EmptyOnce(*sink, plan));
    }
    const auto ledger = SP_TRY(
        sink->MakeSplitLedger({.lineage = lineage_, .sink = transfers_->job(), .part = plan.part}));
    std::vector<Split> splits;
    if (const auto kept = SP_TRY(ledger->Read())) {
      for (const connectors::KeptSplit& one : *kept) {
        if (!one.ended) {
          splits.push_back(one.split);
        }
      }
      base::LogInfo("a table is gone on with",
                    {{"table", plan.part}, {"parts", kept->size()}, {"left", splits.size()}});
      return splits;
    }
    const auto source = SP_TRY(transfer.source(plan.form));
    const auto enumerator = SP_TRY(source->MakeEnumerator(std::nullopt));
    splits = SP_TRY(enumerator->Discover(stop)).splits;
    SP_TRY(ledger->Plan(splits));
    base::LogInfo("a table is read",
                  {{"table", plan.part},
                   {"into", plan.to_name},
                   {"parts", splits.size()},
                   {"form", plan.form == RowForm::kCopied ? "copied" : "columns"}});
    return splits;
  }

  /// The target is noted as a part of its own: several tables may go into it, and a job that goes on has rows there.
  base::Status EmptyOnce(connectors::Sink& sink, const TablePlan& plan) const {
    const auto ledger = SP_TRY(sink.MakeSplitLedger(
        {.lineage = lineage_, .sink = transfers_->job(), .part = "overwrites " + plan.to_name}));
    if (SP_TRY(ledger->Read())) {
      return base::Ok();
    }
    const auto overwriting = dynamic_cast<connectors::OverwritingLedger*>(ledger.get());
    if (overwriting == nullptr) {
      return CannotOverwrite(plan);
    }
    SP_TRY(overwriting->PlanEmptied({Split{"emptied", {}}}));
    base::LogInfo("a target is emptied", {{"table", plan.to_name}});
    return base::Ok();
  }

  const std::shared_ptr<Transfers> transfers_;
  const std::string lineage_;
  bool told_;
};

}  // namespace

std::unique_ptr<connectors::SplitEnumerator> MakeTransferEnumerator(
    std::shared_ptr<Transfers> transfers, std::string lineage, bool told) {
  return std::make_unique<TransferEnumerator>(std::move(transfers), std::move(lineage), told);
}

}  // namespace streampark::pump
