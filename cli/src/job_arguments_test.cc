// SPDX-License-Identifier: Apache-2.0
#include "job_arguments.h"

#include <gtest/gtest.h>

#include "streampark/base/json.h"

namespace streampark::cli {
namespace {

json::value Command(const JobArguments& arguments, std::string_view kind) {
  return json::value(StartCommand(arguments, kind).value());
}

TEST(StartCommandTest, SaysNothingThatWasNotAskedFor) {
  EXPECT_EQ(Command({}, "UPGRADE"), (json::value{{"kind", "UPGRADE"}}));
}

TEST(StartCommandTest, CarriesRevisionModeAndWhatHoldsForOneAttempt) {
  EXPECT_EQ(Command({.mode = "LAST_STATE", .parallelism = 2, .revision = 3, .options = {"a=b=c"}},
                    "UPGRADE"),
            (json::value{{"kind", "UPGRADE"},
                         {"parallelism", 2},
                         {"revision", 3},
                         {"mode", "LAST_STATE"},
                         {"options", {{"a", "b=c"}}}}));
}

TEST(StartCommandTest, DropsStateWithoutAChoiceOnlyWhereThereIsNoneToMake) {
  const json::value latest = {{"from", "LATEST"}, {"allowNonRestored", true}};
  for (const char* kind : {"RESTART", "UPGRADE"}) {
    EXPECT_EQ(Command({.allow_non_restored = true}, kind).at("restore"), latest);
  }
  for (const char* kind : {"START", "ROLLBACK"}) {
    EXPECT_EQ(StartCommand({.allow_non_restored = true}, kind).error().code(),
              base::ErrorCode::kInvalidRequest);
  }
}

TEST(StartCommandTest, RefusesAnOptionThatIsNone) {
  EXPECT_EQ(StartCommand({.options = {"=x"}}, "START").error().code(),
            base::ErrorCode::kInvalidRequest);
}

}  // namespace
}  // namespace streampark::cli
