// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "streampark/connectors/sql/session.h"

#include "sql_sink.h"

namespace streampark::connectors::sql {

/// A column of a table that is made; its type as the database's DDL takes it.
struct NewColumn {
  std::string name;
  std::string type;
  Nullability nullability = Nullability::kNullable;
  std::string more = "";  // behind all that
};
/// Makes the table when it is missing; `more`: what else it has, behind the columns.
std::string CreateTable(const Dialect& dialect, const TableName& table,
                        const std::vector<NewColumn>& columns, const Names& key,
                        const Names& more = {});

/// The target's columns that are written, in the order of the plan's schema; the table is made first when it is missing and that was asked
/// for. VALIDATION_FAILED names what the table lacks: columns, or a unique index over the key of an upsert, with the statement that makes it.
base::Result<std::vector<NativeColumn>> FindTarget(Session& session, const SinkPlan& plan);

}  // namespace streampark::connectors::sql
