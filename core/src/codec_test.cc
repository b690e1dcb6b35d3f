// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/codec.h"

#include <gtest/gtest.h>

#include "streampark/core/time.h"

namespace streampark::core {
namespace {

enum class Colour : std::uint8_t { kRed = 1, kGreen = 2 };

struct Place {
  std::string town;
  std::int32_t floor = 0;
  bool operator==(const Place&) const = default;
};
SP_RECORD(Place, town, floor);

struct Order {
  std::int64_t id = 0;
  std::string customer;
  double total = 0;
  bool paid = false;
  Colour colour = Colour::kRed;
  Timestamp at;
  std::optional<std::string> note;
  std::vector<Place> stops;
  std::map<std::string, std::int32_t> counts;
  bool operator==(const Order&) const = default;
};
SP_RECORD(Order, id, customer, total, paid, colour, at, note, stops, counts);

Order Full() {
  return {.id = -7,
          .customer = "Ann",
          .total = 1.25,
          .paid = true,
          .colour = Colour::kGreen,
          .at = ToTimestamp(1'700'000'000'123),
          .note = "leave at the door",
          .stops = {{"Bern", 3}, {"", -1}},
          .counts = {{"a", 1}, {"b", 2}}};
}

template <typename T>
std::string Bytes(const T& value) {
  ByteWriter out;
  Codec<T>::Write(out, value);
  return out.Take();
}

TEST(Codec, WhatIsWrittenIsRead) {
  for (const auto& order : {Full(), Order{}}) {
    const auto bytes = Bytes(order);
    ByteReader in(bytes);
    Order read = Full();  // old content must not show through
    Codec<Order>::Read(in, read);
    EXPECT_EQ(read, order);
    EXPECT_TRUE(in.at_end());
    EXPECT_FALSE(in.failed());
  }
}

TEST(Codec, BytesThatAreCutShortAreSeen) {
  const auto bytes = Bytes(Full());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ByteReader in(std::string_view(bytes).substr(0, size));
    Order read;
    Codec<Order>::Read(in, read);
    EXPECT_TRUE(in.failed()) << size;
  }
}

TEST(Codec, ShapesSurviveTheirBytes) {
  const auto shape = Codec<Order>::Describe();
  ByteWriter out;
  shape.Write(out);
  ByteReader in(out.view());
  const auto read = Shape::Read(in);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, shape);
  EXPECT_EQ(shape.ToString(),
            "{id: int64, customer: text, total: double, paid: bool, colour: uint8, at: int64, "
            "note: text?, stops: [{town: text, floor: "
            "int32}], counts: {text → int32}}");
}

// The same record after some years: a field gone, one new, one wider, one optional, the order changed.
struct NewPlace {
  std::int64_t floor = 0;
  std::string town;
  std::string country = "?";
  bool operator==(const NewPlace&) const = default;
};
SP_RECORD(NewPlace, floor, town, country);
struct NewOrder {
  std::optional<std::string> customer;
  std::int64_t id = 0;
  std::vector<NewPlace> stops;
  double total = 0;
};
SP_RECORD(NewOrder, customer, id, stops, total);

TEST(Codec, ARecordThatGainedLostAndWidenedFieldsIsRead) {
  const auto from = Codec<Order>::Describe();
  ASSERT_TRUE(CheckEvolution(from, Codec<NewOrder>::Describe()).ok());
  const auto bytes = Bytes(Full());
  ByteReader in(bytes);
  NewOrder read;
  Codec<NewOrder>::ReadAs(from, in, read);
  EXPECT_TRUE(in.at_end());
  EXPECT_EQ(read.customer, "Ann");
  EXPECT_EQ(read.id, -7);
  EXPECT_EQ(read.total, 1.25);
  EXPECT_EQ(read.stops, (std::vector<NewPlace>{{3, "Bern", "?"}, {-1, "", "?"}}));
}

struct Narrow {
  std::int32_t id = 0;
};
SP_RECORD(Narrow, id);
struct Text {
  std::string id;
};
SP_RECORD(Text, id);

TEST(Codec, WhatCouldLoseSomethingIsRefusedByName) {
  const auto narrower = CheckEvolution(Codec<Order>::Describe(), Codec<Narrow>::Describe());
  ASSERT_FALSE(narrower.ok());
  EXPECT_EQ(narrower.error().message(),
            "The field 'id' was int64 and is now int32, which may not hold it.");
  EXPECT_FALSE(CheckEvolution(Codec<Order>::Describe(), Codec<Text>::Describe()).ok());
}

}  // namespace
}  // namespace streampark::core
