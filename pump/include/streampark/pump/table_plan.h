// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/connectors/connector.h"
#include "streampark/pump/pump_file.h"

namespace streampark::pump {

class RowTransform;

/// In which form rows go from source to target.
enum class RowForm : std::uint8_t {
  kColumns,  // decoded and encoded
  kCopied,   // the bytes of the source's bulk protocol, which are those of the target's
};

/// What is done with one table.
struct TablePlan {
  /// Names it among all of the source: `public.orders`.
  std::string part;
  connectors::CatalogTable from;
  connectors::TableId to;
  std::string to_name;                             // for people
  std::optional<connectors::CatalogTable> target;  // as it is there
  std::optional<std::string>
      create;  // the statement that makes the target; absent: it is there, or has to be
  /// The target as this job makes it, under its own names; absent: it was there before, or another table of the job makes it.
  std::optional<connectors::CatalogTable> made;
  /// Of indexes, counters and foreign keys what the target does not get, and why.
  std::vector<std::string> left_out;
  /// What the target has is taken away before the first row of a job; not again when it goes on.
  bool overwrites = false;
  std::vector<std::string> columns;     // that are read
  std::vector<std::string> to_columns;  // of the target
  /// Of which column of the source each of those is the value; and what is done with it, for people.
  std::vector<std::string> from_columns;
  std::vector<std::string> how;              // empty: nothing
  std::shared_ptr<const TableRule> rule;     // of rows that are looked into; absent: none are
  std::map<std::string, std::string> salts;  // of its masks, by column
  std::string where;
  connectors::SchemaPtr schema;  // by columns: under the target's names
  RowForm form = RowForm::kColumns;
  std::string why_by_columns;  // for people; empty when they are copied

  /// What looks into the rows, for one thread; absent when nothing does.
  base::Result<std::unique_ptr<RowTransform>> MakeTransform() const;
};

/// Looks at both sides, and decides. Connects when it is first asked; used by one thread at a time.
class TablePlanner {
 public:
  /// `connectors` and `clock` outlive it. NOT_FOUND and VALIDATION_FAILED name what is wrong in the file.
  static base::Result<std::unique_ptr<TablePlanner>> Make(
      PumpFile file, const connectors::ConnectorRegistry& connectors, const base::Clock& clock);

  const PumpFile& file() const { return file_; }
  /// Forgets both sides, which may be gone; whoever asks next connects anew.
  void Disconnect();
  /// The tables to read, none twice. NOT_FOUND for a pattern that names none.
  base::Result<std::vector<connectors::TableId>> Find();
  /// VALIDATION_FAILED when the target lacks a column or cannot be made.
  base::Result<TablePlan> Plan(const connectors::TableId& table);
  /// What the target is when this job makes it: as Plan has it while it is missing. Whoever goes on after a kill finds it there, and asks for
  /// it; its statement makes nothing then.
  base::Status PlanMade(TablePlan& plan);
  /// Foreign keys of those targets to those tables, statements to make the targets, and what follows when all rows are there, in order.
  /// `plans`: all tables of the job. Of each target the one that makes it has `made`.
  base::Result<std::vector<connectors::CatalogStatement>> PlanStructure(
      const std::vector<TablePlan*>& plans);
  base::Status Execute(const std::string& statement);
  base::Status Make(const connectors::CatalogStatement& statement);
  /// `wanted`: the source's columns in other types than their own.
  base::Result<std::unique_ptr<connectors::Source>> MakeSource(
      const TablePlan& plan, RowForm form, connectors::SchemaPtr wanted = nullptr) const;
  /// Reads the target itself: those of its columns, by `key` where it is not empty and the connector takes one.
  base::Result<std::unique_ptr<connectors::Source>> MakeSourceOfTarget(
      const TablePlan& plan, RowForm form, connectors::SchemaPtr wanted,
      const std::vector<std::string>& key) const;
  base::Result<std::unique_ptr<connectors::Sink>> MakeSink(const TablePlan& plan,
                                                           RowForm form) const;

 private:
  TablePlanner(PumpFile file, const connectors::Connector& source,
               const connectors::Connector& sink, const base::Clock& clock)
      : file_(std::move(file)), source_(source), sink_(sink), clock_(clock) {}
  base::Status Connect();
  bool IsAppended() const;
  const TableRule* RuleOf(const connectors::TableId& table);
  base::Status ChooseColumns(const TableRule* rule, TablePlan& plan) const;
  base::Status ChooseTransform(const TableRule& rule, TablePlan& plan,
                               std::vector<connectors::Field>& fields,
                               std::vector<std::string>& key) const;
  base::Status ChooseTarget(const TableRule* rule, TablePlan& plan);
  connectors::CatalogOrigin OriginOf(const TablePlan& plan) const;
  void ChooseForm(const std::optional<connectors::CatalogTable>& target, TablePlan& plan) const;

  const PumpFile file_;
  const connectors::Connector& source_;
  const connectors::Connector& sink_;
  const base::Clock& clock_;
  std::unique_ptr<connectors::Catalog> from_;
  std::unique_ptr<connectors::Catalog> to_;
  /// What the pattern of each rule names.
  std::vector<std::vector<connectors::TableId>> ruled_;
  /// The first table that goes into each target, and what is made of it.
  struct Target {
    std::string part;
    std::optional<connectors::CatalogTable> made;
  };
  std::map<std::string, Target> targets_;
};

}  // namespace streampark::pump
