// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/batch.h"
#include "streampark/connectors/batch_builder.h"
#include "streampark/core/change.h"
#include "streampark/core/operator.h"
#include "streampark/core/record.h"
#include "streampark/core/rows.h"
#include "streampark/core/time.h"

/// Records to columns and back, at the edges to connectors.
///
/// | C++                          | column                        | read also from                |
/// |------------------------------|-------------------------------|-------------------------------|
/// | bool                         | BOOLEAN                       |                               |
/// | std::int8_t … std::int64_t   | TINYINT … BIGINT              | narrower integers             |
/// | std::uint8_t … std::uint32_t | the next wider integer        |                               |
/// | float, double                | FLOAT, DOUBLE                 | FLOAT for double              |
/// | std::string                  | STRING                        |                               |
/// | sp::Bytes                    | BYTES                         |                               |
/// | sp::Timestamp                | TIMESTAMP_LTZ                 | TIMESTAMP                     |
/// | sp::Date                     | DATE                          |                               |
/// | an enum                      | its integer                   |                               |
/// | std::optional<T>             | T, nullable                   | all others are NOT NULL       |
/// | std::vector<T>               | ARRAY<T>                      |                               |
/// | std::map<K, V>               | MAP<K, V>                     |                               |
/// | a record                     | ROW<…>                        |                               |
namespace streampark {

/// Bytes that are no text.
struct Bytes {
  std::string value;
  auto operator<=>(const Bytes&) const = default;
};

namespace core {

/// One C++ type as a column's values: Describe, Read of a value that is not null, Write.
template <typename T>
struct ColumnCodec {
  static_assert(Record<T>,
                "this type cannot be a column: see the table in columns.h, or give the struct "
                "SP_RECORD(Type, fields…)");

  static connectors::Type Describe() {
    std::vector<connectors::Field> fields;
    ForEachField<T>([&](const auto& field) {
      using Value = typename std::remove_cvref_t<decltype(field)>::value_type;
      fields.push_back(ColumnCodec<Value>::FieldOf(std::string(field.name)));
    });
    return connectors::Type::Struct(std::move(fields));
  }
  static connectors::Field FieldOf(std::string name) {
    return {std::move(name), Describe(), connectors::Nullability::kRequired};
  }
  static void Read(const connectors::Column& column, std::int64_t row, T& value) {
    std::size_t child = 0;
    ForEachField<T>([&](const auto& field) {
      using Value = typename std::remove_cvref_t<decltype(field)>::value_type;
      ColumnCodec<Value>::Read(column.children[child++], row, value.*field.member);
    });
  }
  static void Write(connectors::ColumnBuilder& builder, const T& value) {
    std::size_t child = 0;
    ForEachField<T>([&](const auto& field) {
      using Value = typename std::remove_cvref_t<decltype(field)>::value_type;
      ColumnCodec<Value>::Write(builder.child(child++), value.*field.member);
    });
    builder.EndStruct();
  }
};

/// What is the same for all types whose column is NOT NULL.
template <typename T>
struct RequiredColumn {
  static connectors::Field FieldOf(std::string name) {
    return {std::move(name), ColumnCodec<T>::Describe(), connectors::Nullability::kRequired};
  }
};

template <>
struct ColumnCodec<bool> : RequiredColumn<bool> {
  static connectors::Type Describe() { return connectors::TypeKind::kBoolean; }
  static void Read(const connectors::Column& column, std::int64_t row, bool& value) {
    value = column.bit(row);
  }
  static void Write(connectors::ColumnBuilder& builder, bool value) {
    builder.AppendBoolean(value);
  }
};

template <std::integral T>
  requires(!std::same_as<T, bool>)
struct ColumnCodec<T> : RequiredColumn<T> {
  static_assert(std::signed_integral<T> || sizeof(T) < 8,
                "an unsigned 64-bit integer has no column type: use std::int64_t");
  static constexpr std::size_t kWidth = std::signed_integral<T> ? sizeof(T) : sizeof(T) * 2;
  using Stored = std::conditional_t<
      kWidth == 1, std::int8_t,
      std::conditional_t<kWidth == 2, std::int16_t,
                         std::conditional_t<kWidth == 4, std::int32_t, std::int64_t>>>;

  static constexpr connectors::TypeKind kKind = kWidth == 1   ? connectors::TypeKind::kInt8
                                                : kWidth == 2 ? connectors::TypeKind::kInt16
                                                : kWidth == 4 ? connectors::TypeKind::kInt32
                                                              : connectors::TypeKind::kInt64;

