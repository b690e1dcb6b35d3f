// SPDX-License-Identifier: Apache-2.0
#include "streampark/native/native_engine.h"

#include <utility>

#include <unistd.h>

#include "native_clusters.h"
#include "native_jobs.h"
#include "native_planner.h"

namespace streampark::native {
namespace {

/// Its one version is the program itself.
class NativeInstallations final : public engines::InstallationDriver {
 public:
  base::Result<Inspection> Inspect(const std::filesystem::path&, std::stop_token) override {
    return Refusal();
  }
  base::Result<std::vector<std::string>> ListAvailable(std::stop_token) override {
    return std::vector<std::string>();
  }
  base::Status Fetch(const std::string&, const std::filesystem::path&, const engines::Progress&,
                     std::stop_token) override {
    return Refusal();
  }

 private:
  static base::Error Refusal() {
    return base::Error(base::ErrorCode::kIllegalState,
                       "the native engine is a part of StreamPark and comes with it");
  }
};

}  // namespace

struct NativeEngine::Parts {
  Parts(Options options, const base::Clock& clock, base::Random& random)
      : jobs(options.user ? options.user->uid : ::geteuid(), clock),
        clusters(options.user),
        planner(std::move(options), jobs, random) {}

  NativeInstallations installations;
  NativeJobs jobs;
  NativeClusters clusters;
  NativePlanner planner;
};

NativeEngine::NativeEngine(Options options, const base::Clock& clock, base::Random& random)
    : parts_(std::make_unique<Parts>(std::move(options), clock, random)) {}

NativeEngine::~NativeEngine() = default;

engines::Engine NativeEngine::engine() {
  return {parts_->installations, parts_->clusters, parts_->jobs, parts_->planner};
}

}  // namespace streampark::native
