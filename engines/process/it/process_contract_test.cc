// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include "streampark/base/temporary_folder.h"
#include "streampark/engines/adapter_contract.h"
#include "streampark/process/process_jobs.h"

namespace streampark::process {
namespace {

namespace fs = std::filesystem;

class ProcessUnderTest final : public engines::AdapterUnderTest {
 public:
  engines::JobDriver& driver() override { return jobs_; }
  engines::Endpoint cluster() override { return {"c", {"file://" + folder_.path().string()}}; }
  engines::Endpoint nobody() override { return {"n", {"file:///no/such/cluster"}}; }
  base::Status Submit(const std::string& id, Kind kind,
                      const std::optional<engines::RestorePoint>& restore) override {
    const char* does = kind == Kind::kFailing  ? "failing"
                       : kind == Kind::kFinite ? "finite"
                                               : "counting";
    // Each test counts for itself; those that go on from another share its numbers.
    if (kind == Kind::kCounting && !restore) {
      counted_ = folder_.path() / ("counted-" + id);
    }
    return jobs_.Submit(cluster(),
                        {.engine_job_id = id,
                         .name = does,
                         .argv = {SP_COUNTING_PROGRAM, does, counted_.string()},
                         .restore = restore,
                         .labels = {{kLabel, id}}},
                        {});
  }
  std::vector<std::int64_t> Counted() override {
    std::vector<std::int64_t> numbers;
    std::ifstream in(counted_);
    for (std::string line; std::getline(in, line) && !in.eof();) {
      numbers.push_back(std::stoll(line));
    }
    return numbers;
  }
  std::string forbidden_folder() override { return "file:///proc/nowhere"; }

 private:
  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  base::SystemClock clock_;
  ProcessJobs jobs_{SP_PROCESS_RUNNER, clock_};
  fs::path counted_ = folder_.path() / "counted";
};

}  // namespace
}  // namespace streampark::process

namespace streampark::engines {
INSTANTIATE_TEST_SUITE_P(Process, AdapterContract, testing::Values([] {
                           return std::make_shared<process::ProcessUnderTest>();
                         }));
}  // namespace streampark::engines
