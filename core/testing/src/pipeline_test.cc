// SPDX-License-Identifier: Apache-2.0
#include "streampark/testing/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/core.h"

namespace streampark::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

struct Flight {
  std::string carrier;
  std::int32_t delay_minutes = 0;
  Timestamp scheduled;
};
SP_RECORD(Flight, carrier, delay_minutes, scheduled);

struct CarrierDelay {
  std::string carrier;
  Timestamp window_end;
  double mean_minutes = 0;
  bool operator==(const CarrierDelay&) const = default;
};
SP_RECORD(CarrierDelay, carrier, window_end, mean_minutes);

void CarrierDelays(StreamContext& context) {
  context.Source<Flight>("flights")
      .Watermarks(&Flight::scheduled, BoundedOutOfOrderness(5min))
      .KeyBy(&Flight::carrier)
      .Window(Tumbling(1h))
      .Aggregate("mean", Mean(&Flight::delay_minutes))
      .Map([](const auto& window) {
        return CarrierDelay{window.key, window.end, window.value};
      })
      .SinkTo("delays");
}

TEST(Pipeline, MeanPerHour) {
  Pipeline pipeline(CarrierDelays);
  pipeline.Source("flights").Send(Flight{"UA", 10, At("09:05")}, Flight{"UA", 20, At("09:40")});
  EXPECT_THAT(pipeline.Sink<CarrierDelay>("delays"), IsEmpty());
  pipeline.AdvanceWatermark(At("10:10"));
  EXPECT_THAT(pipeline.Sink<CarrierDelay>("delays"),
              ElementsAre(CarrierDelay{"UA", At("10:00"), 15.0}));
  EXPECT_TRUE(pipeline.RestoresFromCheckpoint()) << pipeline.failure();
}

TEST(Pipeline, GoesOnFromItsStateAtAnotherParallelism) {
  Pipeline pipeline(CarrierDelays);
  pipeline.Source("flights").Send(Flight{"UA", 10, At("09:05")}, Flight{"AA", 1, At("09:10")});
  ASSERT_TRUE(pipeline.RestoresFromCheckpoint({.config = "", .parallelism = 3}))
      << pipeline.failure();
  pipeline.Source("flights").Send(Flight{"UA", 30, At("09:50")});
  pipeline.AdvanceWatermark(At("10:00"));
  EXPECT_THAT(pipeline.Sink<CarrierDelay>("delays"),
              UnorderedElementsAre(CarrierDelay{"UA", At("10:00"), 20.0},
                                   CarrierDelay{"AA", At("10:00"), 1.0}));
}

TEST(Pipeline, WhatCannotBeRestoredSaysWhy) {
  Pipeline pipeline(CarrierDelays);
  pipeline.Source("flights").Send(Flight{"UA", 10, At("09:05")});
  EXPECT_FALSE(pipeline.RestoresFromCheckpoint({.config = "native.key-groups: 64"}));
  EXPECT_THAT(pipeline.failure(), HasSubstr("128"));
}

/// Tells of a carrier ten minutes after a flight of it.
struct Reminder : KeyedProcess<std::string, Flight, CarrierDelay> {
  void Process(const Flight&, Context& context, Collector<CarrierDelay>&) override {
    context.SetProcessingTimer(context.processing_time() + 10min);
  }
  void OnTimer(Timestamp, TimeDomain, Context& context, Collector<CarrierDelay>& out) override {
    out.Emit(CarrierDelay{context.key(), {}, 1});
  }
};

TEST(Pipeline, ProcessingTimeMovesWhenTold) {
  Pipeline pipeline([](StreamContext& context) {
    context.Source<Flight>("flights")
        .KeyBy(&Flight::carrier)
        .Process("remind", Reminder())
        .SinkTo("reminders");
  });
  pipeline.Source("flights").Send(Flight{"UA", 10, {}});
  pipeline.AdvanceTime(9min);
  EXPECT_THAT(pipeline.Sink<CarrierDelay>("reminders"), IsEmpty());
  pipeline.AdvanceTime(1min);
  EXPECT_THAT(pipeline.Sink<CarrierDelay>("reminders"), ElementsAre(CarrierDelay{"UA", {}, 1}));
}

TEST(Pipeline, EndsWithItsSources) {
  Pipeline pipeline(CarrierDelays);
  pipeline.Source("flights").Send(Flight{"UA", 10, At("09:05")});
  pipeline.Source("flights").End();
  pipeline.AwaitEnd();
  EXPECT_THAT(pipeline.Sink<CarrierDelay>("delays"),
              ElementsAre(CarrierDelay{"UA", At("10:00"), 10.0}));
}

TEST(Pipeline, MistakesAreThrown) {
  Pipeline pipeline(CarrierDelays);
  EXPECT_THROW(pipeline.Source("flight").Send(Flight{}), PipelineFailure);
  EXPECT_THROW(pipeline.Sink<CarrierDelay>("delay"), PipelineFailure);
  EXPECT_THROW(At("9 o'clock"), PipelineFailure);
  Pipeline failing([](StreamContext& context) {
    context.Source<Flight>("flights")
        .Map([](const Flight& flight) -> Flight {
          if (flight.delay_minutes < 0) {
            throw std::runtime_error("a negative delay");
          }
          return flight;
        })
        .SinkTo("out");
  });
  failing.Source("flights").Send(Flight{"UA", -1, {}});
  try {
    static_cast<void>(failing.Sink<Flight>("out"));
    FAIL();
  } catch (const PipelineFailure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("a negative delay"));
  }
}

}  // namespace
}  // namespace streampark::testing
