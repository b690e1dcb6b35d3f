// SPDX-License-Identifier: Apache-2.0
#include "streampark/expressions/expression.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/value_text.h"

namespace streampark::expressions {
namespace {

using connectors::Batch;
using connectors::BatchBuilder;
using connectors::Column;
using connectors::DebugText;
using connectors::Schema;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Two rows: values, and nulls but for the id.
class ExpressionTest : public ::testing::Test {
 protected:
  ExpressionTest() {
    BatchBuilder rows(schema_);
    for (int i = 0; i < 2; ++i) {
      rows.column(0).Append<std::int64_t>(i);
      if (i == 0) {
        rows.column(1).AppendText("Grün 中文");
        rows.column(2).Append<connectors::Int128>(-1250);
        rows.column(3).Append(0.5);
        rows.column(4).Append<std::int32_t>(*connectors::ParseDate("2024-02-29"));
        rows.column(5).Append<std::int64_t>(
            *connectors::ParseTimestamp("2026-11-30 16:05:09.123456"));
        rows.column(6).AppendBoolean(true);
        rows.column(7).Append<std::int8_t>(100);
        rows.column(8).AppendText("17");
        rows.column(9).AppendText("\xff");
      }
      rows.EndRow();
    }
    batch_ = rows.Finish();
  }

  /// The value of the first row, or why there is none.
  std::string Value(const std::string& text) const { return Values(text)[0]; }
  /// What it is for the row of nulls.
  std::string OfNulls(const std::string& text) const { return Values(text)[1]; }
  std::string TypeOf(const std::string& text) const {
    const auto compiled = Expression::Compile(text, *schema_);
    return compiled.ok()
               ? compiled->type().ToString() +
                     (compiled->nullability() == connectors::Nullability::kRequired ? " NOT NULL"
                                                                                    : "")
               : compiled.error().message();
  }
  static std::string Wrong(const std::string& text, const Schema& schema) {
    const auto compiled = Expression::Compile(text, schema);
    return compiled.ok() ? "it compiles"
                         : compiled.error().message() + " / " + compiled.error().hint();
  }
  std::string Wrong(const std::string& text) const { return Wrong(text, *schema_); }

  std::vector<std::string> Values(const std::string& text) const {
    auto compiled = Expression::Compile(text, *schema_, {.parameters = {{"salt", "Jefe"}}});
    if (!compiled.ok()) {
      return {compiled.error().message(), compiled.error().message()};
    }
    Column column{.type = compiled->type()};
    std::vector<Failure> failures;
    compiled->Evaluate(*batch_, column, failures);
    std::vector<std::string> values;
    for (std::int64_t row = 0; row < batch_->length; ++row) {
      values.push_back(DebugText(column, row));
    }
    for (const Failure& failure : failures) {
      values[static_cast<std::size_t>(failure.row)] = "! " + failure.reason;
    }
    return values;
  }

