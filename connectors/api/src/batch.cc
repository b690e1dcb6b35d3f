// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/batch.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <new>

#include "streampark/connectors/value_text.h"

namespace streampark::connectors {
namespace {

constexpr std::size_t kLeastRoom = 64;

template <typename T>
void AppendNumber(T value, std::string& out) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void AppendQuoted(std::string_view text, std::string& out) {
  out.push_back('\'');
  for (const char c : text) {
    out.append(c == '\'' ? 2 : 1, c);
  }
  out.push_back('\'');
}

void AppendHex(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "x'";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  out.push_back('\'');
}

void AppendDebug(const Column& column, std::int64_t row, std::string& out);

void AppendElements(const Column& column, std::int64_t row, std::string& out) {
  const bool map = column.type.kind() == TypeKind::kMap;
  const auto [begin, end] = column.range(row);
  out.push_back(map ? '{' : '[');
  for (auto at = begin; at < end; ++at) {
    out += at == begin ? "" : ", ";
    AppendDebug(column.children[0], at, out);
    if (map) {
      out += ": ";
      AppendDebug(column.children[1], at, out);
    }
  }
  out.push_back(map ? '}' : ']');
}

void AppendDebug(const Column& column, std::int64_t row, std::string& out) {
  if (column.null(row)) {
    out += "NULL";
    return;
  }
  switch (column.type.kind()) {
    case TypeKind::kBoolean:
      out += column.bit(row) ? "true" : "false";
      return;
    case TypeKind::kInt8:
      return AppendNumber(column.value<std::int8_t>(row), out);
    case TypeKind::kInt16:
      return AppendNumber(column.value<std::int16_t>(row), out);
    case TypeKind::kInt32:
      return AppendNumber(column.value<std::int32_t>(row), out);
    case TypeKind::kInt64:
      return AppendNumber(column.value<std::int64_t>(row), out);
    case TypeKind::kFloat32:
      return AppendNumber(column.value<float>(row), out);
    case TypeKind::kFloat64:
      return AppendNumber(column.value<double>(row), out);
    case TypeKind::kDecimal:
      return AppendDecimal(column.value<Int128>(row), column.type.scale(), out);
    case TypeKind::kString:
      return AppendQuoted(column.text(row), out);
    case TypeKind::kBytes:
      return AppendHex(column.text(row), out);
    case TypeKind::kDate:
      return AppendDate(column.value<std::int32_t>(row), out);
    case TypeKind::kTime:
      return AppendTime(column.value<std::int64_t>(row), out);
    case TypeKind::kTimestamp:
      return AppendTimestamp(column.value<std::int64_t>(row), ' ', out);
    case TypeKind::kTimestampTz:
      AppendTimestamp(column.value<std::int64_t>(row), ' ', out);
      out.push_back('Z');
      return;
    case TypeKind::kList:
    case TypeKind::kMap:
      return AppendElements(column, row, out);
    case TypeKind::kStruct:
      out.push_back('(');
      for (std::size_t i = 0; i < column.children.size(); ++i) {
        out += i == 0 ? "" : ", ";
        AppendDebug(column.children[i], row, out);
      }
      out.push_back(')');
      return;
  }
}

}  // namespace

Buffer Buffer::Borrow(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  SP_CHECK(owner != nullptr);
  Buffer buffer;
  buffer.data_ = const_cast<std::byte*>(bytes.data());  // never written: see mutable_data
  buffer.size_ = bytes.size();
  buffer.owner_ = std::move(owner);
  return buffer;
}

Buffer::~Buffer() {
  if (!borrowed()) {
    std::free(data_);
  }
}

void Buffer::Clear() {
  size_ = 0;
  if (borrowed()) {
    data_ = nullptr;
    owner_.reset();
  }
}

void Buffer::Grow(std::size_t room) {
  SP_CHECK(!borrowed());
  const std::size_t wanted = std::max({room, room_ * 2, kLeastRoom});
  auto* grown = static_cast<std::byte*>(std::realloc(data_, wanted));
  if (grown == nullptr) {
    throw std::bad_alloc();
  }
  data_ = grown;
  room_ = wanted;
}

std::string_view ToString(RowKind kind) {
  switch (kind) {
    case RowKind::kInsert:
      return "+I";
    case RowKind::kUpdateBefore:
      return "-U";
    case RowKind::kUpdateAfter:
      return "+U";
    case RowKind::kDelete:
      return "-D";
  }
  return "?";
}

std::string DebugText(const Column& column, std::int64_t row) {
  std::string text;
  AppendDebug(column, row, text);
  return text;
}

std::string DebugText(const Batch& batch, std::int64_t row) {
  std::string text(ToString(batch.kind(row)));
  text.push_back('(');
  for (std::size_t i = 0; i < batch.columns.size(); ++i) {
    text += i == 0 ? "" : ", ";
    if (batch.is_known(i, row)) {
      AppendDebug(batch.columns[i], row, text);
    } else {
      text.push_back('?');
    }
  }
  text.push_back(')');
  return text;
}

}  // namespace streampark::connectors
