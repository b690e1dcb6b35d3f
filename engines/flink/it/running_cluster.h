// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/random.h"
#include "streampark/flink/flink_engine.h"

namespace streampark::flink {

/// Asks again and again until `condition` holds; false after `limit`.
inline bool Eventually(const std::function<bool()>& condition,
                       base::Millis limit = base::Millis(120'000)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // between two questions
  }
  return true;
}

/// One engine for all tests, and a managed cluster a Flink home: one JobManager, one TaskManager
/// with two slots. Started at the first use, stopped at the end of the program, folder and all.
class RunningCluster {
 public:
  static FlinkEngine& Engine();
  /// The cluster of that home; its `problem` says why it did not start.
  static RunningCluster& Of(const std::string& home);
  static void StopAll();

  ~RunningCluster();

  engines::Endpoint endpoint() { return Engine().engine().clusters.EndpointOf(plan); }
  engines::PlannerKey key() const { return {.installation = plan.installation, .jars = {}}; }
  base::ProcessId Process(engines::ProcessRole role);
  bool WaitForSlots(int total);

  engines::ClusterPlan plan;
  std::string problem;

 private:
  explicit RunningCluster(const std::string& home, int index);
  void Start();
};

std::vector<std::string> HomesUnderTest();

}  // namespace streampark::flink
