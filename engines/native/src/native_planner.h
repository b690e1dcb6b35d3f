// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/base/random.h"
#include "streampark/native/native_engine.h"

#include "native_jobs.h"

namespace streampark::native {

/// What needs a job's code, or its state's: each by a process of its own, as the jobs' user, with a deadline. Thread-safe.
class NativePlanner final : public engines::Planner {
 public:
  NativePlanner(NativeEngine::Options options, NativeJobs& jobs, base::Random& random)
      : options_(std::move(options)), jobs_(jobs), random_(random) {}

  void Warm(const engines::PlannerKey&) override {}
  /// No diagnostics: what is wrong is LIBRARY_INVALID, of a pump JOB_FILE_INVALID.
  base::Result<engines::SqlVerdict> Validate(const engines::PlannerKey& key,
                                             const std::string& script,
                                             const engines::Options& options,
                                             std::stop_token stop) override;
  base::Result<std::string> Explain(const engines::PlannerKey& key, const std::string& script,
                                    const engines::Options& options, std::stop_token stop) override;
  base::Result<engines::CompiledSql> Compile(const engines::PlannerKey& key,
                                             const std::string& script,
                                             const engines::Options& options, int parallelism,
                                             std::stop_token stop) override;
  /// Returns when the job's supervisor lives. DUPLICATE_JOB when that id was submitted before, unless its submit was cut off before
  /// anything ran: then it is gone on with. NOT_FOUND when what is to be restored is not there.
  base::Status Submit(const engines::PlannerKey& key, const engines::SubmitRequest& request,
                      std::stop_token stop) override;
  base::Result<engines::SqlVocabulary> Vocabulary(const engines::PlannerKey& key,
                                                  std::stop_token stop) override;
  base::Result<std::vector<engines::OptionProblem>> CheckJobOptions(const engines::PlannerKey&,
                                                                    const engines::Options&,
                                                                    std::stop_token) override {
    return std::vector<engines::OptionProblem>();  // Validate reads them with the configuration
  }
  base::Result<engines::SnapshotInspection> InspectSnapshot(const engines::PlannerKey& key,
                                                            const std::string& path,
                                                            std::stop_token stop) override;
  base::Result<std::vector<engines::FoundSnapshot>> ListSnapshots(const engines::PlannerKey& key,
                                                                  const std::string& folder,
                                                                  std::stop_token stop) override;
  base::Status DeleteSnapshot(const engines::PlannerKey& key, const std::string& path,
                              std::stop_token stop) override;
  base::Result<engines::FolderTrial> TryFolder(const engines::PlannerKey& key,
                                               const std::string& folder,
                                               std::stop_token stop) override;

 private:
  base::Result<base::CommandResult> RunAsUser(std::vector<std::string> argv, base::Millis deadline,
                                              std::stop_token stop,
                                              const std::filesystem::path& folder = "/") const;
  /// The plan of the job, as JSON.
  base::Result<std::string> Describe(const engines::PlannerKey& key, const std::string& script,
                                     engines::Options options, int parallelism,
                                     std::stop_token stop);
  /// A folder for one job, made aside of where it will be: configuration, `run`, `requests`.
  base::Status Furnish(const std::filesystem::path& aside, const std::filesystem::path& place,
                       const engines::PlannerKey& planner, const engines::SubmitRequest& request);
  /// Until a supervisor has said that it has the job.
  base::Status AwaitSupervisor(const JobFolder& job, const std::stop_token& stop) const;

  const NativeEngine::Options options_;
  NativeJobs& jobs_;
  base::Random& random_;
};

}  // namespace streampark::native
