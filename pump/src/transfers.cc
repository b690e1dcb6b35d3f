// SPDX-License-Identifier: Apache-2.0
#include "transfers.h"

#include <algorithm>
#include <set>
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
  ledger_.reset();  // goes before its sink
  made_.clear();
  planned_ = false;
  tables_.clear();
  after_load_.clear();
  ended_ = 0;
  finished_ = 0;
  planner_->Disconnect();
}

base::Result<std::vector<TableId>> Transfers::Plan(const std::string& lineage) {
  const std::lock_guard lock(mutex_);
  SP_TRY(PlanHere(lineage));
  return tables_;
}

base::Status Transfers::PlanHere(const std::string& lineage) {
  if (planned_) {
    return base::Ok();
  }
  tables_ = SP_TRY(planner_->Find());
  std::vector<TablePlan> plans;
  std::set<std::string> targets;
  for (const TableId& table : tables_) {
    TablePlan plan = SP_TRY(planner_->Plan(table));
    const bool first = targets.insert(plan.to_name).second;
    if (first && plan.target && planner_->file().create && SP_TRY(IsMade(plan, lineage))) {
      SP_TRY(planner_->PlanMade(plan));
    }
    plans.push_back(std::move(plan));
  }
  std::vector<TablePlan*> all;
  for (TablePlan& plan : plans) {
    all.push_back(&plan);
  }
  after_load_ = SP_TRY(planner_->PlanStructure(all));
  for (std::size_t i = 0; i < plans.size(); ++i) {
    // Where one is on its way already, it stays.
    made_.try_emplace({tables_[i].schema, tables_[i].table},
                      std::make_shared<Transfer>(*planner_, std::move(plans[i])));
  }
  planned_ = true;
  return base::Ok();
}

base::Result<std::shared_ptr<Transfer>> Transfers::Get(const TableId& table) {
  const std::lock_guard lock(mutex_);
  return GetHere(table);
}

base::Result<std::shared_ptr<Transfer>> Transfers::GetHere(const TableId& table) {
  auto& made = made_[{table.schema, table.table}];
  if (!made) {
    made = std::make_shared<Transfer>(*planner_, SP_TRY(planner_->Plan(table)));
  }
  return made;
}

/// Several tables may go into a target, so it is a part of its own.
connectors::SplitOwner Transfers::MakerOf(const TablePlan& plan, const std::string& lineage) const {
  return {.lineage = lineage, .sink = job(), .part = "makes " + plan.to_name};
}

base::Result<bool> Transfers::IsMade(const TablePlan& plan, const std::string& lineage) const {
  const auto sink = SP_TRY(planner_->MakeSink(plan, plan.form));
  const auto ledger = SP_TRY(sink->MakeSplitLedger(MakerOf(plan, lineage)));
  return SP_TRY(ledger->Read()).has_value();
}

base::Status Transfers::Prepare(Transfer& transfer, const std::string& lineage) {
  const TablePlan& plan = transfer.plan();
  if (!plan.made) {
    return base::Ok();
  }
  const auto sink = SP_TRY(transfer.sink(plan.form));
  const auto ledger = SP_TRY(sink->MakeSplitLedger(MakerOf(plan, lineage)));
  if (!SP_TRY(ledger->Read())) {
    SP_TRY(ledger->Plan({Split{"made", {}}}));
  }
  const std::lock_guard lock(mutex_);
  return planner_->Execute(*plan.create);
}

bool Transfers::finishes() {
  const std::lock_guard lock(mutex_);
  return !after_load_.empty();
}

base::Result<bool> Transfers::AllRowsAreThere(const std::string& lineage) {
  for (; ended_ < tables_.size(); ++ended_) {
    if (!ledger_) {
      const auto transfer = SP_TRY(GetHere(tables_[ended_]));
      const auto sink = SP_TRY(transfer->sink(transfer->plan().form));
      ledger_ = SP_TRY(sink->MakeSplitLedger(
          {.lineage = lineage, .sink = job(), .part = transfer->plan().part}));
    }
    const auto kept = SP_TRY(ledger_->Read());  // a table without rows has no parts
    if (kept && !std::ranges::all_of(*kept, &connectors::KeptSplit::ended)) {
      return false;
    }
    ledger_.reset();
  }
  return true;
}

base::Result<Transfers::Finish> Transfers::FinishNext(const std::string& lineage) {
  const std::lock_guard lock(mutex_);
  SP_TRY(PlanHere(lineage));
  auto complete = AllRowsAreThere(lineage);
  if (!complete.ok()) {
    ledger_.reset();
    return std::move(complete).error();
  }
  if (!*complete) {
    return Finish::kRowsAreComing;
  }
  if (finished_ == after_load_.size()) {
    return Finish::kDone;
  }
  const connectors::CatalogStatement& next = after_load_[finished_];
  auto made = planner_->Make(next);
  if (!made.ok()) {
    base::Error error = std::move(made).error().Annotate("after the load, " + next.what);
    if (error.retryable()) {
      planner_->Disconnect();
      return error;
    }
    return std::move(error).WithHint(
        "all rows are at the target, and stay; mend there what breaks it, and run the same command "
        "again: it goes on with what is left. `indexes: false` in the sink goes on without");
  }
  base::LogInfo("made after the load", {{"what", next.what}});
  ++finished_;
  return Finish::kGoesOn;
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
    for (const TableId& table : SP_TRY(transfers_->Plan(lineage_))) {
      if (stop.stop_requested()) {
        return base::Error(base::ErrorCode::kCancelled, "stopped while planning");
      }
      const auto transfer = SP_TRY(transfers_->Get(table));
      for (Split& split : SP_TRY(SplitsOf(*transfer, stop))) {
        found.splits.push_back(TableSplit{table, std::move(split)}.ToSplit());
      }
    }
    if (transfers_->finishes()) {
      found.splits.push_back(TableSplit{{}, {"finish", {}}}.ToSplit());
    }
    told_ = true;
    return found;
  }

  std::string Snapshot() const override { return told_ ? "told" : ""; }

 private:
  /// Those that are not ended: as they were noted by whoever began, or as they are now, noted here.
  base::Result<std::vector<Split>> SplitsOf(Transfer& transfer, const std::stop_token& stop) {
    const TablePlan& plan = transfer.plan();
    for (const std::string& one : plan.left_out) {
      base::LogWarn("the target is made without it", {{"table", plan.to_name}, {"what", one}});
    }
    SP_TRY(transfers_->Prepare(transfer, lineage_));
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