  const std::shared_ptr<const Schema> schema_ = std::make_shared<const Schema>(
      Schema::Parse("id BIGINT NOT NULL, name STRING, amount DECIMAL(10, 2), rate DOUBLE, day "
                    "DATE, at TIMESTAMP, ok BOOLEAN, tiny TINYINT, digits STRING, raw BYTES")
          .value());
  std::unique_ptr<Batch> batch_;
};

TEST_F(ExpressionTest, Literals) {
  const std::vector<std::pair<std::string, std::string>> kCases{
      {"17", "17"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775808", "9223372036854775808"},
      {"1.50", "1.50"},
      {".5", "0.5"},
      {"1e3", "1000"},
      {"'it''s'", "'it''s'"},
      {"x'00fF'", "x'00ff'"},
      {"TRUE", "true"},
      {"null", "NULL"},
      {"DATE '2026-01-31'", "2026-01-31"},
      {"TIME '09:05'", "09:05:00"},
      {"TIMESTAMP '2026-01-31 09:05:00.25'", "2026-01-31 09:05:00.25"},
      {":salt", "'Jefe'"},
  };
  for (const auto& [text, value] : kCases) {
    EXPECT_EQ(Value(text), value) << text;
  }
  EXPECT_EQ(TypeOf("17"), "BIGINT NOT NULL");
  EXPECT_EQ(TypeOf("1.50"), "DECIMAL(3, 2) NOT NULL");
  EXPECT_EQ(TypeOf("\"name\""), "STRING");
  EXPECT_EQ(TypeOf("`id`"), "BIGINT NOT NULL");
}

TEST_F(ExpressionTest, NumbersAreExactOrFail) {
  EXPECT_EQ(Value("1 + 2 * 3 - -4"), "11");
  EXPECT_EQ(Value("(1 + 2) * 3"), "9");
  EXPECT_EQ(Value("-7 / 2"), "-3");
  EXPECT_EQ(Value("-7 % 3"), "-1");
  EXPECT_EQ(Value("tiny * 100"), "10000");
  EXPECT_EQ(Value("9223372036854775807 + 1"), "! the result is too large");
  EXPECT_EQ(Value("-9223372036854775808 / -1"), "! the result is too large");
  EXPECT_EQ(Value("-9223372036854775808 % -1"), "0");
  EXPECT_EQ(Value("1 / id"), "! division by zero");
  EXPECT_EQ(OfNulls("1 / id"), "1");
  EXPECT_EQ(Value("rate / 0"), "! division by zero");
  EXPECT_EQ(Value("amount + 0.005"), "-12.495");
  EXPECT_EQ(TypeOf("amount + 0.005"), "DECIMAL(12, 3)");
  EXPECT_EQ(Value("amount * amount"), "156.2500");
  EXPECT_EQ(TypeOf("amount * amount"), "DECIMAL(20, 4)");
  EXPECT_EQ(Value("amount / 3"), "-4.166667");
  EXPECT_EQ(Value("amount % 5"), "-2.50");
  EXPECT_EQ(Value("amount * rate"), "-6.25");
  EXPECT_EQ(TypeOf("amount * rate"), "DOUBLE");
  EXPECT_EQ(Value("abs(amount)"), "12.50");
  EXPECT_EQ(Value("round(amount)"), "-13");
  EXPECT_EQ(Value("round(amount, 1)"), "-12.5");
  EXPECT_EQ(Value("floor(amount)"), "-13");
  EXPECT_EQ(Value("ceil(amount)"), "-12");
  EXPECT_EQ(Value("99999999999999999999999999999999999999 + 1"), "! the result is too large");
  EXPECT_EQ(OfNulls("amount + 1"), "NULL");
  EXPECT_EQ(Value("day + 1"), "2024-03-01");
  EXPECT_EQ(Value("day - DATE '2024-01-01'"), "59");
  EXPECT_THAT(Wrong("name + 1"), HasSubstr("at character 1: '+' takes no STRING"));
}

TEST_F(ExpressionTest, LogicHasThreeValues) {
  for (const auto& [text, value] : std::vector<std::pair<std::string, std::string>>{
           {"TRUE AND NULL", "NULL"},
           {"FALSE AND NULL", "false"},
           {"NULL AND FALSE", "false"},
           {"TRUE OR NULL", "true"},
           {"NULL OR FALSE", "NULL"},
           {"NOT NULL", "NULL"},
           {"NOT ok", "false"},
           {"NULL = NULL", "NULL"},
           {"NULL IS NULL", "true"},
           {"name IS NOT NULL AND ok IS TRUE", "true"},
           {"1 IN (2, NULL)", "NULL"},
           {"1 IN (2, NULL, 1)", "true"},
           {"1 NOT IN (2, 3)", "true"},
           {"name IN ('a', 'Grün 中文')", "true"},
           {"1 < 1.5 AND 1.5 < 2e0", "true"},
           {"amount BETWEEN -13 AND -12.5", "true"},
           {"amount NOT BETWEEN 0 AND 1", "true"},
           {"day >= '2024-02-29' AND at < '2026-12-01'", "true"},
           {"day < TIMESTAMP '2024-02-29 00:00:01'", "true"},
           {"id <> 0 AND 1 / id > 0", "false"},
           {"CASE WHEN id = 0 THEN 'none' ELSE CAST(1 / id AS STRING) END", "'none'"},
           {"CASE tiny WHEN 1 THEN 'a' WHEN 100 THEN 'b' END", "'b'"},
           {"IF(ok, 1, 2.5)", "1.0"},
           {"COALESCE(NULL, NULLIF(name, name), 'x')", "'x'"},
           {"coalesce(name, CAST(1 / id AS STRING))", "'Grün 中文'"},
       }) {
    EXPECT_EQ(Value(text), value) << text;
  }
  EXPECT_EQ(OfNulls("name = 'x'"), "NULL");
  EXPECT_EQ(OfNulls("coalesce(name, '-')"), "'-'");
  EXPECT_EQ(TypeOf("coalesce(name, '-')"), "STRING NOT NULL");
  EXPECT_EQ(TypeOf("name IS NULL"), "BOOLEAN NOT NULL");
}

TEST_F(ExpressionTest, TextsAreCountedByCharacters) {
  for (const auto& [text, value] : std::vector<std::pair<std::string, std::string>>{
           {"length(name)", "7"},
           {"length(raw)", "1"},
           {"lower('ÄbC')", "'äbc'"},
           {"upper(name)", "'GRÜN 中文'"},
           {"substring(name, 3, 2)", "'ün'"},
           {"substring(name FROM 6 FOR 9)", "'中文'"},
           {"substring(name, -1, 3)", "'G'"},
           {"left(name, 3) || '…' || right(name, 1)", "'Grü…文'"},
           {"concat(id, ':', amount, ':', ok)", "'0:-12.50:true'"},
           {"name || NULL", "NULL"},
           {"trim('  a b ')", "'a b'"},
           {"trim(LEADING 'x' FROM 'xxax')", "'ax'"},
           {"rtrim('a文文', '文')", "'a'"},
           {"replace('a.b.c', '.', '--')", "'a--b--c'"},
           {"position('中' IN name)", "6"},
           {"split_part('a,b,c', ',', 2)", "'b'"},
           {"starts_with(name, 'Gr')", "true"},
           {"name LIKE 'G_ün%'", "true"},
           {"name LIKE '%文'", "true"},
           {"'50%' LIKE '50\\%'", "true"},
           {"'50x' LIKE '50!%' ESCAPE '!'", "false"},
           {"'abcabd' LIKE '%abd'", "true"},
           {"'' LIKE '%'", "true"},
           {"sha256('abc')", "'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'"},
           {"hmac_sha256('what do ya want for nothing?', :salt)",
            "'5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'"},
           {"cover('4111111111111111', 2, 4, '*')", "'41**********1111'"},
           {"cover(name, 9, 9, 'x')", "'xxxxxxx'"},
       }) {
    EXPECT_EQ(Value(text), value) << text;
  }
}

// RFC 4231, case 6; case 2 is above.
TEST_F(ExpressionTest, AKeyThatIsLongerThanABlock) {
  const std::string key(131, '\xaa');
  auto hash = Expression::Compile(
                  "hmac_sha256('Test Using Larger Than Block-Size Key - Hash Key First', :key)",
                  *schema_, {.parameters = {{"key", key}}})
                  .value();
  Column column{.type = hash.type()};
  std::vector<Failure> failures;
  hash.Evaluate(*batch_, column, failures);
  EXPECT_EQ(column.text(0), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_F(ExpressionTest, PartsOfTime) {
  for (const auto& [text, value] : std::vector<std::pair<std::string, std::string>>{
           {"extract(year FROM day)", "2024"},
           {"extract(doy FROM day)", "60"},
           {"extract(isodow FROM day)", "4"},
           {"extract(week FROM DATE '2027-01-01')", "53"},
           {"extract(quarter FROM at)", "4"},
           {"extract(hour FROM at) * 100 + extract(minute FROM at)", "1605"},
           {"extract(microsecond FROM at)", "123456"},
           {"extract('second', TIME '01:02:03')", "3"},
           {"extract(epoch FROM TIMESTAMP '1969-12-31 23:59:59')", "-1"},
           {"date_trunc('month', day)", "2024-02-01"},
           {"date_trunc('quarter', at)", "2026-10-01 00:00:00"},
           {"date_trunc('week', day)", "2024-02-26"},
           {"date_trunc('minute', at)", "2026-11-30 16:05:00"},
           {"date_trunc('hour', TIMESTAMP '1969-12-31 23:59:59')", "1969-12-31 23:00:00"},
           {"CAST(at AS DATE)", "2026-11-30"},
           {"CAST(at AS TIME)", "16:05:09.123456"},
           {"CAST(day AS TIMESTAMP)", "2024-02-29 00:00:00"},
       }) {
    EXPECT_EQ(Value(text), value) << text;
  }
  EXPECT_THAT(Wrong("extract(hour FROM day)"), HasSubstr("a DATE has no hour"));
  EXPECT_THAT(Wrong("date_trunc('eon', at)"), HasSubstr("there is no unit 'eon'"));
}

TEST_F(ExpressionTest, CastsHoldTheValueOrFail) {
  for (const auto& [text, value] : std::vector<std::pair<std::string, std::string>>{
           {"CAST(digits AS INT) + 1", "18"},
           {"CAST(name AS INT)", "! 'Grün 中文' is no INT"},
           {"TRY_CAST(name AS INT)", "NULL"},
           {"CAST(' 1' AS INT)", "! ' 1' is no INT"},
           {"CAST(300 AS TINYINT)", "! '300' is no TINYINT"},
           {"CAST(amount AS DECIMAL(10, 1))", "-12.5"},
           {"CAST(amount AS BIGINT)", "! '-12.50' is no BIGINT"},
           {"CAST(round(amount) AS BIGINT)", "-13"},
           {"CAST(amount AS DECIMAL(2, 1))", "! '-12.50' is no DECIMAL(2, 1)"},
           {"CAST(rate AS DECIMAL(3, 1))", "0.5"},
           {"CAST(0.1 AS DOUBLE)", "0.1"},
           {"CAST(1e300 AS FLOAT)", "! '1e+300' is no FLOAT"},
           {"CAST(2.5e0 AS INT)", "! '2.5' is no INT"},
           {"CAST('2026-02-30' AS DATE)", "! '2026-02-30' is no DATE"},
           {"CAST('true' AS BOOLEAN)", "true"},
           {"CAST(ok AS INT)", "1"},
           {"CAST(2 AS BOOLEAN)", "! '2' is no BOOLEAN"},
           {"CAST(name AS BYTES) = CAST('x' AS BYTES)", "false"},
           {"CAST(raw AS STRING)", "! 'a value that is no UTF-8' is no STRING"},
           {"CAST(at AS STRING)", "'2026-11-30 16:05:09.123456'"},
           {"CAST('2026-01-01T00:00:00+01:00' AS TIMESTAMP_LTZ)", "2025-12-31 23:00:00Z"},
       }) {
    EXPECT_EQ(Value(text), value) << text;
  }
  EXPECT_EQ(OfNulls("CAST(name AS INT)"), "NULL");
  EXPECT_EQ(TypeOf("TRY_CAST(id AS INT)"), "INT");
  EXPECT_THAT(Wrong("CAST(day AS BIGINT)"), HasSubstr("DATE is not cast to BIGINT"));
  EXPECT_THAT(Wrong("CAST(id AS NUMBER)"), HasSubstr("there is no type 'NUMBER'"));
}

TEST_F(ExpressionTest, WhatIsWrongIsSaidWithItsPlace) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"", "at character 1: it ends where a value is missing"},
           {"id +", "at character 5: it ends where a value is missing"},
           {"id id", "at character 4: 'id' stands where the end is missing"},
           {"amuont > 1", "at character 1: there is no column 'amuont' / did you mean 'amount'?"},
           {"1 + lowr(name)",
            "at character 5: there is no function 'lowr' / did you mean 'lower'?"},
           {"lower()", "'lower' takes 1 values, and has 0"},
           {"name = 1", "at character 6: STRING and BIGINT do not go together"},
           {"day = 'soon'", "at character 7: 'soon' is no DATE"},
           {"name AND ok", "'AND' takes no STRING"},
           {"'open", "at character 1: the ' is not closed"},
           {"id ! 1", "at character 4: '!' has no meaning here"},
           {"CASE WHEN id THEN 1 END", "a condition is BOOLEAN, and this is BIGINT"},
           {"(1", "at character 3: it ends where ')' is missing"},
           {":nothing", "there is no parameter :nothing"},
           {"12x", "a number may not run into a name"},
       }) {
    EXPECT_THAT(Wrong(text), HasSubstr(message)) << text;
  }
  const Schema nested = Schema::Parse("list ARRAY<INT>").value();
  EXPECT_THAT(Wrong("list", nested), HasSubstr("which cannot be computed with"));
  EXPECT_THAT(Wrong(std::string(500, '(') + "1"), HasSubstr("nested too deep"));
  std::string long_one = "1";
  for (int i = 0; i < 2'000; ++i) {
    long_one += "+1";
  }
  EXPECT_THAT(Wrong(long_one), HasSubstr("more than 1000 parts"));
}

TEST_F(ExpressionTest, RowsThatAreAskedForAndHiddenValues) {
  auto filter = Expression::Compile("name IS NULL OR 1 / id > 0", *schema_).value();
  std::vector<std::int32_t> rows{0, 1};
  std::vector<Failure> failures;
  filter.Select(*batch_, rows, failures);
  EXPECT_THAT(rows, ElementsAre(1));
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].row, 0);
  EXPECT_THAT(filter.columns(), ElementsAre(0U, 1U));

  auto quotient = Expression::Compile("1 / id", *schema_).value();
  Column column{.type = quotient.type()};
  quotient.Evaluate(*batch_, rows, column, failures);
  EXPECT_TRUE(failures.empty());
  EXPECT_EQ(DebugText(column, 0), "NULL");
  EXPECT_EQ(DebugText(column, 1), "1");

  auto secret =
      Expression::Compile("CAST(name AS INT)", *schema_, {.values = Setting::Values::kHidden})
          .value();
  secret.Evaluate(*batch_, column, failures);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].reason, "the value is no INT");
}

TEST_F(ExpressionTest, ManyBatchesOfAllLengths) {
  auto joined = Expression::Compile("name || '-' || CAST(id AS STRING)",
                                    Schema::Parse("id BIGINT, name STRING").value())
                    .value();
  Column column{.type = joined.type()};
  std::vector<Failure> failures;
  for (const std::int64_t length : {1, 5'000, 0, 17, 9'000, 3}) {
    BatchBuilder rows(
        std::make_shared<const Schema>(Schema::Parse("id BIGINT, name STRING").value()));
    for (std::int64_t i = 0; i < length; ++i) {
      rows.column(0).Append(i);
      rows.column(1).AppendText(std::string(static_cast<std::size_t>(i % 300), 'n'));
      rows.EndRow();
    }
    joined.Evaluate(*rows.Finish(), column, failures);
    ASSERT_EQ(column.length, length);
    for (std::int64_t i = 0; i < length; ++i) {
      ASSERT_EQ(column.text(i),
                std::string(static_cast<std::size_t>(i % 300), 'n') + "-" + std::to_string(i));
    }
  }
}

}  // namespace
}  // namespace streampark::expressions
