// SPDX-License-Identifier: Apache-2.0
// sample: job
#include <chrono>
#include <cstdint>
#include <string>

#include <streampark/core.h>
#include <streampark/core/job_library.h>

namespace sp = streampark;
using namespace std::chrono_literals;

struct Flight {
  std::string carrier;
  std::int32_t delay_minutes = 0;
  sp::Timestamp scheduled;
};
SP_RECORD(Flight, carrier, delay_minutes, scheduled);

struct CarrierDelay {
  std::string carrier;
  sp::Timestamp window_end;
  double mean_minutes = 0;
  bool operator==(const CarrierDelay&) const = default;
};
SP_RECORD(CarrierDelay, carrier, window_end, mean_minutes);

SP_JOB(CarrierDelays, sp::StreamContext& context) {
  context.Source<Flight>("flights")
      .Watermarks(&Flight::scheduled, sp::BoundedOutOfOrderness(5min))
      .KeyBy(&Flight::carrier)
      .Window(sp::Tumbling(1h))
      .Aggregate("mean", sp::Mean(&Flight::delay_minutes))
      .Map([](const auto& window) {
        return CarrierDelay{window.key, window.end, window.value};
      })
      .SinkTo("delays");
}
// end

// sample: test
#include <vector>

#include <gtest/gtest.h>
#include <streampark/testing/pipeline.h>

using sp::testing::At;

TEST(CarrierDelays, MeanPerHour) {
  sp::testing::Pipeline pipeline(CarrierDelays);
  pipeline.Source("flights").Send(Flight{"UA", 10, At("09:05")}, Flight{"UA", 20, At("09:40")});
  pipeline.AdvanceWatermark(At("10:10"));
  EXPECT_EQ(pipeline.Sink<CarrierDelay>("delays"),
            (std::vector<CarrierDelay>{{"UA", At("10:00"), 15.0}}));
  EXPECT_TRUE(pipeline.RestoresFromCheckpoint()) << pipeline.failure();
}
// end
