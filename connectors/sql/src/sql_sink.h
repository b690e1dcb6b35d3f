// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "streampark/connectors/sink.h"
#include "streampark/connectors/sql/session.h"

#include "stage.h"

namespace streampark::connectors::sql {

enum class Creation : std::uint8_t { kNever, kWhenMissing };

struct SinkPlan {
  DatabasePtr database;
  TableName target;
  std::string staging_schema;  // of stages and the ledger
  SchemaPtr schema;            // or CopiedRows, of the columns that are named
  Names copied_columns;        // then alone
  WriteMode mode = WriteMode::kAppend;
  /// Whether the target is emptied first, which only a pump can ask for.
  enum class Before : std::uint8_t { kKept, kEmptied } before = Before::kKept;
  Names key;  // of a mode that writes by it, and of a table that is made
  Delivery delivery = Delivery::kExactlyOnce;
  Creation creation = Creation::kNever;
};

std::unique_ptr<Sink> MakeSqlSink(SinkPlan plan);

}  // namespace streampark::connectors::sql
