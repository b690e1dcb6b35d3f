// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/connectors/type.h"

/// Rows on their way between a connector and whoever reads or writes it: columns in the memory layout of
/// Apache Arrow (https://arrow.apache.org/docs/format/Columnar.html), so that a batch crosses a C
/// boundary without a copy (arrow.h).
namespace streampark::connectors {

/// Bytes that are owned, or borrowed from an owner that is kept alive. Move-only. Not thread-safe, but may be
/// handed from thread to thread.
class Buffer {
 public:
  Buffer() = default;
  /// Borrows `bytes`; they stay for as long as `owner` lives.
  static Buffer Borrow(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);

  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  template <typename T>
  const T* as() const {
    return reinterpret_cast<const T*>(data_);
  }

  /// What follows is for owned buffers alone (SP_CHECK): a borrowed one is read-only.
  std::byte* mutable_data();
  /// Makes room for `size` bytes and keeps what is there; what is added is not set.
  void Resize(std::size_t size);
  void Append(const void* bytes, std::size_t count);
  /// Forgets the bytes and keeps the room.
  void Clear() { size_ = 0; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t room_ = 0;
  std::shared_ptr<const void> owner_;
};

/// The values of one column of a batch.
///
/// | kind              | validity | offsets             | values                  | children              |
/// |-------------------|----------|---------------------|-------------------------|-----------------------|
/// | fixed width       | bits     |                     | length × width          |                       |
/// | kBoolean          | bits     |                     | bits                    |                       |
/// | kString, kBytes   | bits     | int32 × (length+1)  | the bytes               |                       |
/// | kList, kMap       | bits     | int32 × (length+1)  |                         | the elements, entries |
/// | kStruct           | bits     |                     |                         | one a field           |
///
/// An empty validity buffer means that no value is null. Bits are numbered from the least significant
/// one. What a value buffer holds at a null is not defined. Offsets of an imported column need not begin at 0.
struct Column {
  Type type;
  std::int64_t length = 0;
  Buffer validity;
  Buffer offsets;
  Buffer values;
  std::vector<Column> children;

  bool null(std::int64_t row) const {
    return !validity.empty() && ((validity.as<std::uint8_t>()[row >> 3] >> (row & 7)) & 1) == 0;
  }
  /// A value of fixed width: T has the column's width.
  template <typename T>
  T value(std::int64_t row) const {
    return values.as<T>()[row];
  }
  bool bit(std::int64_t row) const {
    return ((values.as<std::uint8_t>()[row >> 3] >> (row & 7)) & 1) != 0;
  }
  /// A string or bytes; lives as long as the column.
  std::string_view text(std::int64_t row) const {
    const auto* at = offsets.as<std::int32_t>() + row;
    return {values.as<char>() + at[0], static_cast<std::size_t>(at[1] - at[0])};
  }
};

/// What a row does to the rows before it, as change streams say it.
enum class RowKind : std::uint8_t { kInsert, kUpdateBefore, kUpdateAfter, kDelete };

/// `+I`, `-U`, `+U`, `-D`.
std::string_view ToString(RowKind kind);

/// Which table a batch is of, in a source that reads several.
struct TableId {
  std::string database;
  std::string schema;
  std::string table;

  bool operator==(const TableId&) const = default;
};

/// Rows of one schema and one table.
struct Batch {
  SchemaPtr schema;
  std::int64_t length = 0;
  std::vector<Column> columns;  // one a field of the schema, each of `length`
  /// One a row; empty when all are inserts.
  std::vector<RowKind> kinds;
  /// Absent when the source has one table.
  std::shared_ptr<const TableId> table;
  /// For each column whose values may be unknown (an unchanged large value that the database did not send): bits
  /// like validity, 1 = known. Empty when all are known.
  std::vector<Buffer> known;
};

}  // namespace streampark::connectors
