// SPDX-License-Identifier: Apache-2.0
#include "metrics_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streampark::runner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kStatus = R"({"phase":"RUNNING","restarts":2,
  "checkpoints":{"failed":1,"last":7,"at":"2026-01-31T09:05:00.250Z","tookMs":120},
  "operators":[
    {"id":0,"name":"orders","parallelism":2,"rowsIn":0,"rowsOut":12,"rowsDropped":0,"waiting":7,"watermark":"2026-01-31T09:04:00Z"},
    {"id":1,"name":"a \"b\"\n","parallelism":2,"rowsIn":12,"rowsOut":3,"rowsDropped":4},
    {"id":2,"name":"","parallelism":2,"rowsIn":5,"rowsOut":5,"rowsDropped":0}]})";

TEST(MetricsText, SaysWhatTheStatusSays) {
  const std::string text = MetricsText("sums", kStatus, base::Timestamp(base::Millis(1'500)));
  for (const char* const line : {
           "# TYPE streampark_job_phase gauge\n",
           "streampark_job_phase{job=\"sums\",phase=\"RUNNING\"} 1\n",
           "streampark_job_phase{job=\"sums\",phase=\"FAILED\"} 0\n",
           "streampark_job_restarts_total{job=\"sums\"} 2\n",
           "streampark_checkpoints_failed_total{job=\"sums\"} 1\n",
           "streampark_checkpoint_last{job=\"sums\"} 7\n",
           "streampark_checkpoint_last_time_seconds{job=\"sums\"} 1769850300.25\n",
           "streampark_checkpoint_last_duration_seconds{job=\"sums\"} 0.12\n",
           "streampark_operator_rows_out_total{job=\"sums\",operator=\"orders\"} 12\n",
           "streampark_source_waiting_records{job=\"sums\",operator=\"orders\"} 7\n",
           "streampark_operator_rows_late_total{job=\"sums\",operator=\"a \\\"b\\\"\\n\"} 4\n",
           "streampark_operator_watermark_seconds{job=\"sums\",operator=\"orders\"} 1769850240\n",
           "streampark_operator_rows_in_total{job=\"sums\",operator=\"2\"} 5\n",
           "process_start_time_seconds 1.5\n",
           "# TYPE process_cpu_seconds_total counter\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MetricsText, SaysNothingOfCheckpointsBeforeTheFirst) {
  const std::string text =
      MetricsText("sums", R"({"phase":"CREATED","checkpoints":{"failed":0},"operators":[]})", {});
  EXPECT_THAT(text, HasSubstr("streampark_checkpoints_failed_total{job=\"sums\"} 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("streampark_checkpoint_last")));
  EXPECT_EQ(PhaseOf(kStatus), "RUNNING");
}

}  // namespace
}  // namespace streampark::runner
