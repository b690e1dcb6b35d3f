// SPDX-License-Identifier: Apache-2.0
// Replays the flights of 2013 as a stream of files; ../README.md says what for.
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include "event_log.h"
#include "release_folder.h"
#include "replay.h"

namespace {

namespace fs = std::filesystem;
using namespace streampark::flights;

constexpr std::string_view kUsage =
    "flights_replayer --source DIR --into DIR [--speed FACTOR] [--every SECONDS] [--results DIR]\n"
    "  --source   the unpacked data: airlines.csv, flights.csv, weather.csv\n"
    "  --into     where the folders are made, one for each job\n"
    "  --results  a folder of result folders, in which old files are deleted\n";

constexpr std::size_t kKeepInputs = 720;    // files a folder: two hours at the usual pace
constexpr std::size_t kKeepResults = 2880;  // files a table
constexpr unsigned kTicksAPrune = 60;
constexpr auto kPrefill = std::chrono::hours(24);

struct Arguments {
  fs::path source;
  fs::path into;
  fs::path results;
  double speed = 600;  // seconds of event time a second
  std::chrono::milliseconds every = std::chrono::seconds(10);
};

double PositiveNumber(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value > 0) || value > 1e6) {
    throw std::invalid_argument("not a positive number: '" + std::string(text) + "'");
  }
  return value;
}

Arguments Parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::string_view value = argv[i + 1];
    if (name == "--source") {
      arguments.source = value;
    } else if (name == "--into") {
      arguments.into = value;
    } else if (name == "--results") {
      arguments.results = value;
    } else if (name == "--speed") {
      arguments.speed = PositiveNumber(value);
    } else if (name == "--every") {
      arguments.every = std::chrono::milliseconds(static_cast<int>(PositiveNumber(value) * 1000));
    } else {
      throw std::invalid_argument("unknown option " + std::string(name));
    }
  }
  if (argc % 2 == 0 || arguments.source.empty() || arguments.into.empty()) {
    throw std::invalid_argument("--source and --into are needed, each option with its value");
  }
  return arguments;
}

/// Held until the process ends; two replayers would release every flight twice.
void LockFolder(const fs::path& folder) {
  fs::create_directories(folder);
  const int fd = ::open((folder / ".replayer.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0 || ::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    throw std::runtime_error("another replayer works in " + folder.string());
  }
}

void PruneResults(const fs::path& results, std::size_t keep) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(results, error)) {
    if (entry.is_directory(error)) {
      PruneByAge(entry.path(), keep);
    }
  }
}

/// Waits for SIGTERM or SIGINT, which main has blocked; false when the time is over first.
bool StopWithin(std::chrono::nanoseconds time, const sigset_t& signals) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  timespec limit{};
  limit.tv_sec = seconds.count();
  limit.tv_nsec = (time - seconds).count();
  return ::sigtimedwait(&signals, nullptr, &limit) > 0;
}

int Run(const Arguments& arguments) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);

  LockFolder(arguments.into);
  fs::create_directories(arguments.into / "airlines");
  WriteWhole(arguments.into / "airlines" / "airlines.json",
             AirlinesAsJson(arguments.source / "airlines.csv"));
  const FlightFormat flight_format;
  const WeatherFormat weather_format;
  EventLog flight_log(arguments.source / "flights.csv", flight_format);
  EventLog weather_log(arguments.source / "weather.csv", weather_format);
  const auto stream = [&](EventLog& log, const char* job, const char* name) {
    return Stream(log, ReleaseFolder(arguments.into / job / name, name));
  };
  Stream carrier_flights = stream(flight_log, "carrier-delays", "flights");
  Stream weather_flights = stream(flight_log, "weather-delays", "flights");
  Stream weather = stream(weather_log, "weather-delays", "weather");
  Feed feeds[] = {Feed({&carrier_flights}, kPrefill), Feed({&weather, &weather_flights}, kPrefill)};

  const std::chrono::seconds step(
      std::llround(std::chrono::duration<double>(arguments.every).count() * arguments.speed));
  auto next = std::chrono::steady_clock::now();
  for (unsigned tick = 0;; ++tick) {
    for (Feed& feed : feeds) {
      feed.Tick(step);
      if (tick % kTicksAPrune == 0) {
        feed.Prune(kKeepInputs);
      }
    }
    if (tick % kTicksAPrune == 0) {
      PruneResults(arguments.results, kKeepResults);
    }
    const auto now = std::chrono::steady_clock::now();
    next = std::max(next + arguments.every, now);
    if (StopWithin(next - now, signals)) {
      return EXIT_SUCCESS;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(Parse(argc, argv));
  } catch (const std::invalid_argument& error) {
    std::cerr << error.what() << '\n' << kUsage;
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "flights_replayer: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
