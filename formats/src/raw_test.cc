// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "testing.h"

namespace streampark::formats {
namespace {

using testing::DecodeOne;
using testing::DecoderOf;
using testing::DecodeStream;
using testing::EncoderOf;
using testing::EncodeStream;
using testing::Given;
using testing::RandomRows;
using testing::RowsOf;
using testing::SchemaOf;
using testing::Strings;

const Given kRaw = {{"format", "raw"}};

TEST(Raw, AMessageIsTheValue) {
  EXPECT_EQ(DecodeOne("a STRING", kRaw, "a\nb"), "+I('a\nb')");
  EXPECT_EQ(DecodeOne("a STRING", kRaw, "\xff"), "refused: is no UTF-8");
  EXPECT_EQ(DecodeOne("a BYTES", kRaw, "\xff"), "+I(x'ff')");
}

TEST(Raw, AStreamIsLines) {
  const SchemaPtr schema = SchemaOf("a STRING NOT NULL");
  EXPECT_EQ(DecodeStream(*DecoderOf(schema, kRaw), schema, "a\n\n \r\nb", 1),
            (Strings{"+I('a')", "+I('')", "+I(' ')", "+I('b')"}));
  const auto batch = RandomRows(1, testing::Texts::kOneLine).Make(schema, 100);
  const std::string stream = EncodeStream(*EncoderOf(schema, kRaw), *batch);
  EXPECT_EQ(DecodeStream(*DecoderOf(schema, kRaw), schema, stream, 11), RowsOf(*batch));
}

TEST(Raw, WritesWhatCanBeReadBack) {
  const SchemaPtr schema = SchemaOf("a STRING");
  BatchBuilder rows(schema);
  rows.EndRow();
  rows.column(0).AppendText("a\nb");
  rows.EndRow();
  const auto batch = rows.Finish();
  std::string out;
  EXPECT_TRUE(EncoderOf(schema, kRaw)->Encode(*batch, 0, out));
  EXPECT_TRUE(EncoderOf(schema, kRaw)->AppendToStream(*batch, 1, out));
  EXPECT_FALSE(EncoderOf(schema, kRaw)->Encode(*batch, 1, out));
  EXPECT_EQ(out, "a\nb");
  EXPECT_FALSE(MakeDecoder(testing::OptionsOf(kRaw), {.schema = SchemaOf("a INT")}).ok());
  EXPECT_FALSE(
      MakeDecoder(testing::OptionsOf(kRaw), {.schema = SchemaOf("a STRING, b STRING")}).ok());
}

}  // namespace
}  // namespace streampark::formats
