// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/connectors/comparable_source.h"
#include "streampark/connectors/source.h"
#include "streampark/connectors/sql/session.h"

#include "split_place.h"

namespace streampark::connectors::sql {

struct SourcePlan {
  DatabasePtr database;
  std::string what;                // for people: `the table sales.orders`
  std::optional<TableName> table;  // absent: a query
  SchemaPtr schema;                // what its batches hold
  std::vector<TextKind> texts;     // see ComparableSource
  Selection selection;             // items: those of the schema, then those of the order
  /// How many items at the end of the select list are there for the position alone, and what they are.
  std::vector<Field> hidden;
  std::int64_t split_rows = 0;
  std::int64_t batch_rows = 0;
  /// An interrupted part is read again from its beginning: its place is where it begins.
  bool resumes_splits() const { return selection.sorting == Selection::Sorting::kNone; }
  std::optional<base::Millis> poll;  // unbounded: how often to look for rows beyond the last
  const base::Clock* clock = nullptr;
};

std::unique_ptr<Source> MakeSqlSource(SourcePlan plan);

}  // namespace streampark::connectors::sql
