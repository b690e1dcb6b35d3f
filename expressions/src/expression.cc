// SPDX-License-Identifier: Apache-2.0
#include "streampark/expressions/expression.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "streampark/base/check.h"

#include "binder.h"

namespace streampark::expressions {
namespace {

using connectors::Batch;
using connectors::Buffer;
using connectors::Column;

void WriteBits(std::size_t length, Buffer& bits, const auto& is_set) {
  bits.Resize((length + 7) / 8);
  auto* const out = reinterpret_cast<std::uint8_t*>(bits.mutable_data());
  for (std::size_t byte = 0; byte < bits.size(); ++byte) {
    std::uint8_t packed = 0;
    for (std::size_t bit = 0; bit < 8 && byte * 8 + bit < length; ++bit) {
      packed |= static_cast<std::uint8_t>((is_set(byte * 8 + bit) ? 1U : 0U) << bit);
    }
    out[byte] = packed;
  }
}

template <typename To, typename From>
void WriteValues(const std::vector<From>& from, Buffer& values) {
  values.Resize(from.size() * sizeof(To));
  auto* const out = reinterpret_cast<To*>(values.mutable_data());
  for (std::size_t i = 0; i < from.size(); ++i) {
    out[i] = static_cast<To>(from[i]);
  }
}

/// Rows beyond what a column can hold fail.
void WriteTexts(Vector& from, Column& into, std::vector<Failure>& failures) {
  constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  const std::size_t length = from.null.size();
  std::size_t size = 0;
  for (std::size_t i = 0; i < length; ++i) {
    if (from.null[i] == 0 && size + from.texts[i].size() > kMost) {
      from.null[i] = 1;
      failures.push_back({static_cast<std::int64_t>(i), "the texts of a batch exceed 2 GiB"});
    }
    size += from.null[i] == 0 ? from.texts[i].size() : 0;
  }
  into.offsets.Resize((length + 1) * sizeof(std::int32_t));
  into.values.Resize(size);
  auto* const offsets = reinterpret_cast<std::int32_t*>(into.offsets.mutable_data());
  std::byte* const bytes = into.values.mutable_data();
  std::size_t at = 0;
  for (std::size_t i = 0; i < length; ++i) {
    offsets[i] = static_cast<std::int32_t>(at);
    if (from.null[i] == 0) {
      connectors::CopyBytes(bytes + at, from.texts[i].data(), from.texts[i].size());
      at += from.texts[i].size();
    }
  }
  offsets[length] = static_cast<std::int32_t>(at);
}

void Write(Vector& from, const Type& type, Column& into, std::vector<Failure>& failures) {
  if (into.type != type) {
    into = Column{.type = type};
  }
  into.validity.Clear();
  into.offsets.Clear();
  into.values.Clear();
  into.length = static_cast<std::int64_t>(from.null.size());
  switch (into.type.kind()) {
    case TypeKind::kBoolean:
      WriteBits(from.null.size(), into.values,
                [&](std::size_t row) { return from.null[row] == 0 && from.wholes[row] != 0; });
      break;
    case TypeKind::kInt8:
      WriteValues<std::int8_t>(from.wholes, into.values);
      break;
    case TypeKind::kInt16:
      WriteValues<std::int16_t>(from.wholes, into.values);
      break;
    case TypeKind::kInt32:
    case TypeKind::kDate:
      WriteValues<std::int32_t>(from.wholes, into.values);
      break;
    case TypeKind::kFloat32:
      WriteValues<float>(from.floatings, into.values);
      break;
    case TypeKind::kFloat64:
      WriteValues<double>(from.floatings, into.values);
      break;
    case TypeKind::kDecimal:
      WriteValues<Int128>(from.decimals, into.values);
      break;
    case TypeKind::kString:
    case TypeKind::kBytes:
      WriteTexts(from, into, failures);
      break;
    default:
      WriteValues<std::int64_t>(from.wholes, into.values);
      break;
  }
  if (std::ranges::find(from.null, 1) != from.null.end()) {
    WriteBits(from.null.size(), into.validity,
              [&](std::size_t row) { return from.null[row] == 0; });
  }
}

}  // namespace

struct Expression::State {
  Bound bound;
  std::vector<std::size_t> columns;
  Setting setting;
  Arena arena;

  Vector& Run(const Batch& batch, const Rows& rows, std::vector<Failure>& failures) {
    arena.Clear();
    failures.clear();
    Work work{.batch = &batch, .arena = &arena, .failures = &failures, .values = setting.values};
    // The vector is the node's own, which fills it anew each time.
    return const_cast<Vector&>(bound.node->Run(work, rows));
  }
  /// Each row once, with what failed first.
  static void Tidy(std::vector<Failure>& failures) {
    std::ranges::stable_sort(failures, {}, &Failure::row);
    failures.erase(std::ranges::unique(failures, {}, &Failure::row).begin(), failures.end());
  }
};

Expression::Expression(std::unique_ptr<State> state) : state_(std::move(state)) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

base::Result<Expression> Expression::Compile(std::string_view text,
                                             const connectors::Schema& schema, Setting setting) {
  const SyntaxPtr whole = SP_TRY(ParseExpression(text));
  auto state = std::make_unique<State>();
  state->setting = std::move(setting);
  state->bound = SP_TRY(BindExpression(*whole, schema, state->setting, state->columns));
  return Expression(std::move(state));
}

base::Status Expression::CheckSyntax(std::string_view text) {
  SP_TRY(ParseExpression(text));
  return base::Ok();
}

const connectors::Type& Expression::type() const { return state_->bound.type; }
connectors::Nullability Expression::nullability() const {
  return state_->bound.nullable ? connectors::Nullability::kNullable
                                : connectors::Nullability::kRequired;
}
const std::vector<std::size_t>& Expression::columns() const { return state_->columns; }

void Expression::Evaluate(const Batch& batch, Column& column, std::vector<Failure>& failures) {
  const auto length = static_cast<std::size_t>(batch.length);
  Vector& values = state_->Run(batch, {.at = nullptr, .count = length, .length = length}, failures);
  Write(values, type(), column, failures);
  State::Tidy(failures);
}

void Expression::Evaluate(const Batch& batch, std::span<const std::int32_t> rows, Column& column,
                          std::vector<Failure>& failures) {
  Vector& values = state_->Run(
      batch,
      {.at = rows.data(), .count = rows.size(), .length = static_cast<std::size_t>(batch.length)},
      failures);
  std::size_t next = 0;
  for (const std::int32_t row : rows) {
    std::fill(values.null.begin() + static_cast<long>(next), values.null.begin() + row, 1);
    next = static_cast<std::size_t>(row) + 1;
  }
  std::fill(values.null.begin() + static_cast<long>(next), values.null.end(), 1);
  Write(values, type(), column, failures);
  State::Tidy(failures);
}

void Expression::Select(const Batch& batch, std::vector<std::int32_t>& rows,
                        std::vector<Failure>& failures) {
  SP_CHECK(type().kind() == TypeKind::kBoolean);
  const Vector& values =
      state_->Run(batch, Rows::Of(rows, static_cast<std::size_t>(batch.length)), failures);
  State::Tidy(failures);
  std::erase_if(rows, [&](std::int32_t at) {
    const auto row = static_cast<std::size_t>(at);
    return values.null[row] != 0 || values.wholes[row] == 0 ||
           (!failures.empty() &&
            std::ranges::binary_search(failures, std::int64_t{at}, {}, &Failure::row));
  });
}

std::string QuoteName(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    quoted.append(c == '"' ? 2 : 1, c);
  }
  return quoted + "\"";
}

}  // namespace streampark::expressions
