// SPDX-License-Identifier: Apache-2.0
#include "rest/java_trace.h"

#include <gtest/gtest.h>

namespace streampark::flink {
namespace {

TEST(RootCause, IsTheInnermostCauseWithoutPackages) {
  EXPECT_EQ(RootCause("org.apache.flink.runtime.JobException: Recovery is suppressed\n"
                      "\tat org.apache.flink.A.b(A.java:1)\n"
                      "Caused by: java.lang.RuntimeException: outer\n\tat x.Y.z(Y.java:2)\n"
                      "Caused by: java.lang.ArithmeticException: / by zero\n\t... 3 more\n"),
            "ArithmeticException: / by zero");
}

TEST(RootCause, DropsWrappersWhoseMessageIsTheirCause) {
  EXPECT_EQ(RootCause("java.util.concurrent.CompletionException: "
                      "org.apache.flink.runtime.messages.FlinkJobNotFoundException: "
                      "Could not find Flink job (cc)\n\tat a.B.c(B.java:1)"),
            "FlinkJobNotFoundException: Could not find Flink job (cc)");
}

TEST(RootCause, IgnoresWhatWasSuppressed) {
  EXPECT_EQ(RootCause("java.io.IOException: disk\n\tat a.B.c(B.java:1)\n"
                      "\tSuppressed: java.lang.IllegalStateException: closed twice\n"
                      "\t\tat a.B.d(B.java:2)\n"
                      "\tCaused by: java.lang.Error: in the suppressed one\n"),
            "IOException: disk");
}

TEST(RootCause, NamesACauseWithoutWordsAfterTheNearestThatHasSome) {
  EXPECT_EQ(RootCause("org.apache.flink.util.FlinkException: Could not stop the job\n"
                      "Caused by: java.util.concurrent.TimeoutException\n\tat a.B.c(B.java:1)"),
            "Could not stop the job (TimeoutException)");
  EXPECT_EQ(RootCause("java.lang.NullPointerException\n\tat a.B.c(B.java:1)"),
            "NullPointerException");
}

TEST(RootCause, KeepsAllLinesOfAMessage) {
  EXPECT_EQ(RootCause("org.apache.flink.table.api.ValidationException: Unsupported options:\n\n"
                      "speling\n\nSupported options:\n\nspelling\n\tat a.B.c(B.java:1)"),
            "ValidationException: Unsupported options:\nspeling\nSupported options:\nspelling");
}

TEST(RootCause, ReadsTheServersEnvelope) {
  EXPECT_EQ(RootCause("<Exception on server side:\norg.apache.flink.util.FlinkException: no\n"
                      "\tat a.B.c(B.java:1)\nEnd of exception on server side>"),
            "FlinkException: no");
}

TEST(RootCause, LeavesOtherTextAlone) {
  EXPECT_EQ(RootCause("Unable to load requested file"), "Unable to load requested file");
  EXPECT_EQ(RootCause(""), "");
  EXPECT_EQ(RootCause("\n\n"), "");
}

TEST(RootCause, IsShort) {
  const std::string cause = RootCause("java.lang.Error: " + std::string(10'000, 'x'));
  EXPECT_LT(cause.size(), 520U);
}

}  // namespace
}  // namespace streampark::flink
