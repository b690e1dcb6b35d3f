// SPDX-License-Identifier: Apache-2.0
#include "event_log.h"

#include <fstream>
#include <stdexcept>

#include <gtest/gtest.h>

namespace streampark::flights {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono;

constexpr EventTime kMarch = sys_days(year(2013) / 3 / 1) + hours(10);

std::string WithCarriageReturn(std::string line) { return line.insert(line.size() - 1, "\r"); }

class EventLogTest : public testing::Test {
 protected:
  fs::path Write(const std::string& content) {
    const fs::path file = fs::path(testing::TempDir()) / "event_log_test.csv";
    std::ofstream(file) << content;
    return file;
  }

  std::string Flights(const std::string& rows) {
    return std::string(format_.Header()) + '\n' + rows;
  }

  const FlightFormat format_;
};

constexpr const char* kLate =
    "2013,3,1,640,515,85,930,819,71,UA,1545,N14228,EWR,IAH,227,1400,5,15,2013-03-01T10:00:00Z\n";
constexpr const char* kOnTime =
    "2013,3,1,528,530,-2,850,830,NA,AA,7,NA,LGA,MIA,227,1089,5,30,2013-03-01T10:00:00Z\n";
constexpr const char* kCancelled =
    "2013,3,1,NA,545,NA,NA,830,NA,B6,9,NA,JFK,BQN,NA,1576,5,45,2013-03-01T10:00:00Z\n";

TEST_F(EventLogTest, OrdersFlightsByWhenTheyLeft) {
  EventLog log(Write(Flights(std::string(kLate) + kOnTime + kCancelled)), format_);
  ASSERT_EQ(log.size(), 3U);
  EXPECT_EQ(log.TimeAt(0), kMarch + minutes(28));
  EXPECT_EQ(log.TimeAt(1), kMarch + minutes(45));
  EXPECT_EQ(log.TimeAt(2), kMarch + minutes(100));
}

TEST_F(EventLogTest, WritesAFlightAsJson) {
  EventLog log(Write(Flights(kOnTime)), format_);
  EXPECT_EQ(
      log.JsonAt(0, 0, kMarch),
      R"({"departed_at":"2013-03-01 10:28:00","complete_until":"2013-03-01 10:00:00",)"
      R"("scheduled_at":"2013-03-01 10:30:00","carrier":"AA","flight":7,"tailnum":null,"origin":"LGA",)"
      R"("dest":"MIA","distance":1089,"dep_delay":-2,"arr_delay":null})");
}

TEST_F(EventLogTest, MovesARowByYears) {
  EventLog log(Write(Flights(kOnTime)), format_);
  EXPECT_NE(log.JsonAt(0, 3, kMarch).find(R"("departed_at":"2016-03-01 10:28:00")"),
            std::string::npos);
}

TEST_F(EventLogTest, ReadsLinesThatEndInCarriageReturns) {
  EventLog log(Write(std::string(format_.Header()) + "\r\n" + WithCarriageReturn(kOnTime)),
               format_);
  EXPECT_EQ(log.size(), 1U);
}

TEST_F(EventLogTest, RefusesAFileOfOtherColumns) {
  EXPECT_THROW(EventLog(Write("a,b\n1,2\n"), format_), std::runtime_error);
  EXPECT_THROW(EventLog(Write(Flights("1,2\n")), format_), std::runtime_error);
  EXPECT_THROW(EventLog(Write(Flights("")), format_), std::runtime_error);
  EXPECT_THROW(EventLog("/nowhere/flights.csv", format_), std::runtime_error);
}

TEST_F(EventLogTest, QuotesNamesOfAirlines) {
  EXPECT_EQ(AirlinesAsJson(Write("carrier,name\nXX,The \"Best\", Inc.\r\n")),
            "{\"carrier\":\"XX\",\"name\":\"The \\\"Best\\\", Inc.\"}\n");
}

TEST(YearsLaterTest, KeepsTheDayAcrossLeapYears) {
  EXPECT_EQ(FormatTime(YearsLater(sys_days(year(2013) / 12 / 31) + hours(23), 3)),
            "2016-12-31 23:00:00");
}

}  // namespace
}  // namespace streampark::flights
