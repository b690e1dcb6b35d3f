// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <streampark/core.h>
#include <streampark/testing/pipeline.h>

namespace sp = streampark;
using namespace std::chrono_literals;

namespace {

using sp::testing::Pipeline;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// sample: rows
struct Flight {
  std::string carrier;
  std::int32_t delay_minutes = 0;
};
SP_RECORD(Flight, carrier, delay_minutes);

struct NamedFlight {
  std::string carrier_name;
  std::int32_t delay_minutes = 0;
  bool operator==(const NamedFlight&) const = default;
};
SP_RECORD(NamedFlight, carrier_name, delay_minutes);
// end

// sample: client
/// What asks outside. `answer` is called once, from whatever thread, with the name or with none.
class Directory {
 public:
  using Answer = std::function<void(std::optional<std::string> name)>;
  virtual ~Directory() = default;
  virtual void Ask(const std::string& carrier, Answer answer) = 0;
};
// end

// sample: ask
auto AskFor(std::shared_ptr<Directory> directory) {
  return [directory](const Flight& flight, sp::AsyncResult<NamedFlight> result) {
    directory->Ask(flight.carrier, [flight, result](std::optional<std::string> name) {
      if (name) {
        result.Complete({*name, flight.delay_minutes});
      } else {
        result.Fail({sp::base::ErrorCode::kIoError, "The directory does not answer."});
      }
    });
  };
}
// end

// sample: job
void NamedFlights(sp::StreamContext& context, std::shared_ptr<Directory> directory) {
  context.Source<Flight>("flights")
      .Async<NamedFlight>("ask-for-names", AskFor(std::move(directory)),
                          {.timeout = 10s,
                           .capacity = 50,
                           .order = sp::AsyncOptions::Order::kOrdered,
                           .retries = {.attempts = 3, .first_pause = 200ms}})
      .SinkTo("named");
}
// end

/// Answers from threads of its own, as clients do.
class Answering final : public Directory {
 public:
  void Ask(const std::string& carrier, Answer answer) override {
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([carrier, answer] { answer("Carrier " + carrier); });
  }

 private:
  std::mutex mutex_;
  std::vector<std::jthread> threads_;
};

TEST(Async, AnswersComeFromOtherThreads) {
  Pipeline pipeline([directory = std::make_shared<Answering>()](sp::StreamContext& context) {
    NamedFlights(context, directory);
  });
  pipeline.Source("flights").Send(Flight{"UA", 10}, Flight{"AA", 20}, Flight{"DL", 30});
  pipeline.Source("flights").End();
  pipeline.AwaitEnd();  // what was asked has been answered then
  EXPECT_THAT(pipeline.Sink<NamedFlight>("named"),
              ElementsAre(NamedFlight{"Carrier UA", 10}, NamedFlight{"Carrier AA", 20},
                          NamedFlight{"Carrier DL", 30}));
}

/// Answers at once, from the third time on.
class AnsweringLate final : public Directory {
 public:
  void Ask(const std::string& carrier, Answer answer) override {
    answer(++asked_ < 3 ? std::nullopt : std::optional("Carrier " + carrier));
  }

 private:
  int asked_ = 0;
};

TEST(Async, FailuresAreTriedAnew) {
  Pipeline pipeline([directory = std::make_shared<AnsweringLate>()](sp::StreamContext& context) {
    NamedFlights(context, directory);
  });
  pipeline.Source("flights").Send(Flight{"UA", 10});
  pipeline.AdvanceTime(200ms);
  EXPECT_THAT(pipeline.Sink<NamedFlight>("named"), IsEmpty());
  pipeline.AdvanceTime(400ms);
  EXPECT_THAT(pipeline.Sink<NamedFlight>("named"), ElementsAre(NamedFlight{"Carrier UA", 10}));
}

class Silent final : public Directory {
 public:
  void Ask(const std::string& /*carrier*/, Answer answer) override { answer(std::nullopt); }
};

TEST(Async, WhatFailsForGoodFailsTheAttempt) {
  Pipeline pipeline([directory = std::make_shared<Silent>()](sp::StreamContext& context) {
    NamedFlights(context, directory);
  });
  pipeline.Source("flights").Send(Flight{"UA", 10});
  try {
    pipeline.AdvanceTime(200ms);
    pipeline.AdvanceTime(400ms);
    pipeline.AdvanceTime(800ms);
    FAIL();
  } catch (const sp::testing::PipelineFailure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("The directory does not answer."));
  }
}

// sample: on-failure
void NamedWherePossible(sp::StreamContext& context, std::shared_ptr<Directory> directory) {
  const auto instead = [](const Flight& flight, const sp::base::Error& /*error*/) {
    return std::optional(NamedFlight{"?" + flight.carrier, flight.delay_minutes});
  };
  context.Source<Flight>("flights")
      .Async<NamedFlight>("ask-for-names", AskFor(std::move(directory)), {}, instead)
      .SinkTo("named");
}
// end

TEST(Async, OrIsWhatTheHandlerSays) {
  Pipeline pipeline([directory = std::make_shared<Silent>()](sp::StreamContext& context) {
    NamedWherePossible(context, directory);
  });
  pipeline.Source("flights").Send(Flight{"UA", 10});
  EXPECT_THAT(pipeline.Sink<NamedFlight>("named"), ElementsAre(NamedFlight{"?UA", 10}));
}

}  // namespace
