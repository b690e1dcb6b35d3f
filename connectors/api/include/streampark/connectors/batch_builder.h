// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/check.h"
#include "streampark/connectors/batch.h"

/// Batches, built value by value. On the path of every row: appends are inline, and buffers of batches that come
/// back are used again.
///
///   BatchBuilder rows(schema);
///   rows.column(0).Append<std::int64_t>(17);
///   rows.column(1).AppendText("a");
///   rows.EndRow();
///   auto batch = rows.Finish();
///   …
///   rows.Recycle(std::move(batch));
///
/// Not thread-safe. A column holds at most 2 GiB of text and 2^31 elements (SP_CHECK): end a batch by bytes() long before,
/// and bound what one record may hold.
namespace streampark::connectors {

class ColumnBuilder {
 public:
  explicit ColumnBuilder(const Type& type);

  const Type& type() const { return column_.type; }
  /// Values that are whole.
  std::int64_t length() const { return column_.length; }

  /// A value of fixed width: T has exactly the type's width (SP_CHECK in the debug build alone).
  template <typename T>
  [[gnu::always_inline]] void Append(T value) {
#ifndef NDEBUG
    SP_CHECK(sizeof(T) == static_cast<std::size_t>(column_.type.width()));
#endif
    column_.values.AppendValue(value);
    EndValue();
  }
  void AppendBoolean(bool value) {
    AddBit(column_.values, value);
    EndValue();
  }
  /// A string, in UTF-8 by the caller's word, or bytes.
  [[gnu::always_inline]] void AppendText(std::string_view text) {
    column_.values.Append(text.data(), text.size());
    EndOffset(column_.values.size());
    EndValue();
  }
  /// A text that is written in place: up to `room` bytes from what is returned on, until CloseText or the next call.
  char* OpenText(std::size_t room) {
    column_.values.Reserve(column_.values.size() + room);
    return reinterpret_cast<char*>(column_.values.mutable_data() + column_.values.size());
  }
  void CloseText(std::size_t used) {
    column_.values.Resize(column_.values.size() + used);
    EndOffset(column_.values.size());
    EndValue();
  }
  void AppendNull();
  /// The text that was appended last, as long as nothing else is; empty after a null.
  std::string_view last_text() const {
    return column_.length == 0 ? "" : column_.text(column_.length - 1);
  }

  /// Builders of the columns that Column::children names.
  ColumnBuilder& child(std::size_t index) {
    if (owed_ > 0) {
      PayNulls();
    }
    return children_[index];
  }
  std::size_t child_count() const { return children_.size(); }
  /// What was appended to the children since the last value is one list or map.
  void EndList() {
    EndOffset(static_cast<std::size_t>(children_.front().length()));
    EndValue();
  }
  /// Each child has one value more than before.
  void EndStruct() { EndValue(); }

  /// A copy of a value of the same type.
  void AppendFrom(const Column& column, std::int64_t row);
  /// Forgets the values from `length` on, and what is not whole.
  void Truncate(std::int64_t length);

  /// What the buffers hold by now.
  std::size_t bytes() const {
    std::size_t sum = column_.values.size() + column_.offsets.size();
    for (const ColumnBuilder& one : children_) {
      sum += one.bytes();
    }
    return sum;
  }

 private:
  friend class BatchBuilder;

  void AppendNulls(std::int64_t count);
  /// Gives the children of a struct the values that its nulls owe them.
  void PayNulls();

  void AddBit(Buffer& bits, bool set) const {
    const auto row = column_.length;
    if ((row & 7) == 0) {
      bits.AppendValue<std::uint8_t>(set ? 1 : 0);
    } else if (set) {
      reinterpret_cast<std::uint8_t*>(bits.mutable_data())[row >> 3] |=
          static_cast<std::uint8_t>(1U << (row & 7));
    }
  }
  [[gnu::always_inline]] void EndValue() {
    if (!column_.validity.empty()) [[unlikely]] {
      AddBit(column_.validity, true);
    }
    ++column_.length;
  }
  void EndOffset(std::size_t at) {
    SP_CHECK(at <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()));
    column_.offsets.AppendValue(static_cast<std::int32_t>(at));
  }
  /// Gives what was built and goes on in the buffers of `spare`.
  void Swap(Column& spare);
  void Restart();

  Column column_;  // its children are hollow: they are in children_
  std::int64_t owed_ =
      0;  // nulls of a struct that its children have not got yet: they come in runs
  std::vector<ColumnBuilder> children_;
};

class BatchBuilder {
 public:
  explicit BatchBuilder(SchemaPtr schema);

  const SchemaPtr& schema() const { return schema_; }
  /// Rows that are whole.
  std::int64_t length() const { return length_; }
  ColumnBuilder& column(std::size_t index) { return columns_[index]; }
  std::size_t column_count() const { return columns_.size(); }

  /// Whether the row that is being built has a value there.
  bool has(std::size_t column) const { return columns_[column].length() > length_; }
  /// Ends a row; columns that got no value are null.
  void EndRow(RowKind kind = RowKind::kInsert);
  /// Forgets what was appended since the last EndRow.
  void CancelRow() { Truncate(length_); }
  /// Forgets the rows from `length` on, and what is not whole.
  void Truncate(std::int64_t length);
  /// The source did not send this column's value: null, and not known.
  void AppendUnknown(std::size_t column);
  /// A copy of a row of the same schema, with its kind and what is not known.
  void AppendFrom(const Batch& batch, std::int64_t row);

  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const ColumnBuilder& one : columns_) {
      sum += one.bytes();
    }
    return sum;
  }

  /// The rows that are whole; the builder is empty again.
  std::unique_ptr<Batch> Finish();
  /// Takes back a batch that is used up. One of another builder is let go.
  void Recycle(std::unique_ptr<Batch> batch);

 private:
  SchemaPtr schema_;
  std::vector<ColumnBuilder> columns_;
  std::int64_t length_ = 0;
  std::vector<RowKind> kinds_;  // empty as long as all are inserts
  std::vector<std::pair<std::size_t, std::int64_t>> unknown_;
  std::vector<std::unique_ptr<Batch>> spare_;
};

}  // namespace streampark::connectors