  static connectors::Type Describe() { return kKind; }
  static void Read(const connectors::Column& column, std::int64_t row, T& value) {
    if (column.type.kind() == kKind) [[likely]] {
      value = static_cast<T>(column.value<Stored>(row));
      return;
    }
    switch (column.type.width()) {
      case 1:
        value = static_cast<T>(column.value<std::int8_t>(row));
        return;
      case 2:
        value = static_cast<T>(column.value<std::int16_t>(row));
        return;
      default:
        value = static_cast<T>(column.value<std::int32_t>(row));
    }
  }
  static void Write(connectors::ColumnBuilder& builder, T value) {
    builder.Append(static_cast<Stored>(value));
  }
};

template <std::floating_point T>
struct ColumnCodec<T> : RequiredColumn<T> {
  static connectors::Type Describe() {
    return sizeof(T) == 4 ? connectors::TypeKind::kFloat32 : connectors::TypeKind::kFloat64;
  }
  static void Read(const connectors::Column& column, std::int64_t row, T& value) {
    value = column.type.width() == 4 ? static_cast<T>(column.value<float>(row))
                                     : static_cast<T>(column.value<double>(row));
  }
  static void Write(connectors::ColumnBuilder& builder, T value) { builder.Append(value); }
};

template <typename T>
  requires std::is_enum_v<T>
struct ColumnCodec<T> : RequiredColumn<T> {
  using Number = std::underlying_type_t<T>;
  static connectors::Type Describe() { return ColumnCodec<Number>::Describe(); }
  static void Read(const connectors::Column& column, std::int64_t row, T& value) {
    Number number{};
    ColumnCodec<Number>::Read(column, row, number);
    value = static_cast<T>(number);
  }
  static void Write(connectors::ColumnBuilder& builder, T value) {
    ColumnCodec<Number>::Write(builder, static_cast<Number>(value));
  }
};

template <>
struct ColumnCodec<std::string> : RequiredColumn<std::string> {
  static connectors::Type Describe() { return connectors::TypeKind::kString; }
  static void Read(const connectors::Column& column, std::int64_t row, std::string& value) {
    value = column.text(row);
  }
  static void Write(connectors::ColumnBuilder& builder, std::string_view value) {
    builder.AppendText(value);
  }
};

template <>
struct ColumnCodec<Bytes> : RequiredColumn<Bytes> {
  static connectors::Type Describe() { return connectors::TypeKind::kBytes; }
  static void Read(const connectors::Column& column, std::int64_t row, Bytes& value) {
    value.value = column.text(row);
  }
  static void Write(connectors::ColumnBuilder& builder, const Bytes& value) {
    builder.AppendText(value.value);
  }
};

template <>
struct ColumnCodec<Timestamp> : RequiredColumn<Timestamp> {
  static connectors::Type Describe() { return connectors::TypeKind::kTimestampTz; }
  static void Read(const connectors::Column& column, std::int64_t row, Timestamp& value) {
    value = Timestamp(std::chrono::microseconds(column.value<std::int64_t>(row)));
  }
  static void Write(connectors::ColumnBuilder& builder, Timestamp value) {
    builder.Append<std::int64_t>(value.time_since_epoch().count());
  }
};

template <>
struct ColumnCodec<Date> : RequiredColumn<Date> {
  static connectors::Type Describe() { return connectors::TypeKind::kDate; }
  static void Read(const connectors::Column& column, std::int64_t row, Date& value) {
    value = Date(std::chrono::days(column.value<std::int32_t>(row)));
  }
  static void Write(connectors::ColumnBuilder& builder, Date value) {
    builder.Append(static_cast<std::int32_t>(value.time_since_epoch().count()));
  }
};

template <typename V>
struct ColumnCodec<std::optional<V>> {
  static connectors::Type Describe() { return ColumnCodec<V>::Describe(); }
  static connectors::Field FieldOf(std::string name) {
    return {std::move(name), Describe(), connectors::Nullability::kNullable};
  }
  static void Read(const connectors::Column& column, std::int64_t row, std::optional<V>& value) {
    if (column.null(row)) {
      value.reset();
    } else {
      ColumnCodec<V>::Read(column, row, value ? *value : value.emplace());
    }
  }
  static void Write(connectors::ColumnBuilder& builder, const std::optional<V>& value) {
    if (value) {
      ColumnCodec<V>::Write(builder, *value);
    } else {
      builder.AppendNull();
    }
  }
};

template <typename V>
struct ColumnCodec<std::vector<V>> : RequiredColumn<std::vector<V>> {
  static connectors::Type Describe() {
    return connectors::Type::List(ColumnCodec<V>::FieldOf("element"));
  }
  static void Read(const connectors::Column& column, std::int64_t row, std::vector<V>& values) {
    const auto* at = column.offsets.as<std::int32_t>() + row;
    values.clear();
    for (auto i = at[0]; i < at[1]; ++i) {
      V value{};
      ColumnCodec<V>::Read(column.children[0], i, value);
      values.push_back(std::move(value));
    }
  }
  static void Write(connectors::ColumnBuilder& builder, const std::vector<V>& values) {
    for (const V& value : values) {
      ColumnCodec<V>::Write(builder.child(0), value);
    }
    builder.EndList();
  }
};

template <typename K, typename V>
struct ColumnCodec<std::map<K, V>> : RequiredColumn<std::map<K, V>> {
  static connectors::Type Describe() {
    return connectors::Type::Map(ColumnCodec<K>::FieldOf("key"), ColumnCodec<V>::FieldOf("value"));
  }
  static void Read(const connectors::Column& column, std::int64_t row, std::map<K, V>& pairs) {
    const auto* at = column.offsets.as<std::int32_t>() + row;
    pairs.clear();
    for (auto i = at[0]; i < at[1]; ++i) {
      K key{};
      ColumnCodec<K>::Read(column.children[0], i, key);
      ColumnCodec<V>::Read(column.children[1], i, pairs[std::move(key)]);
    }
  }
  static void Write(connectors::ColumnBuilder& builder, const std::map<K, V>& pairs) {
    for (const auto& [key, value] : pairs) {
      ColumnCodec<K>::Write(builder.child(0), key);
      ColumnCodec<V>::Write(builder.child(1), value);
    }
    builder.EndList();
  }
};

/// The columns of a record, in the order of its fields; of a Change<T> those of T: the kind is no column.
template <Record T>
connectors::SchemaPtr SchemaOf() {
  std::vector<connectors::Field> fields;
  ForEachField<typename ChangedRow<T>::Row>([&](const auto& field) {
    using Value = typename std::remove_cvref_t<decltype(field)>::value_type;
    fields.push_back(ColumnCodec<Value>::FieldOf(std::string(field.name)));
  });
  return std::make_shared<const connectors::Schema>(std::move(fields));
}

/// Where each wanted column stands in `from`. VALIDATION_FAILED names each column that is missing or of a type that cannot be read as
/// the wanted one without loss.
base::Result<std::vector<int>> BindColumns(const connectors::Schema& wanted,
                                           const connectors::Schema& from);

/// Batches of a schema to rows.
template <Record T>
class RowReader {
  using Changed = ChangedRow<T>;

