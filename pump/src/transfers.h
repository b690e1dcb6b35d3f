// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "streampark/pump/table_plan.h"

namespace streampark::pump {

/// One table on its way: what its readers and writers are made from. Thread-safe.
class Transfer {
 public:
  Transfer(const TablePlanner& planner, TablePlan plan)
      : planner_(planner), plan_(std::move(plan)) {}

  const TablePlan& plan() const { return plan_; }
  /// Made when it is first asked for; lives as long as this.
  base::Result<connectors::Source*> source(RowForm form);
  base::Result<connectors::Sink*> sink(RowForm form);

 private:
  struct Ends {
    std::unique_ptr<connectors::Source> source;
    std::unique_ptr<connectors::Sink> sink;
  };

  const TablePlanner& planner_;
  const TablePlan plan_;
  std::mutex mutex_;
  std::map<RowForm, Ends> ends_;
};

/// All tables of a job, by their parts. Thread-safe.
class Transfers {
 public:
  explicit Transfers(std::unique_ptr<TablePlanner> planner) : planner_(std::move(planner)) {}

  const std::string& job() const { return planner_->file().name; }
  /// An attempt of the job begins: what the one before had open may be gone, snapshots of tables too. No other call meanwhile.
  void Renew();
  /// All tables, in order, planned together, and their parts of the targets' structure.
  base::Result<std::vector<connectors::TableId>> Plan(const std::string& lineage);
  /// Plans it when it is not there yet.
  base::Result<std::shared_ptr<Transfer>> Get(const connectors::TableId& table);
  /// Makes the target, if this job does; that it does is noted before.
  base::Status Prepare(Transfer& transfer, const std::string& lineage);
  /// Whether something is made when all rows are there. After Plan.
  bool finishes();
  enum class Finish : std::uint8_t { kRowsAreComing, kGoesOn, kDone };
  /// Makes the next thing, once the targets say that all rows are there. VALIDATION_FAILED when they are not as it says; after an error that may
  /// pass it begins with the same again.
  base::Result<Finish> FinishNext(const std::string& lineage);

 private:
  base::Result<std::shared_ptr<Transfer>> GetHere(const connectors::TableId& table);
  base::Status PlanHere(const std::string& lineage);
  connectors::SplitOwner MakerOf(const TablePlan& plan, const std::string& lineage) const;
  base::Result<bool> IsMade(const TablePlan& plan, const std::string& lineage) const;
  base::Result<bool> AllRowsAreThere(const std::string& lineage);

  std::mutex mutex_;
  const std::unique_ptr<TablePlanner> planner_;
  // Of Plan.
  bool planned_ = false;
  std::vector<connectors::TableId> tables_;
  std::vector<connectors::CatalogStatement> after_load_;
  /// How many of the tables have all their rows, who says so of the next, and how many statements are made.
  std::size_t ended_ = 0;
  std::unique_ptr<connectors::SplitLedger> ledger_;
  std::size_t finished_ = 0;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<Transfer>> made_;
};

/// A split of a job: the table, and the split of its source.
struct TableSplit {
  connectors::TableId table;  // without a name: what follows when all rows are there
  connectors::Split split;

  connectors::Split ToSplit() const;
  /// SNAPSHOT_INVALID.
  static base::Result<TableSplit> From(const connectors::Split& split);
};

/// Plans the tables one after another: each target is made, each list of splits is noted at the target, and those that are not ended are told.
std::unique_ptr<connectors::SplitEnumerator> MakeTransferEnumerator(
    std::shared_ptr<Transfers> transfers, std::string lineage, bool told);

}  // namespace streampark::pump
