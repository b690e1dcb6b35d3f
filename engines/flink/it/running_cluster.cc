// SPDX-License-Identifier: Apache-2.0
#include "running_cluster.h"

#include <cstdlib>
#include <map>

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;
using engines::ProcessRole;

constexpr int kFirstPort = 21'320;

std::string Environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

struct Shared {
  base::SystemClock clock;
  base::SecureRandom random;
  fs::path root = fs::temp_directory_path() / ("streampark-flink-it-" + base::RandomHex(random, 4));
  std::unique_ptr<FlinkEngine> engine;
  std::map<std::string, std::unique_ptr<RunningCluster>> clusters;
};

Shared& Everything() {
  static Shared shared;
  return shared;
}

}  // namespace

FlinkEngine& RunningCluster::Engine() {
  Shared& shared = Everything();
  if (!shared.engine) {
    shared.engine = std::make_unique<FlinkEngine>(
        FlinkEngine::Options{.agent_jar = Environment("STREAMPARK_AGENT_JAR"),
                             .fetch_script = {},
                             .log_folder = shared.root / "agents"},
        shared.clock, shared.random);
  }
  return *shared.engine;
}

RunningCluster& RunningCluster::Of(const std::string& home) {
  auto& clusters = Everything().clusters;
  if (!clusters.contains(home)) {
    const int index = static_cast<int>(clusters.size());
    clusters[home].reset(new RunningCluster(home, index));
  }
  return *clusters[home];
}

void RunningCluster::StopAll() {
  Shared& shared = Everything();
  shared.clusters.clear();
  shared.engine.reset();
  std::error_code ignored;
  fs::remove_all(shared.root, ignored);
}

RunningCluster::RunningCluster(const std::string& home, int index) {
  const auto inspection = Engine().engine().installations.Inspect(home, {});
  if (!inspection.ok()) {
    problem = inspection.error().ToString();
    return;
  }
  plan.cluster_id = "it-" + base::RandomHex(Everything().random, 6);
  plan.name = "it";
  plan.installation = {.id = inspection->version,
                       .home = home,
                       .version = inspection->version,
                       .line = inspection->line,
                       .vendor = inspection->vendor};
  plan.folder = Everything().root / inspection->version;
  plan.job_manager_memory = "900m";
  plan.task_manager_memory = "1300m";
  plan.slots_per_task_manager = 2;
  plan.rest_port = kFirstPort + 10 * index;
  plan.rpc_port = plan.rest_port + 1;
  Start();
}

void RunningCluster::Start() {
  auto& clusters = Engine().engine().clusters;
  if (const auto prepared = clusters.Prepare(plan); !prepared.ok()) {
    problem = prepared.error().ToString();
    return;
  }
  for (const ProcessRole role : {ProcessRole::kJobManager, ProcessRole::kTaskManager}) {
    if (const auto process = clusters.StartProcess(plan, role, 0); !process.ok()) {
      problem = process.error().ToString();
      return;
    }
  }
  if (!WaitForSlots(2)) {
    problem = "the cluster did not show its slots in time";
  }
}

bool RunningCluster::WaitForSlots(int total) {
  return Eventually([this, total] {
    const auto seen = Engine().engine().jobs.Observe(endpoint(), base::Millis(5'000), {});
    return seen.ok() && seen->slots_total == total;
  });
}

base::ProcessId RunningCluster::Process(ProcessRole role) {
  for (const auto& process : Engine().engine().clusters.FindProcesses(plan.cluster_id)) {
    if (process.role == role) {
      return process.id;
    }
  }
  return {};
}

RunningCluster::~RunningCluster() {
  for (const auto& process : Engine().engine().clusters.FindProcesses(plan.cluster_id)) {
    base::Terminate(process.id, base::Millis(5'000));
  }
}

std::vector<std::string> HomesUnderTest() {
  std::vector<std::string> homes;
  std::string list = Environment("STREAMPARK_FLINK_HOMES");
  while (!list.empty()) {
    const std::size_t end = list.find(':');
    if (end != 0) {
      homes.push_back(list.substr(0, end));
    }
    list.erase(0, end == std::string::npos ? list.size() : end + 1);
  }
  return homes;
}

}  // namespace streampark::flink
