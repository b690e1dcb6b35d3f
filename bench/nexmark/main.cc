// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>

#include "streampark/base/clock.h"
#include "streampark/base/random.h"
#include "streampark/connectors/builtin.h"
#include "streampark/core/job_options.h"
#include "streampark/core/native_job.h"

#include "generator.h"
#include "queries.h"

/// One query of Nexmark on the native runtime, in a process of its own: prints one JSON object.
///
///   streampark_nexmark write FOLDER EVENTS        the events as one Avro file in FOLDER
///   streampark_nexmark QUERY [KEY=VALUE…]         input=FOLDER or generate=EVENTS, side=FILE, warmup=EVENTS, parallelism=N,
///                                                 checkpoints=FOLDER, interval=MILLIS, backend=memory|rocksdb
namespace nexmark {
namespace {

namespace core = sp::core;

double CpuSeconds() {
  std::timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

int Fail(const sp::base::Error& error) {
  std::cerr << error.ToString() << '\n';
  return 1;
}

sp::JobConfig ConfigOf(const std::string& yaml) {
  return sp::JobConfig::Parse(yaml, "bench").value();
}

/// The events' schema with times in milliseconds, as Flink's TIMESTAMP(3) has them.
constexpr std::string_view kAvroSchema = R"({"type":"record","name":"event","fields":[
{"name":"person","type":["null",{"type":"record","name":"event_person","fields":[
 {"name":"id","type":"long"},{"name":"name","type":"string"},{"name":"email","type":"string"},
 {"name":"card","type":"string"},{"name":"city","type":"string"},{"name":"state","type":"string"},
 {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"extra","type":"string"}]}]},
{"name":"auction","type":["null",{"type":"record","name":"event_auction","fields":[
 {"name":"id","type":"long"},{"name":"item","type":"string"},{"name":"description","type":"string"},
 {"name":"initial_bid","type":"long"},{"name":"reserve","type":"long"},
 {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
 {"name":"expires","type":{"type":"long","logicalType":"timestamp-millis"}},
 {"name":"seller","type":"long"},{"name":"category","type":"long"},{"name":"extra","type":"string"}]}]},
{"name":"bid","type":["null",{"type":"record","name":"event_bid","fields":[
 {"name":"auction","type":"long"},{"name":"bidder","type":"long"},{"name":"price","type":"long"},
 {"name":"channel","type":"string"},{"name":"url","type":"string"},
 {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"extra","type":"string"}]}]}]})";

int Write(const std::string& folder, std::int64_t events) {
  const auto connectors = sp::connectors::BuiltinConnectors();
  auto config = ConfigOf("file.sink.events: {path: \"" + folder +
                         "\", format: avro, avro.codec: \"null\", roll.size: 1TiB}");
  config.Set("file.sink.events.avro.schema", std::string(kAvroSchema), "bench");
  sp::StreamContext context(
      {.name = "nexmark-write", .config = std::move(config), .connectors = &connectors});
  context.Generate<Event>("made", events, EventMaker()).SinkTo("events");
  sp::base::SystemClock clock;
  sp::base::SecureRandom random;
  auto job = core::NativeJob::Make(context.plan(), {}, clock, random);
  if (!job.ok()) {
    return Fail(job.error());
  }
  const auto ran = (*job)->Run({});
  return ran.ok() ? 0 : Fail(ran.error());
}

/// What the process had used when the source had given so many rows.
struct Mark {
  std::int64_t rows = 0;
  double cpu = 0;
  std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now();
};

std::int64_t RowsOfSource(const core::NativeJob& job) {
  const auto status = job.status();
  return status.operators.empty() ? 0 : status.operators.front().rows_out;
}

int Run(const std::string& name, std::map<std::string, std::string> options) {
  const auto query = FindQuery(name);
  if (query == nullptr) {
    std::cerr << "there is no query " << name << '\n';
    return 2;
  }
  const auto connectors = sp::connectors::BuiltinConnectors();
  std::string yaml = "app.name: nexmark\n";
  if (options.contains("input")) {
    yaml += "file.source.events: {path: \"" + options["input"] + "\", format: avro}\n";
  }
  if (options.contains("backend")) {
    yaml += "native.state: {backend: " + options["backend"] + ", library: \"" +
            (std::filesystem::read_symlink("/proc/self/exe").parent_path() /
             "libstreampark_state_rocksdb.so")
                .string() +
            "\"}\n";
  }
  const auto config = ConfigOf(yaml);
  sp::StreamContext context({.name = "nexmark", .config = config, .connectors = &connectors});
  auto sums = std::make_shared<ColumnHashes>();
  query({.context = context,
         .generated = options.contains("generate") ? std::stoll(options["generate"]) : 0,
         .side_input = options["side"]},
        ColumnHash(sums));

  auto native = core::NativeOptionsFrom(config, "nexmark");
  if (!native.ok()) {
    return Fail(native.error());
  }
  if (options.contains("parallelism")) {
    native->parallelism = std::stoi(options["parallelism"]);
  }
  if (options.contains("checkpoints")) {
    native->checkpoint_folder = options["checkpoints"];
    native->checkpoint_interval = sp::base::Millis(std::stoll(options["interval"]));
  }
  sp::base::SystemClock clock;
  sp::base::SecureRandom random;
  auto job = core::NativeJob::Make(context.plan(), *native, clock, random);
  if (!job.ok()) {
    return Fail(job.error());
  }

  const auto warmup = options.contains("warmup") ? std::stoll(options["warmup"]) : 0;
  Mark start{.cpu = CpuSeconds()};
  std::jthread watcher([&](std::stop_token stop) {
    while (!stop.stop_requested() && start.rows < warmup) {
      start = {RowsOfSource(**job), CpuSeconds()};
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  });
  const auto ran = (*job)->Run({});
  watcher.request_stop();
  watcher.join();
  const Mark end{RowsOfSource(**job), CpuSeconds()};
  if (!ran.ok()) {
    return Fail(ran.error());
  }
  const auto total = sums->Total();
  std::cout << boost::json::serialize(boost::json::object{
                   {"query", name},
                   {"events", end.rows},
                   {"measured_events", end.rows - start.rows},
                   {"cpu_s", end.cpu - start.cpu},
                   {"wall_s", std::chrono::duration<double>(end.at - start.at).count()},
                   {"rows", total.rows},
                   {"changes", total.changes},
                   {"hash", std::to_string(total.hash)},
                   {"checkpoints", (*job)->status().last_checkpoint}})
            << '\n';
  return 0;
}

}  // namespace
}  // namespace nexmark

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 3 && arguments[0] == "write") {
    return nexmark::Write(arguments[1], std::stoll(arguments[2]));
  }
  if (arguments.empty()) {
    std::cerr << "usage: streampark_nexmark write FOLDER EVENTS | QUERY [KEY=VALUE…]\n";
    return 2;
  }
  std::map<std::string, std::string> options;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto equals = arguments[i].find('=');
    options[arguments[i].substr(0, equals)] = arguments[i].substr(equals + 1);
  }
  return nexmark::Run(arguments[0], std::move(options));
}
