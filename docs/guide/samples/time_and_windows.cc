// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <streampark/core.h>
#include <streampark/testing/pipeline.h>

namespace sp = streampark;
using namespace std::chrono_literals;

namespace {

using sp::testing::At;
using sp::testing::Pipeline;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// sample: reading
struct Reading {
  std::string sensor;
  double degrees = 0;
  sp::Timestamp at;
  bool operator==(const Reading&) const = default;
};
SP_RECORD(Reading, sensor, degrees, at);

struct Summary {
  std::string sensor;
  sp::Timestamp start;
  std::int64_t readings = 0;
  double greatest = 0;
  bool operator==(const Summary&) const = default;
};
SP_RECORD(Summary, sensor, start, readings, greatest);
// end

// sample: watermarks
sp::DataStream<Reading> Readings(sp::StreamContext& context) {
  return context.Source<Reading>("readings")
      .Watermarks(&Reading::at, sp::BoundedOutOfOrderness(10s).WithIdleness(1min));
}
// end

/// What the tests below read: rows in order, so that each test says itself what is late.
sp::DataStream<Reading> InOrder(sp::StreamContext& context) {
  return context.Source<Reading>("readings").Watermarks(&Reading::at, sp::MonotonousTimestamps());
}

// sample: summarize
/// A window's key, start, end and value, as a row of one's own.
Summary Summarize(const sp::Windowed<std::string, std::tuple<std::int64_t, double>>& window) {
  const auto& [readings, greatest] = window.value;
  return {window.key, window.start, readings, greatest};
}
// end

// sample: tumbling
void PerMinute(sp::StreamContext& context) {
  Readings(context)
      .KeyBy(&Reading::sensor)
      .Window(sp::Tumbling(1min))
      .Aggregate("per-minute", sp::Together(sp::Count(), sp::Max(&Reading::degrees)))
      .Map(Summarize)
      .SinkTo("summaries");
}
// end

TEST(Windows, Tumbling) {
  Pipeline pipeline(PerMinute);
  pipeline.Source("readings")
      .Send(Reading{"hall", 20, At("09:00:59")}, Reading{"hall", 22, At("09:01:05")},
            Reading{"hall", 19, At("09:00:56")});  // out of order, in time
  EXPECT_THAT(pipeline.Sink<Summary>("summaries"), IsEmpty());
  pipeline.AdvanceWatermark(At("09:01:00"));
  EXPECT_THAT(pipeline.Sink<Summary>("summaries"),
              ElementsAre(Summary{"hall", At("09:00"), 2, 20}));
}

// sample: sliding
void EveryTenSeconds(sp::StreamContext& context) {
  Readings(context)
      .KeyBy(&Reading::sensor)
      .Window(sp::Sliding(30s, 10s))
      .Aggregate("sliding", sp::Together(sp::Count(), sp::Max(&Reading::degrees)))
      .Map(Summarize)
      .SinkTo("summaries");
}
// end

TEST(Windows, Sliding) {
  Pipeline pipeline(EveryTenSeconds);
  pipeline.Source("readings").Send(Reading{"hall", 20, At("09:00:05")});
  pipeline.AdvanceWatermark(At("09:01"));
  EXPECT_THAT(
      pipeline.Sink<Summary>("summaries"),
      ElementsAre(Summary{"hall", At("08:59:40"), 1, 20}, Summary{"hall", At("08:59:50"), 1, 20},
                  Summary{"hall", At("09:00:00"), 1, 20}));
}

// sample: session
void Sessions(sp::StreamContext& context) {
  Readings(context)
      .KeyBy(&Reading::sensor)
      .Window(sp::Session(30s))
      .Aggregate("sessions", sp::Together(sp::Count(), sp::Max(&Reading::degrees)))
      .Map(Summarize)
      .SinkTo("summaries");
}
// end

TEST(Windows, Session) {
  Pipeline pipeline(Sessions);
  pipeline.Source("readings")
      .Send(Reading{"hall", 20, At("09:00:00")}, Reading{"hall", 22, At("09:00:29")},
            Reading{"hall", 21, At("09:01:30")});
  pipeline.AdvanceWatermark(At("09:10"));
  EXPECT_THAT(
      pipeline.Sink<Summary>("summaries"),
      ElementsAre(Summary{"hall", At("09:00:00"), 2, 22}, Summary{"hall", At("09:01:30"), 1, 21}));
}

// sample: count
void EveryTwoReadings(sp::StreamContext& context) {
  context.Source<Reading>("readings")
      .KeyBy(&Reading::sensor)
      .Window(sp::CountOf(2))
      .Aggregate("pairs", sp::Together(sp::Count(), sp::Max(&Reading::degrees)))
      .Map(Summarize)
      .SinkTo("summaries");
}
// end

TEST(Windows, CountOfRows) {
  Pipeline pipeline(EveryTwoReadings);
  pipeline.Source("readings")
      .Send(Reading{"hall", 20, {}}, Reading{"hall", 22, {}}, Reading{"hall", 21, {}});
  EXPECT_THAT(pipeline.Sink<Summary>("summaries"), ElementsAre(Summary{"hall", {}, 2, 22}));
}

// sample: own-aggregate
/// The difference between the highest and the lowest reading.
struct Spread {
  using LowAndHigh = std::pair<double, double>;  // what is kept: anything that state can hold
  LowAndHigh Create() const { return {1e9, -1e9}; }
  void Add(LowAndHigh& kept, const Reading& reading) const {
    kept = {std::min(kept.first, reading.degrees), std::max(kept.second, reading.degrees)};
  }
  void Merge(LowAndHigh& kept, const LowAndHigh& other) const {
    kept = {std::min(kept.first, other.first), std::max(kept.second, other.second)};
  }
  double Get(const LowAndHigh& kept) const { return kept.second - kept.first; }
};

void Spreads(sp::StreamContext& context) {
  Readings(context)
      .KeyBy(&Reading::sensor)
      .Window(sp::Tumbling(1min))
      .Aggregate("spread", Spread())
      .Map([](const auto& window) {
        return Reading{window.key, window.value, window.end};
      })
      .SinkTo("spreads");
}
// end

TEST(Windows, AnAggregateOfOnesOwn) {
  Pipeline pipeline(Spreads);
  pipeline.Source("readings")
      .Send(Reading{"hall", 20, At("09:00:10")}, Reading{"hall", 23.5, At("09:00:20")});
  pipeline.AdvanceWatermark(At("09:01"));
  EXPECT_THAT(pipeline.Sink<Reading>("spreads"), ElementsAre(Reading{"hall", 3.5, At("09:01")}));
}

// sample: whole-rows
void Medians(sp::StreamContext& context) {
  Readings(context)
      .KeyBy(&Reading::sensor)
      .Window(sp::Tumbling(1min))
      .Aggregate("rows", sp::Collect<Reading>())
      .Map([](const auto& window) {
        auto rows = window.value;  // std::vector<Reading>, never empty
        std::ranges::nth_element(rows, rows.begin() + rows.size() / 2, {}, &Reading::degrees);
        return Reading{window.key, rows[rows.size() / 2].degrees, window.end};
      })
      .SinkTo("medians");
}
// end

TEST(Windows, AllRowsOfAWindow) {
  Pipeline pipeline(Medians);
  pipeline.Source("readings")
      .Send(Reading{"hall", 20, At("09:00:10")}, Reading{"hall", 30, At("09:00:20")},
            Reading{"hall", 21, At("09:00:30")});
  pipeline.AdvanceWatermark(At("09:01"));
  EXPECT_THAT(pipeline.Sink<Reading>("medians"), ElementsAre(Reading{"hall", 21, At("09:01")}));
}

// sample: early
void AsTheyGrow(sp::StreamContext& context) {
  Readings(context)
      .KeyBy(&Reading::sensor)
      .Window(sp::Tumbling(1h))
      .Early(sp::EveryRows(2))  // or sp::Every(10s), by the clock of the machine
      .Aggregate("growing", sp::Together(sp::Count(), sp::Max(&Reading::degrees)))
      .Map(Summarize)
      .SinkTo("summaries");
}
// end

TEST(Windows, EarlyFiringHasTheWholeAgain) {
  Pipeline pipeline(AsTheyGrow);
  pipeline.Source("readings")
      .Send(Reading{"hall", 20, At("09:00:10")}, Reading{"hall", 21, At("09:00:20")},
            Reading{"hall", 22, At("09:00:30")});
  EXPECT_THAT(pipeline.Sink<Summary>("summaries"),
              ElementsAre(Summary{"hall", At("09:00"), 2, 21}));
  pipeline.AdvanceWatermark(At("10:00"));
  EXPECT_THAT(
      pipeline.Sink<Summary>("summaries"),
      ElementsAre(Summary{"hall", At("09:00"), 2, 21}, Summary{"hall", At("09:00"), 3, 22}));
}

// sample: discarding
void PartByPart(sp::StreamContext& context) {
  Readings(context)
      .KeyBy(&Reading::sensor)
      .Window(sp::Tumbling(1h))
      .Early(sp::EveryRows(2))
      .Discarding()
      .Aggregate("parts", sp::Together(sp::Count(), sp::Max(&Reading::degrees)))
      .Map(Summarize)
      .SinkTo("summaries");
}
// end

TEST(Windows, DiscardingGivesEachRowOnce) {
  Pipeline pipeline(PartByPart);
  pipeline.Source("readings")
      .Send(Reading{"hall", 20, At("09:00:10")}, Reading{"hall", 21, At("09:00:20")},
            Reading{"hall", 22, At("09:00:30")});
  pipeline.AdvanceWatermark(At("10:00"));
  EXPECT_THAT(
      pipeline.Sink<Summary>("summaries"),
      ElementsAre(Summary{"hall", At("09:00"), 2, 21}, Summary{"hall", At("09:00"), 1, 22}));
}

// sample: late
const sp::SideOutput<Reading> kLate{"late"};

void WithLateness(sp::StreamContext& context) {
  const auto windows =
      InOrder(context)
          .KeyBy(&Reading::sensor)
          .Window(sp::Tumbling(1min))
          .AllowedLateness(30s)
          .LateTo(kLate)
          .Aggregate("per-minute", sp::Together(sp::Count(), sp::Max(&Reading::degrees)));
  windows.Map(Summarize).SinkTo("summaries");
  windows.Side(kLate).SinkTo("late");
}
// end

TEST(Windows, LateRowsFireAgainThenGoAside) {
  Pipeline pipeline(WithLateness);
  auto readings = pipeline.Source("readings");
  readings.Send(Reading{"hall", 20, At("09:00:10")});
  pipeline.AdvanceWatermark(At("09:01:00"));
  readings.Send(Reading{"hall", 25, At("09:00:20")});  // late: the window is kept for 30 s
  pipeline.AdvanceWatermark(At("09:01:30"));
  readings.Send(Reading{"hall", 30, At("09:00:30")});  // too late
  EXPECT_THAT(
      pipeline.Sink<Summary>("summaries"),
      ElementsAre(Summary{"hall", At("09:00"), 1, 20}, Summary{"hall", At("09:00"), 2, 25}));
  EXPECT_THAT(pipeline.Sink<Reading>("late"), ElementsAre(Reading{"hall", 30, At("09:00:30")}));
}

// sample: all-keys
void Warmest(sp::StreamContext& context) {
  Readings(context)
      .KeyBy([](const Reading&) { return 0; })  // one key: one subtask has all of it
      .Window(sp::Tumbling(1min))
      .Aggregate("greatest", sp::Max(&Reading::degrees))
      .Map([](const auto& window) {
        return Reading{"all", window.value, window.end};
      })
      .SinkTo("warmest");
}
// end

TEST(Windows, OverAllKeys) {
  Pipeline pipeline(Warmest);
  pipeline.Source("readings")
      .Send(Reading{"hall", 20, At("09:00:10")}, Reading{"yard", 5, At("09:00:20")});
  pipeline.AdvanceWatermark(At("09:01"));
  EXPECT_THAT(pipeline.Sink<Reading>("warmest"), ElementsAre(Reading{"all", 20, At("09:01")}));
}

}  // namespace
