// SPDX-License-Identifier: Apache-2.0
#include "planner/flink_planner.h"

#include <algorithm>

#include "streampark/base/json.h"
#include "streampark/base/log.h"

#include "planner/agent_launcher.h"
#include "planner/agent_methods.h"
#include "planner/planner_answers.h"

namespace streampark::flink {
namespace {

constexpr std::size_t kMostWaitingToWarm = 64;

json::object ScriptParameters(const std::string& sql, const engines::Options& options) {
  return {{"sql", sql}, {"options", WriteOptions(options)}};
}

}  // namespace

FlinkPlanner::FlinkPlanner(AgentPool& agents)
    : agents_(agents), to_warm_(kMostWaitingToWarm), warmer_([this](const std::stop_token& stop) {
        while (const auto key = to_warm_.Pop(stop)) {
          const auto warmed = agents_.Call(*key, methods::kWarm, {}, stop);
          if (!warmed.ok() && !stop.stop_requested()) {
            base::LogWarn("sql agent not warmed",
                          {{"agent", AgentNameOf(*key)}, {"error", warmed.error()}});
          }
        }
      }) {}

void FlinkPlanner::Warm(const engines::PlannerKey& key) {
  // A full queue loses nothing: the first call starts the agent as well.
  (void)to_warm_.TryPush(key);
}

base::Result<engines::SqlVerdict> FlinkPlanner::Validate(const engines::PlannerKey& key,
                                                         const std::string& sql,
                                                         const engines::Options& options,
                                                         std::stop_token stop) {
  return ReadVerdict(
      SP_TRY(agents_.Call(key, methods::kValidate, ScriptParameters(sql, options), stop)));
}

base::Result<std::string> FlinkPlanner::Explain(const engines::PlannerKey& key,
                                                const std::string& sql,
                                                const engines::Options& options,
                                                std::stop_token stop) {
  return ReadExplanation(
      SP_TRY(agents_.Call(key, methods::kExplain, ScriptParameters(sql, options), stop)));
}

base::Result<engines::CompiledSql> FlinkPlanner::Compile(const engines::PlannerKey& key,
                                                         const std::string& sql,
                                                         const engines::Options& options,
                                                         int parallelism, std::stop_token stop) {
  return Recompile(key, sql, options, parallelism, {}, std::move(stop));
}

base::Result<engines::CompiledSql> FlinkPlanner::Recompile(
    const engines::PlannerKey& key, const std::string& sql, const engines::Options& options,
    int parallelism, const engines::PlanHistory& history, std::stop_token stop) {
  engines::Options all = options;
  if (parallelism > 0) {
    all["parallelism.default"] = std::to_string(parallelism);
  }
  json::object parameters = ScriptParameters(sql, all);
  if (!history.plans.empty()) {
    parameters["previousPlans"] = json::array(history.plans.begin(), history.plans.end());
  }
  parameters["highestNumber"] = history.highest_number;
  return ReadCompiled(SP_TRY(agents_.Call(key, methods::kCompile, std::move(parameters), stop)));
}

base::Status FlinkPlanner::Submit(const engines::PlannerKey& key,
                                  const engines::SubmitRequest& request, std::stop_token stop) {
  SP_TRY(agents_.Call(key, methods::kSubmit, WriteSubmit(key, request), stop));
  return base::Ok();
}

base::Result<engines::SqlVocabulary> FlinkPlanner::Vocabulary(const engines::PlannerKey& key,
                                                              std::stop_token stop) {
  const auto connectors = SP_TRY(agents_.Call(key, methods::kConnectors, {}, stop));
  const auto functions = SP_TRY(agents_.Call(key, methods::kFunctions, {}, stop));
  const auto keywords = SP_TRY(agents_.Call(key, methods::kKeywords, {}, stop));
  return ReadVocabulary(connectors, functions, keywords);
}

base::Result<std::vector<engines::OptionProblem>> FlinkPlanner::CheckJobOptions(
    const engines::PlannerKey& key, const engines::Options& options, std::stop_token stop) {
  const auto result = SP_TRY(
      agents_.Call(key, methods::kCheckJobOptions, {{"options", WriteOptions(options)}}, stop));
  return ReadProblems(result, "errors");
}

base::Result<engines::SnapshotInspection> FlinkPlanner::InspectSnapshot(
    const engines::PlannerKey& key, const std::string& path, std::stop_token stop) {
  return ReadSnapshot(SP_TRY(agents_.Call(key, methods::kInspectSnapshot, {{"path", path}}, stop)));
}

base::Result<std::vector<engines::FoundSnapshot>> FlinkPlanner::ListSnapshots(
    const engines::PlannerKey& key, const std::string& folder, std::stop_token stop) {
  return ReadFoundSnapshots(
      SP_TRY(agents_.Call(key, methods::kListSnapshots, {{"dir", folder}}, stop)));
}

base::Result<engines::FolderTrial> FlinkPlanner::TryFolder(const engines::PlannerKey& key,
                                                           const std::string& folder,
                                                           std::stop_token stop) {
  using Outcome = engines::FolderTrial::Outcome;
  const auto result = SP_TRY(agents_.Call(key, methods::kTryFolder, {{"path", folder}}, stop));
  const std::string outcome = json::StringOr(result, "outcome");
  return engines::FolderTrial{outcome == "WRITABLE"  ? Outcome::kWritable
                              : outcome == "REFUSED" ? Outcome::kRefused
                                                     : Outcome::kUnknown,
                              json::StringOr(result, "problem")};
}

base::Status FlinkPlanner::DeleteSnapshot(const engines::PlannerKey& key, const std::string& path,
                                          std::stop_token stop) {
  SP_TRY(agents_.Call(key, methods::kDeleteSnapshot, {{"path", path}}, stop));
  return base::Ok();
}

base::Result<engines::ClusterCheck> FlinkPlanner::CheckClusterOptions(
    const engines::Installation& installation, const engines::Options& configuration,
    std::stop_token stop) {
  return ReadClusterCheck(
      SP_TRY(agents_.Call({.installation = installation, .jars = {}}, methods::kCheckClusterOptions,
                          {{"options", WriteOptions(configuration)}}, stop)));
}

}  // namespace streampark::flink
