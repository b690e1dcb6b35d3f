// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <streampark/core.h>
#include <streampark/testing/pipeline.h>

namespace sp = streampark;
using namespace std::chrono_literals;

namespace {

using sp::testing::At;
using sp::testing::Pipeline;
using sp::testing::PipelineFailure;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// sample: job
struct Sale {
  std::string shop;
  std::int64_t cents = 0;
  sp::Timestamp at;
};
SP_RECORD(Sale, shop, cents, at);

struct Turnover {
  std::string shop;
  sp::Timestamp start;
  std::int64_t cents = 0;
  bool operator==(const Turnover&) const = default;
};
SP_RECORD(Turnover, shop, start, cents);

void Turnovers(sp::StreamContext& context) {
  const std::int64_t least = std::stoll(context.App("least-cents", "0"));
  context.Source<Sale>("sales")
      .Watermarks(&Sale::at, sp::BoundedOutOfOrderness(1min))
      .Filter([](const Sale& sale) {
        if (sale.cents < 0) {
          throw std::invalid_argument("a sale of less than nothing");
        }
        return true;
      })
      .KeyBy(&Sale::shop)
      .Window(sp::Tumbling(1h))
      .Aggregate("hourly", sp::Sum(&Sale::cents))
      .Filter([least](const auto& window) { return window.value >= least; })
      .Map([](const auto& window) {
        return Turnover{window.key, window.start, window.value};
      })
      .SinkTo("turnovers");
}
// end

// sample: watermark
TEST(Turnovers, OfAnHourComeAtItsEnd) {
  Pipeline pipeline(Turnovers);
  pipeline.Source("sales").Send(Sale{"bern", 100, At("09:10")}, Sale{"bern", 50, At("09:50")});
  EXPECT_THAT(pipeline.Sink<Turnover>("turnovers"), IsEmpty());
  pipeline.AdvanceWatermark(At("10:00"));
  EXPECT_THAT(pipeline.Sink<Turnover>("turnovers"),
              ElementsAre(Turnover{"bern", At("09:00"), 150}));
}
// end

// sample: config
TEST(Turnovers, SmallOnesAreLeftOut) {
  Pipeline pipeline(Turnovers, {.config = "app: {least-cents: 100}", .parallelism = 2});
  pipeline.Source("sales").Send(Sale{"bern", 100, At("09:10")}, Sale{"thun", 99, At("09:50")});
  pipeline.AdvanceWatermark(At("10:00"));
  EXPECT_THAT(pipeline.Sink<Turnover>("turnovers"),
              ElementsAre(Turnover{"bern", At("09:00"), 100}));
}
// end

// sample: restore
TEST(Turnovers, GoOnAtAnotherParallelism) {
  Pipeline pipeline(Turnovers);
  pipeline.Source("sales").Send(Sale{"bern", 100, At("09:10")}, Sale{"thun", 7, At("09:20")});
  ASSERT_TRUE(pipeline.RestoresFromCheckpoint({.config = "", .parallelism = 3}))
      << pipeline.failure();
  pipeline.Source("sales").Send(Sale{"bern", 50, At("09:50")});
  pipeline.AdvanceWatermark(At("10:00"));
  EXPECT_THAT(
      pipeline.Sink<Turnover>("turnovers"),
      UnorderedElementsAre(Turnover{"bern", At("09:00"), 150}, Turnover{"thun", At("09:00"), 7}));
}
// end

// sample: end
TEST(Turnovers, OfAnHourThatIsNotOverComeAtTheEndOfTheInput) {
  Pipeline pipeline(Turnovers);
  pipeline.Source("sales").Send(Sale{"bern", 100, At("09:10")});
  pipeline.Source("sales").End();
  pipeline.AwaitEnd();
  EXPECT_THAT(pipeline.Sink<Turnover>("turnovers"),
              ElementsAre(Turnover{"bern", At("09:00"), 100}));
}
// end

// sample: failure
TEST(Turnovers, ASaleOfLessThanNothingFailsTheJob) {
  Pipeline pipeline(Turnovers);
  pipeline.Source("sales").Send(Sale{"bern", -1, At("09:10")});
  try {
    pipeline.Sink<Turnover>("turnovers");
    FAIL();
  } catch (const PipelineFailure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("a sale of less than nothing"));
  }
}
// end

}  // namespace
