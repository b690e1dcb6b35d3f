// SPDX-License-Identifier: Apache-2.0
#include "change_rows.h"

#include <algorithm>
#include <utility>

namespace streampark::connectors::postgres {
namespace {

using pgoutput::Change;
using pgoutput::Tuple;
using pgoutput::Value;

/// A row for people, in the server's words.
std::string Shown(RowKind kind, const Tuple& values) {
  std::string text(ToString(kind));
  text.push_back('(');
  for (const Value& value : values) {
    text.append(&value == values.data() ? "" : ", ");
    switch (value.kind) {
      case Value::Kind::kNull:
        text.append("NULL");
        break;
      case Value::Kind::kUnknown:
        text.append("?");
        break;
      case Value::Kind::kText:
        text.append("'").append(value.text.substr(0, sql::kMostShown)).append("'");
        break;
    }
    if (text.size() >= sql::kMostShown) {
      break;
    }
  }
  text.resize(std::min(text.size(), sql::kMostShown - 1));
  return text + ")";
}

}  // namespace

bool ChangeRows::IsRead(const pgoutput::Relation& relation) const {
  return std::ranges::any_of(plan_.tables, [&](const CapturedTable& table) {
    return table.oid == relation.id ||
           (table.name.schema == relation.schema && table.name.table == relation.name);
  });
}

void ChangeRows::Restart() {
  Forget();
  tables_.clear();
}

base::Status ChangeRows::SetRelation(const pgoutput::Relation& relation,
                                     const std::vector<sql::NativeColumn>& natives,
                                     const sql::Names& known_now) {
  Table table;
  table.name = sql::TableName{std::string(relation.schema), std::string(relation.name)}.ToString();
  table.read = IsRead(relation);
  table.width = relation.columns.size();
  if (table.read) {
    auto made = MakeColumns(relation, natives, known_now, table);
    if (!made.ok()) {
      return std::move(made).error().Annotate("the table " + table.name +
                                              " has changed in the log");
    }
    table.id = std::make_shared<const TableId>(TableId{.database = plan_.address.database,
                                                       .schema = std::string(relation.schema),
                                                       .table = std::string(relation.name)});
    const auto captured = std::ranges::find_if(
        plan_.tables, [&](const CapturedTable& one) { return one.oid == relation.id; });
    for (std::size_t i = 0; i < relation.columns.size(); ++i) {
      const auto& column = relation.columns[i];
      if (column.identity) {
        table.identity.push_back(i);
      }
      const bool primary =
          captured != plan_.tables.end() &&
          std::ranges::find(captured->primary_key, column.name) != captured->primary_key.end();
      if (relation.replica_identity == 'f' ? primary : column.identity) {
        table.key.push_back(i);
      }
    }
  }
  tables_[relation.id] = std::move(table);
  return base::Ok();
}

base::Status ChangeRows::MakeColumns(const pgoutput::Relation& relation,
                                     const std::vector<sql::NativeColumn>& natives,
                                     const sql::Names& known_now, Table& table) const {
  for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
    const CapturedColumn& column = plan_.columns[i];
    const Field& field = plan_.schema->fields()[i];
    Maker& maker = table.makers.emplace_back();
    maker.metadata = column.metadata;
    if (column.metadata) {
      continue;
    }
    const auto found =
        std::ranges::find(relation.columns, column.name, &pgoutput::Relation::Column::name);
    if (found != relation.columns.end()) {
      maker.at = static_cast<std::size_t>(found - relation.columns.begin());
      maker.decoder = SP_TRY(TextDecoder::Make(natives.at(maker.at), field.type));
      continue;
    }
    const bool later = std::ranges::find(known_now, column.name) != known_now.end();
    if (!later || field.nullability == Nullability::kRequired) {
      return base::Error(base::ErrorCode::kIllegalState,
                         "it has no column '" + column.name + "'" +
                             (later ? " yet, which is asked for as NOT NULL" : " any more"))
          .WithHint(later ? "let the column be null until the job has passed the rows that were "
                            "written before it was there"
                          : "the job goes on from here when it asks for columns that are there");
    }
  }
  return base::Ok();
}

bool ChangeRows::NeedsNewBatch(std::uint32_t relation) const {
  if (rows_.length() == 0) {
    return false;
  }
  const auto found = tables_.find(relation);
  return found != tables_.end() && found->second.read && found->second.id != of_batch_;
}

