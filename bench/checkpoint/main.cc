// SPDX-License-Identifier: Apache-2.0
// A job that changes one of many values of 100 bytes for each event, for ./sp bench checkpoint.
//
//   streampark_checkpoint_bench load STATE_LIBRARY FOLDER KEYS               leaves a checkpoint of all keys in FOLDER
//   streampark_checkpoint_bench run STATE_LIBRARY FOLDER KEYS MS SECONDS     goes on from it; MS 0: without checkpoints
//   streampark_checkpoint_bench hot STATE_LIBRARY|- KEYS SECONDS             few keys, from nothing; -: in memory
//
// Each prints one JSON object.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>

#include "streampark/base/random.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/core.h"
#include "streampark/core/native_job.h"

namespace {

namespace sp = streampark;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

struct Event {
  std::int64_t key = 0;
  std::int64_t amount = 0;
};
SP_RECORD(Event, key, amount);

struct Account {
  std::int64_t events = 0;
  std::int64_t sum = 0;
  std::string rest;
};
SP_RECORD(Account, events, sum, rest);

/// 83 bytes that cannot be packed.
std::string NoPattern(std::int64_t key) {
  std::string bytes;
  for (std::uint64_t word = static_cast<std::uint64_t>(key); bytes.size() < 83;) {
    word = sp::core::FoldHash(word, bytes.size());
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  bytes.resize(83);
  return bytes;
}

class Book final : public sp::KeyedProcess<std::int64_t, Event, std::int64_t> {
 public:
  void Open(sp::KeyedStates<std::int64_t>& states) override {
    accounts_ = states.Value<Account>("accounts");
  }
  void Process(const Event& event, Context& /*context*/,
               sp::Collector<std::int64_t>& /*out*/) override {
    accounts_.Update([&](Account& account) {
      ++account.events;
      account.sum += event.amount;
      if (account.rest.empty()) {
        account.rest = NoPattern(event.key);
      }
      account.rest[static_cast<std::size_t>(event.amount) % 83] = static_cast<char>(event.amount);
    });
  }

 private:
  sp::ValueState<Account> accounts_;
};

constexpr std::int64_t kEndless = std::int64_t{1} << 62U;

/// All keys in turn, then any.
void MakeEvent(std::int64_t n, std::int64_t keys, Event& event) {
  const auto mixed = sp::core::FoldHash(static_cast<std::uint64_t>(n), 0x9e3779b97f4a7c15U);
  event.key = n < keys ? n : static_cast<std::int64_t>(mixed % static_cast<std::uint64_t>(keys));
  event.amount = static_cast<std::int64_t>(mixed >> 40U);
}

double CpuSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// The job while it runs; cancelled at its end.
class Running {
 public:
  Running(std::int64_t keys, sp::core::NativeOptions options) : context_("book") {
    context_
        .Generate<Event>("events", kEndless,
                         [keys](std::int64_t n, Event& event) { MakeEvent(n, keys, event); })
        .KeyBy(&Event::key)
        .Process("accounts", Book())
        .ForEach("nothing", [](std::int64_t) {});
    options.restart.attempts = 0;
    job_ = sp::core::NativeJob::Make(context_.plan(), std::move(options), clock_, random_).value();
    thread_ = std::jthread([this](std::stop_token stop) {
      const auto ended = job_->Run(std::move(stop));
      if (!ended.ok()) {
        std::cerr << ended.error().ToString() << '\n';
        std::_Exit(1);
      }
    });
  }

  std::int64_t events() const {
    for (const auto& one : job_->status().operators) {
      if (one.name == "accounts") {
        return one.rows_in;
      }
    }
    return 0;
  }
  sp::core::JobStatus status() const { return job_->status(); }

 private:
  sp::base::SystemClock clock_;
  sp::base::SecureRandom random_;
  sp::StreamContext context_;
  std::unique_ptr<sp::core::NativeJob> job_;
  std::jthread thread_;
};

sp::core::NativeOptions OnDisk(const std::string& library, const fs::path& folder) {
  sp::core::NativeOptions options;
  options.checkpoint_folder = folder;
  options.state.backend = sp::core::StateOptions::Backend::kRocksDb;
  options.state.library = library;
  return options;
}

int Load(const std::string& library, const fs::path& folder, std::int64_t keys) {
  auto options = OnDisk(library, folder);
  options.checkpoint_interval = 2s;
  options.checkpoints_kept = 1;
  const Running running(keys, std::move(options));
  while (running.events() < keys) {
    std::this_thread::sleep_for(100ms);
  }
  const auto last = running.status().last_checkpoint;
  while (running.status().last_checkpoint < last + 2) {  // the next one may have begun before
    std::this_thread::sleep_for(100ms);
  }
  std::cout << "{\"events\": " << running.events() << "}\n";
  return 0;
}

int Measure(Running& running, std::chrono::seconds warm_up, std::chrono::seconds during) {
  while (running.events() == 0) {
    std::this_thread::sleep_for(10ms);
  }
  std::this_thread::sleep_for(warm_up);
  const auto events = running.events();
  const auto cpu = CpuSeconds();
  const auto begin = Clock::now();
  auto last = running.status().last_checkpoint;
  std::vector<std::int64_t> took;
  while (Clock::now() < begin + during) {
    std::this_thread::sleep_for(50ms);
    const auto status = running.status();
    if (status.last_checkpoint != last) {
      last = status.last_checkpoint;
      took.push_back(status.last_checkpoint_took.count());
    }
  }
  const auto cpu_s = CpuSeconds() - cpu;
  const std::chrono::duration<double> wall = Clock::now() - begin;
  const auto done = running.events() - events;
  std::ranges::sort(took);
  std::cout << "{\"events\": " << done << ", \"cpu_s\": " << cpu_s
            << ", \"wall_s\": " << wall.count() << ", \"checkpoints\": " << took.size()
            << ", \"failed\": " << running.status().failed_checkpoints
            << ", \"took_ms\": " << (took.empty() ? 0 : took[took.size() / 2])
            << ", \"worst_ms\": " << (took.empty() ? 0 : took.back()) << "}\n";
  return 0;
}

fs::path NewestIn(const fs::path& folder) {
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (fs::exists(entry.path() / "_record")) {
      newest = std::max(newest, entry.path());
    }
  }
  return newest;
}

int RunFrom(const std::string& library, const fs::path& loaded, std::int64_t keys,
            std::chrono::milliseconds interval, std::chrono::seconds during) {
  const auto work = sp::base::TemporaryFolder::Create(loaded.parent_path()).value();
  auto options = OnDisk(library, work.path());
  options.restore_from = NewestIn(loaded);
  if (interval.count() > 0) {
    options.checkpoint_interval = interval;
  }
  Running running(keys, std::move(options));
  return Measure(running, 10s, during);
}

int Hot(const std::string& library, std::int64_t keys, std::chrono::seconds during) {
  const auto work = sp::base::TemporaryFolder::Create().value();
  Running running(keys, library == "-" ? sp::core::NativeOptions() : OnDisk(library, work.path()));
  return Measure(running, 1s, during);
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string> arguments(values + 1, values + count);
  const auto number = [&](std::size_t at) { return std::stoll(arguments.at(at)); };
  if (arguments.at(0) == "load") {
    return Load(arguments.at(1), arguments.at(2), number(3));
  }
  if (arguments.at(0) == "run") {
    return RunFrom(arguments.at(1), arguments.at(2), number(3),
                   std::chrono::milliseconds(number(4)), std::chrono::seconds(number(5)));
  }
  return Hot(arguments.at(1), number(2), std::chrono::seconds(number(3)));
}
