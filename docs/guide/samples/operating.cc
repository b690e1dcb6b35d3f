// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <streampark/core.h>
#include <streampark/testing/pipeline.h>

namespace sp = streampark;

namespace {

using sp::testing::Pipeline;
using sp::testing::PipelineFailure;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// sample: longest
struct Longest {
  std::string user;
  std::int64_t seconds = 0;
  bool operator==(const Longest&) const = default;
};
SP_RECORD(Longest, user, seconds);
// end

namespace before {

// sample: before
struct Visit {
  std::string user;
  std::string browser;
  std::int32_t seconds = 0;
};
SP_RECORD(Visit, user, browser, seconds);

void LongestVisits(sp::StreamContext& context) {
  context.Source<Visit>("visits")
      .KeyBy(&Visit::user)
      .Reduce(
          "longest",
          [](Visit& most, const Visit& one) { most.seconds = std::max(most.seconds, one.seconds); })
      .Map([](const Visit& visit) {
        return Longest{visit.user, visit.seconds};
      })
      .SinkTo("longest-visits");
}
// end

}  // namespace before

namespace after {

// sample: after
struct Visit {
  std::string user;
  std::int64_t seconds = 0;         // wider
  std::optional<std::string> page;  // new; and `browser` is gone
};
SP_RECORD(Visit, user, seconds, page);
// end

void LongestVisits(sp::StreamContext& context) {
  context.Source<Visit>("visits")
      .KeyBy(&Visit::user)
      .Reduce(
          "longest",
          [](Visit& most, const Visit& one) { most.seconds = std::max(most.seconds, one.seconds); })
      .Map([](const Visit& visit) {
        return Longest{visit.user, visit.seconds};
      })
      .SinkTo("longest-visits");
}

}  // namespace after

// sample: evolution-test
TEST(Evolution, TheNewVersionGoesOnFromTheOldOnesState) {
  auto version = before::LongestVisits;
  Pipeline pipeline([&](sp::StreamContext& context) { version(context); });
  pipeline.Source("visits").Send(before::Visit{"ann", "firefox", 90});
  ASSERT_EQ(pipeline.Sink<Longest>("longest-visits").size(), 1U);

  version = after::LongestVisits;
  ASSERT_TRUE(pipeline.RestoresFromCheckpoint()) << pipeline.failure();
  pipeline.Source("visits").Send(after::Visit{"ann", 30, "/home"});
  EXPECT_THAT(pipeline.Sink<Longest>("longest-visits"),
              ElementsAre(Longest{"ann", 90}, Longest{"ann", 90}));
}
// end

namespace narrowed {

struct Visit {
  std::string user;
  std::int16_t seconds = 0;
};
SP_RECORD(Visit, user, seconds);

void LongestVisits(sp::StreamContext& context) {
  context.Source<Visit>("visits")
      .KeyBy(&Visit::user)
      .Reduce("longest", [](Visit&, const Visit&) {})
      .Map([](const Visit& visit) {
        return Longest{visit.user, visit.seconds};
      })
      .SinkTo("longest-visits");
}

}  // namespace narrowed

TEST(Evolution, WhatCouldLoseSomethingIsRefused) {
  auto version = before::LongestVisits;
  Pipeline pipeline([&](sp::StreamContext& context) { version(context); });
  pipeline.Source("visits").Send(before::Visit{"ann", "firefox", 90});
  version = narrowed::LongestVisits;
  EXPECT_FALSE(pipeline.RestoresFromCheckpoint());
  EXPECT_THAT(pipeline.failure(),
              HasSubstr("The field 'seconds' was int32 and is now int16, which may not hold it"));
}

namespace renamed {

void LongestVisits(sp::StreamContext& context) {
  using before::Visit;
  context.Source<Visit>("visits")
      .KeyBy(&Visit::user)
      .Reduce("longest-by-user", [](Visit&, const Visit&) {})
      .Map([](const Visit& visit) {
        return Longest{visit.user, visit.seconds};
      })
      .SinkTo("longest-visits");
}

}  // namespace renamed

TEST(Evolution, AnOperatorsNameIsWhereItsStateIsFound) {
  auto version = before::LongestVisits;
  Pipeline pipeline([&](sp::StreamContext& context) { version(context); });
  pipeline.Source("visits").Send(before::Visit{"ann", "firefox", 90});
  version = renamed::LongestVisits;
  EXPECT_FALSE(pipeline.RestoresFromCheckpoint());
  EXPECT_THAT(pipeline.failure(),
              HasSubstr("holds state of 'longest', which the job no longer has"));
}

namespace elsewhere {

void LongestVisits(sp::StreamContext& context) {
  using before::Visit;
  context.Source<Visit>("visits")
      .KeyBy(&Visit::user)
      .Reduce("longest", [](Visit&, const Visit&) {})
      .Map([](const Visit& visit) {
        return Longest{visit.user, visit.seconds};
      })
      .SinkTo("longest-of-all");
}

}  // namespace elsewhere

TEST(Evolution, AnAliasIsANameToo) {
  auto version = before::LongestVisits;
  Pipeline pipeline([&](sp::StreamContext& context) { version(context); });
  version = elsewhere::LongestVisits;
  EXPECT_FALSE(pipeline.RestoresFromCheckpoint());
  EXPECT_THAT(pipeline.failure(),
              HasSubstr("holds state of 'longest-visits', which the job no longer has"));
}

namespace reworked {

/// The same name, and a window now: what the Reduce had kept nobody asks for.
void LongestVisits(sp::StreamContext& context) {
  using before::Visit;
  context.Source<Visit>("visits")
      .KeyBy(&Visit::user)
      .Window(sp::CountOf(1))
      .Aggregate("longest", sp::Max(&Visit::seconds))
      .Map([](const auto& window) {
        return Longest{window.key, window.value};
      })
      .SinkTo("longest-visits");
}

}  // namespace reworked

TEST(Evolution, AnotherOperatorOfTheSameNameIsRefused) {
  auto version = before::LongestVisits;
  Pipeline pipeline([&](sp::StreamContext& context) { version(context); });
  pipeline.Source("visits").Send(before::Visit{"ann", "firefox", 90});
  version = reworked::LongestVisits;
  EXPECT_FALSE(pipeline.RestoresFromCheckpoint());
  EXPECT_THAT(pipeline.failure(), HasSubstr("longest: The checkpoint holds its state"));
}

// sample: parallelism
void Parallel(sp::StreamContext& context) {
  using before::Visit;
  context.Source<Visit>("visits")
      .Parallelism(1)  // of the source
      .Rebalance()     // rows to the next operator in turn
      .Filter([](const Visit& visit) { return visit.seconds > 0; })
      .Name("seen")    // of the filter, for people: in the status and in /metrics
      .Parallelism(4)  // of the filter
      .Map([](const Visit& visit) {
        return Longest{visit.user, visit.seconds};
      })
      .SinkTo("longest-visits");  // native.parallelism
}
// end

TEST(Parallelism, IsAnOperatorsOwn) {
  Pipeline pipeline(Parallel, {.config = "", .parallelism = 2});
  pipeline.Source("visits").Send(before::Visit{"ann", "firefox", 90});
  EXPECT_THAT(pipeline.Sink<Longest>("longest-visits"), ElementsAre(Longest{"ann", 90}));
}

TEST(Names, AreUnique) {
  const auto twice = [](sp::StreamContext& context) {
    using before::Visit;
    context.Source<Visit>("visits").SinkTo("visits");
  };
  try {
    const Pipeline pipeline(twice);
    FAIL();
  } catch (const PipelineFailure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("Two operators are named 'visits'"));
  }
}

}  // namespace
