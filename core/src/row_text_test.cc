// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/row_text.h"

#include <limits>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "streampark/core.h"

namespace streampark::core {
namespace {

enum class Color : std::uint8_t { kRed, kBlue };

struct Inner {
  std::optional<std::string> text;
  std::vector<std::int32_t> numbers;
};
SP_RECORD(Inner, text, numbers);

struct Everything {
  bool yes = true;
  std::int8_t small = -5;
  double ratio = 0.5;
  std::string text = "a \"b\"\n";
  Timestamp at = Timestamp(std::chrono::microseconds(1'769'850'303'000'001));
  Date day = Date(std::chrono::days(1));
  Color color = Color::kBlue;
  Inner inner{.text = {}, .numbers = {1, 2}};
  std::map<std::string, std::int64_t> map = {{"x", 1}};
};
SP_RECORD(Everything, yes, small, ratio, text, at, day, color, inner, map);

struct Unknown {};

template <typename T>
std::string TextOf(const T& value) {
  std::string text;
  AppendRowText(value, text);
  return text;
}

TEST(RowText, IsJsonOfWhateverARowIs) {
  EXPECT_EQ(
      TextOf(Everything{}),
      R"({"yes":true,"small":-5,"ratio":5E-1,"text":"a \"b\"\n","at":"2026-01-31T09:05:03.000001Z",)"
      R"("day":"1970-01-02T00:00:00Z","color":1,"inner":{"text":null,"numbers":[1,2]},"map":[["x",1]]})");
  EXPECT_EQ(TextOf(Change<Inner>{RowKind::kUpdateBefore, {.text = "t", .numbers = {}}}),
            R"({"kind":"-U","row":{"text":"t","numbers":[]}})");
  EXPECT_EQ(TextOf(std::pair(std::string("k"), std::numeric_limits<double>::infinity())),
            R"(["k","Infinity"])");
  EXPECT_EQ(TextOf(std::string("\xff")), R"({"base64":"/w=="})");
  EXPECT_EQ(TextOf(std::tuple(1, Unknown{}, std::make_shared<int>(1))), R"([1,"…","…"])");
}

}  // namespace
}  // namespace streampark::core
