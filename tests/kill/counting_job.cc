// SPDX-License-Identifier: Apache-2.0
#include "counting_job.h"

#include <chrono>
#include <memory>

#include "streampark/base/clock.h"
#include "streampark/base/random.h"
#include "streampark/connectors/kafka.h"
#include "streampark/connectors/postgres.h"
#include "streampark/core/job_options.h"
#include "streampark/core/native_job.h"

#include "points.h"

namespace streampark::kill {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kFirstMillis = 1'700'000'000'000;
constexpr std::int64_t kSensors = 211;  // enough for more state than RocksDB's write buffers take

void CountReadings(StreamContext& context) {
  const auto counted = context.Source<Reading>("readings")
                           .Watermarks(&Reading::at, BoundedOutOfOrderness(200ms))
                           .KeyBy(&Reading::sensor)
                           .Window(Tumbling(1s))
                           .AllowedLateness(24h)
                           .Aggregate("counts", Together(streampark::Count(), Sum(&Reading::n)))
                           .Map([](const auto& window) {
                             const auto& [rows, total] = window.value;
                             return Counted{window.key, window.start, rows, total};
                           });
  counted.SinkTo("firings");
  counted.SinkTo("windows");
}

}  // namespace

Reading ReadingOf(std::int64_t n) {
  const std::int64_t late = n % 10 == 7 ? n % 4'999 : n % 50;
  return {.n = n,
          .sensor = "sensor-" + std::to_string(n % kSensors),
          .at = Timestamp(std::chrono::milliseconds(kFirstMillis + n * 2 - late))};
}

Expected ExpectedOf(std::int64_t readings) {
  Expected expected;
  for (std::int64_t n = 0; n < readings; ++n) {
    const auto reading = ReadingOf(n);
    const auto millis = core::ToEventTime(reading.at);
    auto& [rows, total] = expected[{reading.sensor, millis - millis % 1'000}];
    ++rows;
    total += n;
  }
  return expected;
}

base::Status RunCountingJob(const std::string& configuration_file) {
  const auto config = SP_TRY(JobConfig::Load(configuration_file));
  connectors::ConnectorRegistry registry;
  registry.Add(Mortal(connectors::MakeKafkaConnector()));
  registry.Add(Mortal(connectors::MakePostgresConnector()));
  StreamContext context({.name = "counting", .config = config, .connectors = &registry});
  CountReadings(context);
  base::SystemClock clock;
  base::SecureRandom random;
  const auto options = SP_TRY(core::NativeOptionsFrom(config, "counting"));
  const auto job = SP_TRY(core::NativeJob::Make(context.plan(), options, clock, random));
  return job->Run({});
}

}  // namespace streampark::kill
