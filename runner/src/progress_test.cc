// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <gtest/gtest.h>

namespace streampark::runner {
namespace {

using namespace std::chrono_literals;

TEST(Progress, SaysWhatCameInAndWentOut) {
  Progress progress(
      R"({"name": "j", "nodes": [{"id": 0, "kind": "SOURCE"}, {"id": 1, "kind": "OPERATOR"}, {"id": 2, "kind": "SINK"}]})",
      base::SteadyTime());
  const auto status = [](int out, const char* more) {
    return R"({"phase": "RUNNING", "restarts": 0, "operators": [{"id": 0, "rowsIn": 0, "rowsOut": )" +
           std::to_string(out) +
           R"(, "rowsDropped": 0}, {"id": 1, "rowsIn": 9, "rowsOut": 9, "rowsDropped": 0}, {"id": 2, "rowsIn": 7, "rowsOut": 0}])" +
           more + "}";
  };
  const auto at = base::ParseTimestamp("2026-01-31T09:05:03.000Z").value();
  EXPECT_EQ(progress.Line(status(1'000, ""), base::SteadyTime(2s), at),
            "RUNNING 2s · in 1,000 (500/s) · out 7 (3/s)");
  EXPECT_EQ(
      progress.Line(
          status(1'234'567,
                 R"(, "checkpoints": {"last": 4, "at": "2026-01-31T09:05:00.000Z", "failed": 2})"),
          base::SteadyTime(3'702s), at),
      "RUNNING 1h1m42s · in 1,234,567 (333/s) · out 7 (0/s) · checkpoint 4, 3s ago · 2 checkpoints "
      "failed");
}

TEST(Progress, SaysWhyItRestarts) {
  Progress progress(R"({"nodes": []})", base::SteadyTime());
  EXPECT_EQ(
      progress.Line(
          R"({"phase": "RESTARTING", "restarts": 1, "lastError": {"message": "no broker answers"}})",
          base::SteadyTime(), base::Timestamp()),
      "RESTARTING 0s · in 0 (0/s) · out 0 (0/s) · 1 restart · no broker answers");
}

}  // namespace
}  // namespace streampark::runner
