// SPDX-License-Identifier: Apache-2.0
#include "stage.h"

#include "streampark/base/digest.h"
#include "streampark/base/random.h"
#include "streampark/connectors/state_bytes.h"

namespace streampark::connectors::sql {
namespace {

constexpr std::uint16_t kStageVersion = 1;
constexpr std::string_view kPrefix = "streampark_stage_";
constexpr std::size_t kJobDigits = 16;
constexpr std::int64_t kMostStageColumns = 10'000;
constexpr std::string_view kDigits = "0123456789abcdef";

void Add(const TableName& table, StateWriter& out) { out.Text(table.schema).Text(table.table); }

TableName TakeTable(StateReader& in) {
  TableName table;
  table.schema = in.Text();
  table.table = in.Text();
  return table;
}

void Add(const Names& names, StateWriter& out) {
  out.Number(static_cast<std::int64_t>(names.size()));
  for (const std::string& name : names) {
    out.Text(name);
  }
}

Names TakeNames(StateReader& in) {
  Names names;
  const std::int64_t count = in.Number();
  for (std::int64_t i = 0; i < count && i < kMostStageColumns && !in.failed(); ++i) {
    names.emplace_back(in.Text());
  }
  return names;
}

/// `streampark_stage_0123456789abcdef_3_…`: nothing else is ever merged from or dropped.
bool IsStage(std::string_view name) {
  if (!name.starts_with(kPrefix)) {
    return false;
  }
  name.remove_prefix(kPrefix.size());
  return name.size() > kJobDigits && name[kJobDigits] == '_' &&
         name.substr(0, kJobDigits).find_first_not_of(kDigits) == std::string_view::npos &&
         name.find_first_not_of("0123456789abcdef_") == std::string_view::npos;
}

}  // namespace

std::string JobOf(const WriterId& id) {
  return base::Sha256Hex(id.lineage + '\n' + id.sink).substr(0, kJobDigits);
}

std::string StagePrefix(const std::string& job) { return std::string(kPrefix) + job + "_"; }

std::string NewStage(const WriterId& id) {
  base::SecureRandom random;
  return StagePrefix(JobOf(id)) + std::to_string(id.subtask) + "_" + base::RandomHex(random, 8);
}

std::string StageColumns(const Dialect& dialect, const std::vector<NativeColumn>& columns) {
  std::string list = dialect.Quote(kRowColumn) + " BIGINT NOT NULL, " + dialect.Quote(kKindColumn) +
                     " SMALLINT NOT NULL";
  for (const NativeColumn& column : columns) {
    list += ", " + dialect.Quote(column.name) + " " + column.native + " NULL";
  }
  return list;
}

std::string PreparedStage::job() const { return stage.table.substr(kPrefix.size(), kJobDigits); }

Committable PreparedStage::ToCommittable(int subtask, std::uint64_t sequence) const {
  StateWriter out;
  Add(target, out);
  Add(stage, out);
  out.Number(static_cast<std::int64_t>(mode));
  Add(columns, out);
  Add(key, out);
  return {.subtask = subtask, .sequence = sequence, .version = kStageVersion, .bytes = out.Take()};
}

base::Result<PreparedStage> PreparedStage::From(const Committable& committable) {
  StateReader in(committable.bytes);
  PreparedStage prepared;
  prepared.target = TakeTable(in);
  prepared.stage = TakeTable(in);
  const std::int64_t mode = in.Number();
  prepared.mode = static_cast<WriteMode>(mode);
  prepared.columns = TakeNames(in);
  prepared.key = TakeNames(in);
  if (committable.version != kStageVersion || !in.done() || prepared.target.table.empty() ||
      !IsStage(prepared.stage.table) || mode < 0 || mode > 2 || prepared.columns.empty() ||
      prepared.key.empty() != (mode == 0)) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "'" + committable.bytes + "' does not name rows of a database's sink");
  }
  return prepared;
}

std::vector<std::string> MergeStatements(const Dialect& dialect, const PreparedStage& stage) {
  const std::string target = dialect.Quote(stage.target);
  const std::string from = dialect.Quote(stage.stage);
  const std::string columns = dialect.QuoteAll(stage.columns);
  const std::string insert = "INSERT INTO " + target + " (" + columns + ") SELECT " + columns;
  if (stage.mode == WriteMode::kAppend) {
    return {insert + " FROM " + from};
  }
  const std::string key = dialect.QuoteAll(stage.key);
  const std::string kind = dialect.Quote(kKindColumn);
  // What counts of several rows of one key: the newest, or that which was there first.
  const std::string order = stage.mode == WriteMode::kUpsert ? " DESC" : "";
  const auto one = [&](const std::string& list) {
    return "(SELECT " + list + ", " + kind + ", ROW_NUMBER() OVER (PARTITION BY " + key +
           " ORDER BY " + dialect.Quote(kRowColumn) + order + ") AS streampark_age FROM " + from +
           ") AS streampark_last WHERE streampark_age = 1 AND " + kind;
  };
  if (stage.mode == WriteMode::kIgnore) {
    return {insert + " FROM " + one(columns) + " = 0" +
            dialect.OnConflictIgnore(target, stage.key)};
  }
  // In the order of RowKind: inserts are 0, what a row was before an update 1, what it is after 2, deletes 3.
  return {
      dialect.DeleteKeys(target, stage.key, "SELECT " + key + " FROM " + one(key) + " IN (1, 3)"),
      insert + " FROM " + one(columns) + " IN (0, 2)" +
          dialect.OnConflictUpdate(stage.columns, stage.key)};
}

}  // namespace streampark::connectors::sql
