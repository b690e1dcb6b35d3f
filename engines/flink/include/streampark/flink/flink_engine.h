// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/os_user.h"
#include "streampark/base/random.h"
#include "streampark/engines/engine.h"

namespace streampark::flink {

/// Apache Flink: installations, clusters on this machine and elsewhere, jobs, SQL. Starts nothing
/// until it is asked to. Its end ends the SQL agents; clusters live on.
class FlinkEngine {
 public:
  struct Options {
    std::filesystem::path agent_jar;     // the SQL agent (bridge/agent)
    std::filesystem::path fetch_script;  // tools/fetch_flink.py
    std::filesystem::path python = "python3";
    std::filesystem::path download_cache;  // empty: the fetch script's own
    std::filesystem::path log_folder;      // of the agents
    std::filesystem::path java_home;       // empty: found as java_runtime.h says
    std::size_t agent_limit = 4;           // agents alive at once
    int agent_memory_mib = 512;            // heap of each
    base::Millis agent_idle{600'000};      // then an unused one ends
    /// Whoever runs what jobs bring along: clusters and agents. Ours when absent.
    std::optional<base::OsUser> user = {};
  };

  /// What an SQL agent costs now.
  struct AgentObservation {
    std::string name;
    int pid = 0;
    std::uint64_t resident_bytes = 0;
    int requests_in_flight = 0;
  };

  /// `clock` and `random` must outlive it.
  FlinkEngine(Options options, const base::Clock& clock, base::Random& random);
  ~FlinkEngine();
  FlinkEngine(const FlinkEngine&) = delete;
  FlinkEngine& operator=(const FlinkEngine&) = delete;

  /// References into this object. Thread-safe.
  engines::Engine engine();
  std::vector<AgentObservation> Agents() const;
  /// How many agents may live at once, and the heap of those started from now on.
  void AllowAgents(std::size_t limit, int memory_mib);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace streampark::flink
