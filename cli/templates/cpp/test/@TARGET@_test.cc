#include "../src/@TARGET@.h"

#include <vector>

#include <gtest/gtest.h>
#include <streampark/testing/pipeline.h>

using streampark::testing::At;

TEST(@JOB@, MeanPerHour) {
  streampark::testing::Pipeline pipeline(@JOB@);
  pipeline.Source("flights").Send(Flight{"UA", 10, At("09:05")}, Flight{"UA", 20, At("09:40")});
  pipeline.AdvanceWatermark(At("10:10"));  // no waiting: the test says what time it is
  EXPECT_EQ(pipeline.Sink<CarrierDelay>("delays"),
            (std::vector<CarrierDelay>{{"UA", At("10:00"), 15.0}}));
  EXPECT_TRUE(pipeline.RestoresFromCheckpoint()) << pipeline.failure();
}
