// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/generator.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/testing/source_contract.h"

namespace streampark::connectors {
namespace {

using connectors::testing::Given;
using connectors::testing::ReadToTheEnd;
using connectors::testing::SchemaOf;
using connectors::testing::Sorted;
using connectors::testing::SourceOf;
using connectors::testing::SourceRefusal;
using connectors::testing::Strings;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class GeneratorUnderTest final : public connectors::testing::SourceUnderTest {
 public:
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override {
    return SchemaOf("n BIGINT NOT NULL, name STRING, price DECIMAL(10, 2)");
  }
  Given bounded() const override {
    Given given = unbounded();
    given["rows"] = "50";
    return given;
  }
  Strings rows() const override {
    Strings rows;
    for (int n = 0; n < 50; ++n) {
      rows.push_back("+I(" + std::to_string(n) + ", '" + std::to_string(100 + n % 7) + "', " +
                     std::to_string(1 + n / 2) + (n % 2 == 0 ? ".00" : ".50") + ")");
    }
    return rows;
  }
  Given unbounded() const override {
    return {{"splits", "3"},
            {"batch.rows", "4"},
            {"fields.n.kind", "sequence"},
            {"fields.name.kind", "sequence"},
            {"fields.name.start", "100"},
            {"fields.name.count", "7"},
            {"fields.price.kind", "sequence"},
            {"fields.price.start", "1"},
            {"fields.price.step", "0.5"}};
  }
  Strings Grow() override { return {}; }

 private:
  std::unique_ptr<Connector> connector_ = MakeGeneratorConnector();
};

Strings All(const std::string& schema, Given given) {
  const auto connector = MakeGeneratorConnector();
  const auto source = SourceOf(*connector, given, SchemaOf(schema));
  const auto splits = source->MakeEnumerator(std::nullopt).value()->Discover({}).value().splits;
  const auto reader = source->MakeReader(0).value();
  EXPECT_TRUE(reader->Add(splits).ok());
  return ReadToTheEnd(*reader, splits.size());
}

constexpr const char* kAllTypes =
    "a BOOLEAN, b TINYINT, c SMALLINT, d INT, e BIGINT, f FLOAT, g DOUBLE, h DECIMAL(30, 10), i "
    "STRING, j BYTES, k DATE, l TIME, m TIMESTAMP, n TIMESTAMP_LTZ, o STRING NOT NULL";

TEST(Generator, MakesEveryTypeTheSameAtAnyWidth) {
  const Given given = {{"rows", "200"}, {"fields.i.null-rate", "0.5"}, {"fields.o.length", "40"}};
  Strings rows = Sorted(All(kAllTypes, given));
  EXPECT_EQ(rows.size(), 200U);
  EXPECT_EQ(std::set<std::string>(rows.begin(), rows.end()).size(), 200U);
  for (const char* splits : {"1", "7"}) {
    Given other = given;
    other["splits"] = splits;
    EXPECT_EQ(Sorted(All(kAllTypes, other)), rows);
  }
  Given other = given;
  other["seed"] = "2";
  EXPECT_NE(Sorted(All(kAllTypes, other)), rows);
}

TEST(Generator, KeepsToItsRanges) {
  EXPECT_THAT(All("a INT", {{"rows", "100"}, {"fields.a.min", "-1"}, {"fields.a.max", "1"}}),
              Each(::testing::AnyOf("+I(-1)", "+I(0)", "+I(1)")));
  EXPECT_THAT(
      All("a STRING", {{"rows", "100"}, {"fields.a.kind", "choice"}, {"fields.a.values", "x,y"}}),
      Each(::testing::AnyOf("+I('x')", "+I('y')")));
  EXPECT_THAT(All("a DATE", {{"rows", "3"},
                             {"splits", "1"},
                             {"fields.a.min", "2026-02-28"},
                             {"fields.a.max", "2026-02-28"}}),
              ElementsAre("+I(2026-02-28)", "+I(2026-02-28)", "+I(2026-02-28)"));
  EXPECT_THAT(All("a TINYINT", {{"rows", "3"},
                                {"splits", "1"},
                                {"fields.a.kind", "sequence"},
                                {"fields.a.start", "126"}}),
              ElementsAre("+I(126)", "+I(127)", "+I(-128)"));
  EXPECT_THAT(All("a TIMESTAMP", {{"rows", "2"},
                                  {"splits", "1"},
                                  {"fields.a.start", "2026-01-01 10:00:00"},
                                  {"fields.a.step", "1500ms"}}),
              ElementsAre("+I(2026-01-01 10:00:00)", "+I(2026-01-01 10:00:01.5)"));
}

TEST(Generator, NamesWhatIsWrong) {
  const auto connector = MakeGeneratorConnector();
  const auto refusal = [&](const std::string& schema, const Given& given) {
    return SourceRefusal(*connector, given, SchemaOf(schema));
  };
  EXPECT_THAT(refusal("a INT", {{"fields.a.kind", "sequnce"}}),
              HasSubstr("/fields.a.kind: 'sequnce' is none of its values"));
  EXPECT_THAT(refusal("a INT", {{"fields.b.min", "1"}}),
              HasSubstr("/fields.b.min: no column has such an option"));
  EXPECT_THAT(refusal("a INT", {{"fields.a.length", "1"}}), HasSubstr("/fields.a.length: "));
  EXPECT_THAT(refusal("a INT", {{"fields.a.min", "5000000000"}}),
              HasSubstr("/fields.a.min: '5000000000' is no value that it may be"));
  EXPECT_THAT(refusal("a INT", {{"fields.a.min", "5"}, {"fields.a.max", "4"}}),
              HasSubstr("/fields.a.max: is less than its min"));
  EXPECT_THAT(refusal("a DOUBLE", {{"fields.a.max", "nan"}}), HasSubstr("/fields.a.max: "));
  EXPECT_THAT(refusal("a STRING NOT NULL", {{"fields.a.null-rate", "0.1"}}),
              HasSubstr("/fields.a.null-rate: the column is NOT NULL"));
  EXPECT_THAT(refusal("a INT, b ARRAY<INT>", {}),
              HasSubstr("/fields.b.kind: a column of type ARRAY<INT> cannot be generated"));
  EXPECT_THAT(refusal("a INT", {{"rows-per-second", "0"}}), HasSubstr("/rows-per-second: "));
}

TEST(Generator, KeepsItsRate) {
  base::ManualClock clock;
  const auto connector = MakeGeneratorConnector();
  const auto source =
      connector
          ->MakeSource({.options = connector->options()
                                       .Read({{"rows-per-second", "20"}, {"splits", "2"}},
                                             OptionUse::kSource)
                                       .value(),
                        .schema = SchemaOf("a INT"),
                        .clock = &clock})
          .value();
  const auto reader = source->MakeReader(0).value();
  ASSERT_TRUE(
      reader->Add(source->MakeEnumerator(std::nullopt).value()->Discover({}).value().splits).ok());
  const auto read = [&] {
    std::int64_t rows = 0;
    for (auto batch = reader->Read(base::Millis(0)).value().batch; batch;
         batch = reader->Read(base::Millis(0)).value().batch) {
      rows += batch->length;
    }
    return rows;
  };
  EXPECT_EQ(read(), 0);
  clock.Advance(base::Millis(500));
  EXPECT_EQ(read(), 10);
  EXPECT_EQ(read(), 0);
  clock.Advance(base::Millis(3'600'000));  // whoever was kept waiting does not get an hour's rows
  EXPECT_EQ(read(), 20);
  clock.Advance(base::Millis(100));
  EXPECT_EQ(read(), 2);
}

}  // namespace
}  // namespace streampark::connectors

SP_SOURCE_CONTRACT(Generator,
                   [] { return std::make_unique<streampark::connectors::GeneratorUnderTest>(); });
