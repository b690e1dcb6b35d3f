// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/batch_rows.h"

#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "streampark/connectors/batch_builder.h"

namespace streampark::connectors {
namespace {

/// Rows that follow each other, as [begin, end).
template <typename F>
void ForEachRun(std::span<const std::int32_t> rows, F&& each) {
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t end = i + 1;
    while (end < rows.size() && rows[end] == rows[end - 1] + 1) {
      ++end;
    }
    each(static_cast<std::size_t>(rows[i]), static_cast<std::size_t>(rows[end - 1]) + 1);
    i = end;
  }
}

void CopyBits(const Buffer& from, std::span<const std::int32_t> rows, Buffer& into) {
  const auto* const bits = from.as<std::uint8_t>();
  into.Resize((rows.size() + 7) / 8);
  auto* const out = reinterpret_cast<std::uint8_t*>(into.mutable_data());
  std::memset(out, 0, into.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<std::uint32_t>(rows[i]);
    out[i >> 3] |= static_cast<std::uint8_t>((bits[row >> 3] >> (row & 7U) & 1U) << (i & 7U));
  }
}

void CopyTexts(const Column& from, std::span<const std::int32_t> rows, Column& into) {
  const auto* const offsets = from.offsets.as<std::int32_t>();
  into.offsets.Resize((rows.size() + 1) * sizeof(std::int32_t));
  auto* out = reinterpret_cast<std::int32_t*>(into.offsets.mutable_data());
  *out++ = 0;
  ForEachRun(rows, [&](std::size_t begin, std::size_t end) {
    const auto at = static_cast<std::int32_t>(into.values.size()) - offsets[begin];
    into.values.Append(from.values.data() + offsets[begin],
                       static_cast<std::size_t>(offsets[end] - offsets[begin]));
    for (std::size_t row = begin; row < end; ++row) {
      *out++ = at + offsets[row + 1];
    }
  });
}

}  // namespace

void CopyRows(const Column& from, std::span<const std::int32_t> rows, Column& into) {
  if (!from.type.children().empty()) {
    BatchBuilder builder(std::make_shared<const Schema>(std::vector<Field>{{"", from.type}}));
    for (const std::int32_t row : rows) {
      builder.column(0).AppendFrom(from, row);
      builder.EndRow();
    }
    into = std::move(builder.Finish()->columns[0]);
    return;
  }
  into.type = from.type;
  into.length = static_cast<std::int64_t>(rows.size());
  into.validity.Clear();
  into.offsets.Clear();
  into.values.Clear();
  if (!from.validity.empty()) {
    CopyBits(from.validity, rows, into.validity);
  }
  switch (from.type.kind()) {
    case TypeKind::kBoolean:
      return CopyBits(from.values, rows, into.values);
    case TypeKind::kString:
    case TypeKind::kBytes:
      return CopyTexts(from, rows, into);
    default:
      break;
  }
  const auto width = static_cast<std::size_t>(from.type.width());
  into.values.Reserve(rows.size() * width);
  ForEachRun(rows, [&](std::size_t begin, std::size_t end) {
    into.values.Append(from.values.data() + begin * width, (end - begin) * width);
  });
}

}  // namespace streampark::connectors
