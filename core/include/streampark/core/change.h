// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tuple>

#include "streampark/connectors/batch.h"
#include "streampark/core/record.h"

namespace streampark {

/// +I, -U, +U, -D.
using RowKind = connectors::RowKind;

/// A row of a change stream. An update is two: the row as it was (kUpdateBefore), and as it is (kUpdateAfter).
///
/// A source of `Change<T>` gives the kinds that its connector says, and a sink hands them to its connector; the columns
/// are those of T. Elsewhere, as a field or in state, it is a record of both.
template <typename T>
struct Change {
  using Row = T;
  RowKind kind = RowKind::kInsert;
  T row;

  bool operator==(const Change&) const = default;
};

template <typename T>
constexpr auto StreamparkFields(const Change<T>*) {
  return std::make_tuple(core::MakeRecordField("kind", &Change<T>::kind),
                         core::MakeRecordField("row", &Change<T>::row));
}

namespace core {

/// A row and its kind, whether or not they are one `Change`: other rows are inserts.
template <typename T>
struct ChangedRow {
  using Row = T;
  static constexpr bool kHasKind = false;
  static RowKind KindOf(const T& /*row*/) { return RowKind::kInsert; }
  static T& RowOf(T& row) { return row; }
  static const T& RowOf(const T& row) { return row; }
};
template <typename T>
struct ChangedRow<Change<T>> {
  using Row = T;
  static constexpr bool kHasKind = true;
  static RowKind KindOf(const Change<T>& change) { return change.kind; }
  static T& RowOf(Change<T>& change) { return change.row; }
  static const T& RowOf(const Change<T>& change) { return change.row; }
};

}  // namespace core
}  // namespace streampark