base::Status ChangeRows::Append(Change& change, std::vector<DirtyRecord>& dirty) {
  const auto found = tables_.find(change.relation);
  if (found == tables_.end()) {
    return base::Error(base::ErrorCode::kIoError, "the server sent a row of the relation " +
                                                      std::to_string(change.relation) +
                                                      " and did not say what that is");
  }
  const Table& table = found->second;
  if (!table.read) {
    return base::Ok();
  }
  const bool has_before = change.has_before != Change::Before::kNothing;
  const bool has_after = change.act != Change::Act::kDelete;
  if ((has_before && change.before.size() != table.width) ||
      (has_after && change.after.size() != table.width)) {
    return base::Error(base::ErrorCode::kIoError,
                       "the server sent a row of " + table.name + " that has not its columns");
  }
  RowKind kind = RowKind::kInsert;
  if (change.act == Change::Act::kDelete) {
    CompleteBefore(table, change);
    kind = RowKind::kDelete;
  } else if (change.act == Change::Act::kUpdate) {
    CompleteBefore(table, change);
    kind = CompleteAfter(table, change) == Key::kSame ? RowKind::kUpdateBefore : RowKind::kDelete;
  }
  const std::int64_t length = rows_.length();
  const Tuple* row = &change.before;
  std::optional<std::string> refusal;
  if (kind != RowKind::kInsert) {
    refusal = AppendRow(table, *row, kind);
  }
  if (!refusal && has_after) {
    row = &change.after;
    kind = kind == RowKind::kUpdateBefore ? RowKind::kUpdateAfter : RowKind::kInsert;
    refusal = AppendRow(table, *row, kind);
  }
  if (refusal) {
    rows_.Truncate(length);
    dirty.push_back(Refused(table, std::move(*refusal), Shown(kind, *row)));
  } else {
    of_batch_ = table.id;
  }
  return base::Ok();
}

/// What the log does not have of the old row becomes unknown: with an identity that did not change it is the new row's.
void ChangeRows::CompleteBefore(const Table& table, Change& change) {
  if (change.has_before == Change::Before::kRow) {
    return;
  }
  Tuple before(table.width, Value{.kind = Value::Kind::kUnknown, .text = {}});
  const Tuple& said = change.has_before == Change::Before::kIdentity ? change.before : change.after;
  for (const std::size_t i : table.identity) {
    if (i < said.size()) {  // a delete has said it
      before[i] = said[i];
    }
  }
  change.before = std::move(before);
}

/// What was left alone is as it was before, where that is known.
ChangeRows::Key ChangeRows::CompleteAfter(const Table& table, Change& change) {
  for (std::size_t i = 0; i < table.width; ++i) {
    if (change.after[i].kind == Value::Kind::kUnknown) {
      change.after[i] = change.before[i];
    }
  }
  const bool same = std::ranges::all_of(
      table.key, [&](std::size_t i) { return change.before[i] == change.after[i]; });
  return same ? Key::kSame : Key::kOther;
}

void ChangeRows::Append(const pgoutput::Truncate& truncate, std::vector<DirtyRecord>& dirty) {
  for (const std::uint32_t relation : truncate.relations) {
    const auto found = tables_.find(relation);
    if (found != tables_.end() && found->second.read) {
      dirty.push_back(Refused(found->second,
                              "the table was emptied by TRUNCATE, and no row says that all are "
                              "gone: whoever keeps its rows has to let them go",
                              "TRUNCATE " + found->second.name));
    }
  }
}

DirtyRecord ChangeRows::Refused(const Table& table, std::string reason, std::string row) const {
  return {.where = table.name + " at " + transaction_.commit.ToString() + " in " + plan_.what,
          .reason = std::move(reason),
          .bytes = std::move(row)};
}

std::optional<std::string> ChangeRows::AppendRow(const Table& table, const Tuple& values,
                                                 RowKind kind) {
  static constexpr Value kAbsent{.kind = Value::Kind::kUnknown, .text = {}};
  const auto& fields = plan_.schema->fields();
  for (std::size_t i = 0; i < table.makers.size(); ++i) {
    const Maker& maker = table.makers[i];
    if (maker.metadata) {
      AppendMetadata(table, *maker.metadata, kind, i);
    } else if (auto why =
                   AppendValue(maker, fields[i], maker.decoder ? values[maker.at] : kAbsent, i)) {
      rows_.CancelRow();
      return "'" + fields[i].name + "': " + *why;
    }
  }
  rows_.EndRow(kind);
  return std::nullopt;
}

std::optional<std::string> ChangeRows::AppendValue(const Maker& maker, const Field& field,
                                                   const Value& value, std::size_t column) {
  const bool required = field.nullability == Nullability::kRequired;
  if (value.kind == Value::Kind::kUnknown) {
    if (required) {
      return "the log does not have it, and the column is NOT NULL; REPLICA IDENTITY FULL puts it "
             "there";
    }
    rows_.AppendUnknown(column);
    return std::nullopt;
  }
  if (value.kind == Value::Kind::kNull) {
    if (required) {
      return "it is null, and the column is NOT NULL";
    }
    rows_.column(column).AppendNull();
    return std::nullopt;
  }
  return maker.decoder->Append(value.text, rows_.column(column));
}

void ChangeRows::AppendMetadata(const Table& table, Metadata what, RowKind kind,
                                std::size_t column) {
  ColumnBuilder& to = rows_.column(column);
  switch (what) {
    case Metadata::kLsn:
      if (to.type().kind() == TypeKind::kInt64) {
        to.Append(static_cast<std::int64_t>(transaction_.commit.at));
      } else {
        to.AppendText(transaction_.commit.ToString());
      }
      break;
    case Metadata::kTime:
      to.Append(transaction_.commit_micros);
      break;
    case Metadata::kTable:
      to.AppendText(table.name);
      break;
    case Metadata::kOp:
      to.AppendText(ToString(kind));
      break;
  }
}

std::unique_ptr<Batch> ChangeRows::Finish() {
  auto batch = rows_.Finish();
  if (plan_.tables.size() > 1) {
    batch->table = of_batch_;
  }
  return batch;
}

}  // namespace streampark::connectors::postgres
