// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "streampark/connectors/batch.h"
#include "streampark/connectors/comparable_source.h"
#include "streampark/pump/table_plan.h"
#include "streampark/pump/verify.h"

#include "canonical_row.h"
#include "row_sums.h"
#include "row_transform.h"

namespace streampark::pump {

/// Whose rows: those that the job reads, or those that are at its target.
enum class Side : std::uint8_t { kSource, kTarget };
inline constexpr std::size_t kSides = 2;

/// One target with all tables that go into it: from where each side's rows come, and which of their columns are compared in which form. Thread-safe once it
/// is made.
class ComparedTable {
 public:
  /// A table on one side.
  struct Place {
    Side side = Side::kSource;
    std::size_t table = 0;  // of a source: its plan
  };

  /// `plans` go into one target; `planner` outlives it. NOT_FOUND when the target is not there, VALIDATION_FAILED when a column cannot be read.
  static base::Result<std::unique_ptr<ComparedTable>> Make(const TablePlanner& planner,
                                                           std::vector<TablePlan> plans);

  const std::vector<TablePlan>& plans() const { return plans_; }
  /// The columns that are compared, the key's first, under the target's names: those of batches by columns.
  const std::vector<std::string>& columns() const { return columns_; }
  std::size_t key_columns() const { return key_columns_; }
  const std::vector<std::string>& left_out() const { return left_out_; }
  /// The first form in which rows are looked at: what is equal as it is copied is equal.
  RowForm first_form() const { return first_form_; }
  /// By which column both sides have ranges of the same values; empty: they have none in common.
  const std::string& range_column() const { return range_column_; }
  /// How rows are encoded, one a column.
  const std::vector<CanonicalColumn>& canonical() const { return canonical_; }

  /// What the pump makes of the rows of that place; null where it leaves them as they are.
  base::Result<std::unique_ptr<RowTransform>> MakeTransform(const Place& place) const;
  /// The columns that are compared, of rows after it; good as long as its batch.
  connectors::Batch Compared(const Place& place, const connectors::Batch& transformed) const;
  /// The schema of what MakeTransform gives.
  const connectors::SchemaPtr& transformed(const Place& place) const {
    return plans_[place.table].schema;
  }

  /// Made when it is first asked for; holds a snapshot, where its system has one, until Renew.
  base::Result<connectors::Source*> source(const Place& place, RowForm form);
  /// The source's ranges; only where there is a range_column.
  base::Result<const connectors::KeyRanges*> ranges(const Place& place);
  /// Forgets all sources with their snapshots. No other call meanwhile; their readers are gone.
  void Renew();

 private:
  ComparedTable(const TablePlanner& planner, std::vector<TablePlan> plans)
      : planner_(planner), plans_(std::move(plans)) {}
  base::Status ChooseColumns();
  base::Status ChooseTypes();
  base::Status ChooseForms();
  base::Status ChooseRanges();
  base::Result<bool> HaveRangesOf(const std::string& column);
  base::Result<std::unique_ptr<connectors::Source>> MakeSource(const Place& place,
                                                               RowForm form) const;

  const TablePlanner& planner_;
  const std::vector<TablePlan> plans_;
  std::vector<std::string> columns_;
  std::size_t key_columns_ = 0;
  std::vector<std::string> left_out_;
  std::vector<std::string> target_key_;  // that the target is read by
  RowForm first_form_ = RowForm::kColumns;
  std::string range_column_;
  std::vector<CanonicalColumn> canonical_;
  // Of each plan, then of the target; null where rows are looked into, which are read as the pump reads them.
  std::vector<connectors::SchemaPtr> wanted_;

  std::mutex mutex_;
  std::map<std::pair<std::size_t, RowForm>, std::unique_ptr<connectors::Source>> sources_;
};

}  // namespace streampark::pump
