// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/comparable_source.h"
#include "streampark/connectors/type.h"

namespace streampark::connectors::sql {

/// A column of a table or of a query, as its database knows it.
struct NativeColumn {
  std::string name;
  /// Its type as people of that database write it, and as its DDL takes it: `numeric(10,2)`, `bigint(20) unsigned`.
  std::string native;
  /// What it becomes when nobody asks for something else. Absent when it cannot be read; then `refusal` says why.
  std::optional<Type> natural;
  std::string refusal;
  Nullability nullability = Nullability::kNullable;
  /// Whether the order of ORDER BY is that of `<` with a Literal: not so of an enum that sorts by number and compares by text.
  enum class Order : std::uint8_t { kOne, kTwo } order = Order::kOne;
  /// See CatalogColumn.
  std::string wire;
  /// See ComparableSource::texts.
  TextKind texts = TextKind::kPlain;
  /// See KeyRanges::order: `number`, `utf-8`. Empty: nobody else sorts so.
  std::string sorting;
  /// The database's own numbers for the type, meant for its session alone.
  std::uint32_t code = 0;
  std::int32_t modifier = -1;
};

/// The column of that name. VALIDATION_FAILED with the nearest name and all there are; `what` has them.
base::Result<const NativeColumn*> FindColumn(const std::vector<NativeColumn>& columns,
                                             const std::string& name, const std::string& what);

}  // namespace streampark::connectors::sql
