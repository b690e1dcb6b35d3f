// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_plan.h"

#include <utility>

#include "clusters/address.h"

namespace streampark::console {
namespace {

std::string PointerOf(const std::string& key) {
  if (key == "job_manager_memory") {
    return "/jobManagerMemory";
  }
  if (key == "task_manager_memory") {
    return "/taskManagerMemory";
  }
  return key.empty() ? "/options" : "/options/" + PointerToken(key);
}

std::vector<ClusterSpecVerdict::Finding> Translated(
    const std::vector<engines::OptionProblem>& problems) {
  std::vector<ClusterSpecVerdict::Finding> findings;
  findings.reserve(problems.size());
  for (const engines::OptionProblem& problem : problems) {
    findings.push_back({PointerOf(problem.key), problem.key, problem.message, problem.hint});
  }
  return findings;
}

std::string FileUri(const std::filesystem::path& path) { return "file://" + path.string(); }

}  // namespace

std::filesystem::path ClusterPlanner::FolderOf(std::string_view cluster_id) const {
  return folder_ / cluster_id;
}

std::string ClusterPlanner::CheckpointDirectoryOf(const ClusterRecord& record,
                                                  const ClusterSpec& spec) const {
  if (!spec.checkpoint_directory.empty() || spec.kind == ClusterKind::kRemote) {
    return spec.checkpoint_directory;
  }
  return FileUri(FolderOf(record.id) / "checkpoints");
}

std::string ClusterPlanner::SavepointDirectoryOf(const ClusterRecord& record,
                                                 const ClusterSpec& spec) const {
  if (!spec.savepoint_directory.empty() || spec.kind == ClusterKind::kRemote) {
    return spec.savepoint_directory;
  }
  return FileUri(FolderOf(record.id) / "savepoints");
}

engines::ClusterPlan ClusterPlanner::SketchOf(const ClusterRecord& record,
                                              const ClusterSpec& spec) const {
  const InstallationPtr installation = InstallationFor(installations_, spec);
  engines::Installation used = installation ? installation->ForEngine() : engines::Installation{};
  used.engine = spec.engine;
  return {.cluster_id = record.id,
          .name = spec.name,
          .installation = std::move(used),
          .folder = FolderOf(record.id),
          .job_manager_memory = spec.job_manager_memory,
          .task_manager_memory = spec.task_manager_memory,
          .task_managers = spec.task_managers,
          .slots_per_task_manager = spec.slots_per_task_manager,
          .checkpoint_directory = CheckpointDirectoryOf(record, spec),
          .savepoint_directory = SavepointDirectoryOf(record, spec),
          .options = spec.options,
          .rest_port = record.rest_port,
          .rpc_port = record.rpc_port};
}

base::Result<engines::ClusterPlan> ClusterPlanner::PlanOf(const ClusterRecord& record,
                                                          const ClusterSpec& spec) const {
  const InstallationPtr installation = InstallationFor(installations_, spec);
  const auto unfit = [](std::string message, std::string hint) {
    return base::Error(base::ErrorCode::kInstallationInvalid, message)
        .WithHint(hint)
        .WithField({"/installationId", message, hint});
  };
  if (!installation) {
    return unfit("there is no such engine version", "choose one of the installations");
  }
  if (installation->state != InstallationState::kReady) {
    return unfit("engine version " + installation->version + " is " +
                     std::string(ToString(installation->state)) +
                     (installation->message.empty() ? "" : ": " + installation->message),
                 "wait until it is READY, or fetch it again");
  }
  return SketchOf(record, spec);
}

engines::Endpoint ClusterPlanner::EndpointOf(const ClusterRecord& record) const {
  if (record.spec.kind == ClusterKind::kRemote) {
    return {
        .cluster_id = record.id, .addresses = record.spec.addresses, .engine = record.spec.engine};
  }
  if (record.spec.kind == ClusterKind::kStandalone && record.rest_port == 0) {
    return {.cluster_id = record.id, .addresses = {}, .engine = record.spec.engine};
  }
  return driver_.EndpointOf(SketchOf(record, record.started_spec.value_or(record.spec)));
}

base::Result<ClusterSpecVerdict> ClusterPlanner::Check(const ClusterRecord& record,
                                                       const ClusterSpec& spec,
                                                       std::stop_token stop) const {
  const engines::ClusterPlan plan = SP_TRY(PlanOf(record, spec));
  engines::ClusterCheck check = SP_TRY(driver_.Check(plan, stop));
  return ClusterSpecVerdict{.errors = Translated(check.errors),
                            .warnings = Translated(check.warnings),
                            .job_manager_memory = std::move(check.job_manager_memory),
                            .task_manager_memory = std::move(check.task_manager_memory)};
}

base::Error RefusalOf(const ClusterSpecVerdict& verdict) {
  std::vector<base::FieldError> fields;
  for (const ClusterSpecVerdict::Finding& finding : verdict.errors) {
    fields.push_back({finding.pointer, finding.message, finding.hint});
  }
  const std::string message = fields.size() == 1
                                  ? fields.front().message
                                  : std::to_string(fields.size()) + " options are refused";
  return base::Error(base::ErrorCode::kClusterOptionsInvalid, message)
      .WithFields(std::move(fields));
}

bool RunsDifferently(const ClusterSpec& a, const ClusterSpec& b) {
  ClusterSpec left = a;
  left.name = b.name;
  left.team_id = b.team_id;
  left.description = b.description;
  left.restart = b.restart;
  return left != b;
}

}  // namespace streampark::console
