// SPDX-License-Identifier: Apache-2.0
#include "canonical_row.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/value_text.h"

namespace streampark::pump {
namespace {

using connectors::BatchBuilder;
using connectors::Field;
using connectors::Schema;
using connectors::TextKind;
using connectors::Type;
using connectors::TypeKind;

/// One value of a type, as a column of one row.
template <typename Append>
std::unique_ptr<connectors::Batch> One(const Type& type, const Append& append) {
  BatchBuilder rows(std::make_shared<const Schema>(std::vector<Field>{{"v", type}}));
  append(rows.column(0));
  rows.EndRow();
  return rows.Finish();
}

std::unique_ptr<connectors::Batch> Text(std::string_view text) {
  return One(TypeKind::kString, [&](auto& to) { to.AppendText(text); });
}
template <typename T>
std::unique_ptr<connectors::Batch> Fixed(const Type& type, T value) {
  return One(type, [&](auto& to) { to.Append(value); });
}
std::unique_ptr<connectors::Batch> Null(const Type& type) {
  return One(type, [](auto& to) { to.AppendNull(); });
}

std::string Encoded(const CanonicalColumn& column, const connectors::Batch& batch) {
  std::string out;
  column.Append(batch.columns[0], 0, out);
  return out;
}

/// Whether the two are the same where a column is of these kinds.
bool Same(const connectors::Batch& one, TextKind texts, const connectors::Batch& other,
          TextKind other_texts) {
  const CanonicalColumn column(
      {{one.columns[0].type, texts}, {other.columns[0].type, other_texts}});
  return Encoded(column, one) == Encoded(column, other);
}
bool Same(const std::unique_ptr<connectors::Batch>& one,
          const std::unique_ptr<connectors::Batch>& other) {
  return Same(*one, TextKind::kPlain, *other, TextKind::kPlain);
}

connectors::Int128 Wide(std::int64_t value) { return value; }

TEST(CanonicalRow, NumbersOfAnyWidthAreTheSameNumber) {
  EXPECT_TRUE(
      Same(Fixed<std::int8_t>(TypeKind::kInt8, -7), Fixed<std::int64_t>(TypeKind::kInt64, -7)));
  EXPECT_TRUE(Same(One(TypeKind::kBoolean, [](auto& to) { to.AppendBoolean(true); }),
                   Fixed<std::int8_t>(TypeKind::kInt8, 1)));
  EXPECT_FALSE(
      Same(Fixed<std::int32_t>(TypeKind::kInt32, 7), Fixed<std::int64_t>(TypeKind::kInt64, 8)));
  EXPECT_TRUE(
      Same(Fixed(Type::Decimal(10, 2), Wide(1250)), Fixed(Type::Decimal(12, 4), Wide(125'000))));
  EXPECT_TRUE(
      Same(Fixed(Type::Decimal(20, 0), Wide(17)), Fixed<std::int64_t>(TypeKind::kInt64, 17)));
  // Of no common scale within 38 digits.
  EXPECT_TRUE(Same(Fixed(Type::Decimal(38, 38), Wide(0)), Fixed(Type::Decimal(38, 0), Wide(0))));
  EXPECT_TRUE(Same(Fixed(Type::Decimal(10, 2), Wide(-1250)), Text("-12.5000")));
  EXPECT_FALSE(Same(Fixed(Type::Decimal(10, 2), Wide(1250)), Text("12.51")));
}

TEST(CanonicalRow, TextsThatHoldNumbersAreNumbers) {
  const auto same = [](std::string_view one, std::string_view other) {
    return Same(*Text(one), TextKind::kNumber, *Text(other), TextKind::kPlain);
  };
  EXPECT_TRUE(same("1.500", "1.5"));
  EXPECT_TRUE(same("-0.0", "0"));
  EXPECT_TRUE(same("1e3", "1000.00"));
  EXPECT_TRUE(same("123456789012345678901234567890123456789012345.10",
                   "123456789012345678901234567890123456789012345.1"));
  EXPECT_TRUE(same("NaN", "NaN"));
  EXPECT_FALSE(same("NaN", "0"));
  EXPECT_FALSE(same("", "0"));
  EXPECT_FALSE(same("1.5", "-1.5"));
}

TEST(CanonicalRow, FloatsAreDoubles) {
  EXPECT_TRUE(Same(Fixed(TypeKind::kFloat64, -0.0), Fixed(TypeKind::kFloat64, 0.0)));
  EXPECT_TRUE(Same(Fixed(TypeKind::kFloat64, std::numeric_limits<double>::quiet_NaN()),
                   Fixed(TypeKind::kFloat64, -std::numeric_limits<double>::quiet_NaN())));
  EXPECT_TRUE(
      Same(Fixed(TypeKind::kFloat32, 0.1F), Fixed(TypeKind::kFloat64, static_cast<double>(0.1F))));
  EXPECT_FALSE(Same(Fixed(TypeKind::kFloat32, 0.1F), Fixed(TypeKind::kFloat64, 0.1)));
  EXPECT_TRUE(Same(Fixed<std::int32_t>(TypeKind::kInt32, 7), Fixed(TypeKind::kFloat64, 7.0)));
  // What no double is.
  EXPECT_FALSE(Same(Fixed(TypeKind::kInt64, (std::int64_t{1} << 53) + 1),
                    Fixed(TypeKind::kFloat64, static_cast<double>(std::int64_t{1} << 53))));
  EXPECT_FALSE(Same(Text("many"), Fixed(TypeKind::kFloat64, 0.0)));
}

TEST(CanonicalRow, TextsAreTheirBytes) {
  EXPECT_FALSE(Same(Text("a"), Text("A")));
  EXPECT_FALSE(Same(Text("a"), Text("a ")));
  EXPECT_FALSE(Same(Text(""), Null(TypeKind::kString)));
  EXPECT_TRUE(Same(*Text("a  "), TextKind::kPadded, *Text("a"), TextKind::kPlain));
  EXPECT_TRUE(Same(*Text("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"), TextKind::kUuid,
                   *Text("a0eebc999c0b4ef8bb6d6bb9bd380a11"), TextKind::kPlain));
  EXPECT_FALSE(Same(*Text("a0eebc999c0b4ef8bb6d6bb9bd380a11"), TextKind::kUuid, *Text("none"),
                    TextKind::kPlain));
}

TEST(CanonicalRow, TimesAreMicroseconds) {
  const auto at = [](std::string_view text) { return *connectors::ParseTimestamp(text); };
  EXPECT_TRUE(Same(Fixed(TypeKind::kDate, *connectors::ParseDate("2026-01-31")),
                   Fixed(TypeKind::kTimestamp, at("2026-01-31 00:00:00"))));
  EXPECT_TRUE(Same(Fixed(TypeKind::kTimestampTz, at("2026-01-31 09:05:00.25")),
                   Text("2026-01-31 09:05:00.250Z")));
  EXPECT_TRUE(Same(Fixed(TypeKind::kTime, *connectors::ParseTime("09:05:00")), Text("09:05")));
  EXPECT_FALSE(Same(Fixed(TypeKind::kTimestamp, at("2026-01-31 09:05:00")), Text("infinity")));
  EXPECT_FALSE(Same(Fixed(TypeKind::kTimestamp, std::int64_t{0}), Null(TypeKind::kTimestamp)));
}

TEST(CanonicalRow, WhereAValueEndsIsKnown) {
  const CanonicalColumn text({{TypeKind::kString}, {TypeKind::kString}});
  EXPECT_NE(Encoded(text, *Text("ab")) + Encoded(text, *Text("c")),
            Encoded(text, *Text("a")) + Encoded(text, *Text("bc")));
}

}  // namespace
}  // namespace streampark::pump
