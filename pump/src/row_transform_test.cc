// SPDX-License-Identifier: Apache-2.0
#include "row_transform.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/batch_builder.h"

namespace streampark::pump {
namespace {

using connectors::BatchBuilder;
using connectors::DirtyRecord;
using connectors::Schema;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class RowTransformTest : public ::testing::Test {
 protected:
  static base::Result<RowTransform> Made(const std::string& rule) {
    const auto file =
        SP_TRY(PumpFile::Parse("pump:\n  source: {connector: a}\n  sink: {connector: b}\n  "
                               "transforms:\n    - {tables: t, " +
                                   rule + "}",
                               "job.yaml"));
    return RowTransform::Make(file.rules[0], Read(), "shop.t",
                              {{"email", "pepper"}, {"name", "pepper"}});
  }
  static std::shared_ptr<const Schema> Read() {
    return std::make_shared<const Schema>(
        Schema::Parse("id BIGINT NOT NULL, name STRING, email STRING, age STRING").value());
  }
  /// Rows of it, and of its dirty ones.
  std::vector<std::string> Rows(const std::string& rule) {
    auto transform = Made(rule);
    if (!transform.ok()) {
      return {transform.error().message()};
    }
    BatchBuilder rows(Read());
    for (int i = 1; i <= 3; ++i) {
      rows.column(0).Append<std::int64_t>(i);
      rows.column(1).AppendText(i == 2 ? "Bob" : "Ann");
      rows.column(2).AppendText("a" + std::to_string(i) + "@b");
      rows.column(3).AppendText(i == 3 ? "old" : std::to_string(i * 10));
      rows.EndRow();
    }
    const auto batch = rows.Finish();
    const auto schema = std::make_shared<const Schema>(transform->fields());
    dirty_.clear();
    std::vector<std::string> shown;
    for (int again = 0; again < 2; ++again) {
      shown.clear();
      dirty_.clear();
      const auto& out = transform->Apply(*batch, schema, dirty_);
      for (std::int64_t row = 0; row < out.length; ++row) {
        shown.push_back(DebugText(out, row));
      }
    }
    return shown;
  }
  static std::string Wrong(const std::string& rule) {
    const auto made = Made(rule);
    return made.ok() ? "" : made.error().message() + " / " + made.error().hint();
  }

  std::vector<DirtyRecord> dirty_;
};

TEST_F(RowTransformTest, CastsComputesFiltersAndDrops) {
  EXPECT_THAT(Rows("cast: {age: INT}, set: {next: age + 1, name: upper(name)}, filter: id < 3, "
                   "drop: email"),
              ElementsAre("+I(1, 'ANN', 10, 11)", "+I(2, 'BOB', 20, 21)"));
  ASSERT_EQ(dirty_.size(), 1U) << "the cast comes before the filter";
  EXPECT_EQ(dirty_[0].reason, "'age': 'old' is no INT");
  EXPECT_EQ(dirty_[0].where, "shop.t, transformed by job.yaml:5");
  EXPECT_EQ(dirty_[0].bytes, "+I(3, 'Ann', 'a3@b', 'old')");
  EXPECT_THAT(Rows("filter: name = 'Ann', set: {n: CAST(age AS INT)}"),
              ElementsAre("+I(1, 'Ann', 'a1@b', '10', 10)"));
  EXPECT_EQ(dirty_.size(), 1U);
  EXPECT_THAT(Rows("filter: id < 3, set: {n: CAST(age AS INT)}, drop: [name, email, age]"),
              ElementsAre("+I(1, 10)", "+I(2, 20)"));
  EXPECT_THAT(dirty_, IsEmpty()) << "a row that is filtered out is not computed";
  EXPECT_THAT(Rows("filter: n > 15, set: {n: TRY_CAST(age AS INT)}, drop: [name, email, age]"),
              ElementsAre("+I(2, 20)"));
}

TEST_F(RowTransformTest, MasksAreSeenNowhere) {
  EXPECT_THAT(
      Rows("mask: {name: {keepFirst: 1}, email: {hash: sha256, salt: x}, age: null}, drop: id"),
      ElementsAre(
          "+I('A**', 'be07df683c4a734f66e39e82dec90b92fa70bd50f62a5c850c26f18be5ecdfe5', NULL)",
          ::testing::_, ::testing::_));
  EXPECT_THAT(Rows("mask: [name, id], drop: [email, age]"),
              ElementsAre("+I(NULL, '****')", "+I(NULL, '****')", "+I(NULL, '****')"));
  EXPECT_THAT(Rows("mask: {id: {constant: 7}}, drop: [name, email, age]"),
              ElementsAre("+I(7)", "+I(7)", "+I(7)"));
  Rows("mask: [age], cast: {age: INT}");
  ASSERT_EQ(dirty_.size(), 1U);
  EXPECT_THAT(dirty_[0].reason + dirty_[0].bytes, Not(HasSubstr("old")));
  EXPECT_EQ(dirty_[0].bytes, "+I(3, 'Ann', 'a3@b', ***)");
  Rows("set: {both: CAST(age AS INT)}, mask: [both]");
  ASSERT_EQ(dirty_.size(), 1U);
  EXPECT_THAT(dirty_[0].reason + dirty_[0].bytes, Not(HasSubstr("old")));
  DirtyRecord record{.where = "", .reason = "'age': 'old' is too far", .bytes = "old"};
  Made("mask: [age]")->Hide(record);
  EXPECT_THAT(record.reason + record.bytes, Not(HasSubstr("old")));
}

TEST_F(RowTransformTest, WhatIsWrongIsSaidWithItsPlace) {
  EXPECT_THAT(Wrong("set: {n: lenght(name)}"),
              HasSubstr("job.yaml:5:28: 'pump.transforms.-.set.n' at character 1: there is no "
                        "function 'lenght' / did you mean 'length'?"));
  EXPECT_THAT(Wrong("set: {n: 'length('}"),
              HasSubstr("job.yaml:5:28: 'pump.transforms.-.set.n' at character 8: it ends"));
  EXPECT_THAT(Wrong("filter: id + 1"), HasSubstr("is BIGINT, and has to be BOOLEAN"));
  EXPECT_THAT(Wrong("cast: {nmae: INT}"), HasSubstr("did you mean 'name'?"));
  EXPECT_THAT(Wrong("cast: {id: INTT}"), HasSubstr("there is no type 'INTT'"));
  EXPECT_THAT(Wrong("mask: {nmae: null}"), HasSubstr("shop.t has no column 'nmae'"));
  EXPECT_THAT(Wrong("mask: {name: {hash: md5, salt: x}}"), HasSubstr("and there is sha256"));
  EXPECT_THAT(Wrong("mask: {name: {hash: sha256}}"), HasSubstr("without a salt"));
  EXPECT_THAT(Wrong("mask: {name: {}}"), HasSubstr("must say one of"));
  EXPECT_THAT(Wrong("mask: {id: {constant: many}}"), HasSubstr("the value is no BIGINT"));
  EXPECT_THAT(Wrong("mask: {id: {keepFirst: 1}}"), HasSubstr("'cover' takes no BIGINT"));
  EXPECT_THAT(Wrong("filter: id > 0, drop: [id, name, email, age]"), HasSubstr("no column of"));
}

}  // namespace
}  // namespace streampark::pump
