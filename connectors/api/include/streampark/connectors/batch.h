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
#include <utility>
#include <vector>

#include "streampark/base/check.h"
#include "streampark/connectors/type.h"

/// Rows on their way between a connector and whoever reads or writes it: columns in the memory layout of
/// Apache Arrow (https://arrow.apache.org/docs/format/Columnar.html), so that a batch crosses a C
/// boundary without a copy (arrow.h).
namespace streampark::connectors {

/// std::memcpy, in line for the short texts that most values are.
inline void CopyBytes(std::byte* to, const void* from, std::size_t count) {
  const auto* const source = static_cast<const std::byte*>(from);
  const auto ends = [&]<typename Word>(Word first) {  // which may overlap
    Word last;
    std::memcpy(&first, source, sizeof(Word));
    std::memcpy(&last, source + count - sizeof(Word), sizeof(Word));
    std::memcpy(to, &first, sizeof(Word));
    std::memcpy(to + count - sizeof(Word), &last, sizeof(Word));
  };
  __extension__ using Sixteen = unsigned __int128;
  if (count > 32) {
    std::memcpy(to, source, count);
  } else if (count >= 16) {
    ends(Sixteen{});
  } else if (count >= 8) {
    ends(std::uint64_t{});
  } else if (count >= 4) {
    ends(std::uint32_t{});
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      to[i] = source[i];
    }
  }
}

/// Bytes that are owned, or borrowed from an owner that is kept alive. Move-only. Not thread-safe, but may be
/// handed from thread to thread. Owned bytes are aligned to 16.
class Buffer {
 public:
  Buffer() = default;
  /// Borrows `bytes`; they stay for as long as `owner` lives.
  static Buffer Borrow(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);

  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        room_(std::exchange(other.room_, 0)),
        owner_(std::move(other.owner_)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(room_, other.room_);
    std::swap(owner_, other.owner_);
    return *this;
  }
  ~Buffer();

  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool borrowed() const { return owner_ != nullptr; }
  template <typename T>
  const T* as() const {
    return reinterpret_cast<const T*>(data_);
  }

  /// What follows is for owned buffers alone (SP_CHECK): a borrowed one is read-only.
  std::byte* mutable_data() {
    SP_CHECK(!borrowed());
    return data_;
  }
  /// Makes room for `room` bytes in all.
  void Reserve(std::size_t room) {
    if (room > room_) {
      Grow(room);
    }
  }
  /// Makes it `size` bytes long and keeps what is there; what is added is not set.
  void Resize(std::size_t size) {
    Reserve(size);
    size_ = size;
  }
  void Append(const void* bytes, std::size_t count) {
    Reserve(size_ + count);
    CopyBytes(data_ + size_, bytes, count);
    size_ += count;
  }
  template <typename T>
  void AppendValue(T value) {
    Reserve(size_ + sizeof(T));
    std::memcpy(data_ + size_, &value, sizeof(T));
    size_ += sizeof(T);
  }
  /// Forgets the bytes and keeps the room; a borrowed one lets its owner go.
  void Clear();

 private:
  /// At least to the double, so that appending costs a constant on average.
  void Grow(std::size_t room);

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
/// | kList             | bits     | int32 × (length+1)  |                         | the elements          |
/// | kMap              | bits     | int32 × (length+1)  |                         | the keys, the values  |
/// | kStruct           | bits     |                     |                         | one a field           |
///
/// So the children are those of Type::children(), one for one. An empty validity buffer means that no value is null. Bits are numbered from the least significant
/// one. What a value buffer holds at a null is not defined. Offsets of an imported column need not begin at 0. A
/// column of no rows may have empty buffers.
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
  /// Where the elements of a list's or map's row are in the children.
  struct Range {
    std::int64_t begin = 0, end = 0;
  };
  Range range(std::int64_t row) const {
    const auto* at = offsets.as<std::int32_t>() + row;
    return {at[0], at[1]};
  }
};

/// One value for people and tests: `NULL`, `17`, `'it''s'`, `2026-01-31 09:05:00`, `[1, 2]`, `{'k': 1}`, `(1, 'a')`.
/// Not made to be parsed.
std::string DebugText(const Column& column, std::int64_t row);

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

  RowKind kind(std::int64_t row) const {
    return kinds.empty() ? RowKind::kInsert : kinds[static_cast<std::size_t>(row)];
  }
  /// Whether the value is there: not one that the source left out.
  bool is_known(std::size_t column, std::int64_t row) const {
    return known.empty() || known[column].empty() ||
           ((known[column].as<std::uint8_t>()[row >> 3] >> (row & 7)) & 1) != 0;
  }
};

/// `+I(1, 'a')`, a row for people and tests; `?` for what is not known.
std::string DebugText(const Batch& batch, std::int64_t row);

}  // namespace streampark::connectors