 public:
  static base::Result<RowReader> Bind(const connectors::Schema& from) {
    const auto wanted = SchemaOf<T>();
    return RowReader(SP_TRY(BindColumns(*wanted, from)));
  }

  /// Adds the rows, without an event time. TaskFailure for a null in a field that is no std::optional, and for an update or delete where T
  /// is no Change.
  void Read(const connectors::Batch& batch, Rows<T>& into) const {
    const auto first = into.size();
    for (std::int64_t i = 0; i < batch.length; ++i) {
      into.Add(kBeginningOfTime);
    }
    ReadKinds(batch, into, first);
    std::size_t place = 0;
    ForEachField<typename Changed::Row>([&](const auto& field) {
      using Value = typename std::remove_cvref_t<decltype(field)>::value_type;
      const auto& column = batch.columns[static_cast<std::size_t>(columns_[place++])];
      if constexpr (!detail::kIsOptional<Value>) {
        RefuseNulls(column, batch.length, field.name);
      }
      for (std::int64_t i = 0; i < batch.length; ++i) {
        auto& row = Changed::RowOf(into.row(first + static_cast<std::size_t>(i)));
        ColumnCodec<Value>::Read(column, i, row.*field.member);
      }
    });
  }

 private:
  explicit RowReader(std::vector<int> columns) : columns_(std::move(columns)) {}
  static void ReadKinds(const connectors::Batch& batch, Rows<T>& into, std::size_t first) {
    if constexpr (Changed::kHasKind) {
      for (std::int64_t i = 0; i < batch.length; ++i) {
        into.row(first + static_cast<std::size_t>(i)).kind = batch.kind(i);
      }
    } else {
      for (const RowKind kind : batch.kinds) {
        if (kind != RowKind::kInsert) {
          throw TaskFailure(
              base::Error(base::ErrorCode::kValidationFailed,
                          "A row is " + std::string(connectors::ToString(kind)) +
                              ", and the job takes it for one that is added.")
                  .WithHint("read changes as what they are: Source<sp::Change<Row>>"));
        }
      }
    }
  }
  static void RefuseNulls(const connectors::Column& column, std::int64_t length,
                          std::string_view field) {
    if (column.validity.empty()) {
      return;
    }
    for (std::int64_t i = 0; i < length; ++i) {
      if (column.null(i)) {
        throw TaskFailure(base::Error(base::ErrorCode::kValidationFailed,
                                      "The field '" + std::string(field) + "' of a row is null.")
                              .WithHint("make it a std::optional where nulls are meant"));
      }
    }
  }

  std::vector<int> columns_;
};

/// Rows to batches of SchemaOf<T>.
template <Record T>
class RowWriter {
 public:
  RowWriter() : builder_(SchemaOf<T>()) {}

  void Add(const T& row) {
    std::size_t place = 0;
    ForEachField<typename ChangedRow<T>::Row>([&](const auto& field) {
      using Value = typename std::remove_cvref_t<decltype(field)>::value_type;
      ColumnCodec<Value>::Write(builder_.column(place++), ChangedRow<T>::RowOf(row).*field.member);
    });
    builder_.EndRow(ChangedRow<T>::KindOf(row));
  }
  std::int64_t length() const { return builder_.length(); }
  std::size_t bytes() const { return builder_.bytes(); }
  std::unique_ptr<connectors::Batch> Finish() { return builder_.Finish(); }
  void Recycle(std::unique_ptr<connectors::Batch> batch) { builder_.Recycle(std::move(batch)); }

 private:
  connectors::BatchBuilder builder_;
};

}  // namespace core
}  // namespace streampark
