// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "jobs/job_system.h"
#include "operations/operation_step.h"

namespace streampark::console {

/// The operations of jobs. Each is written together with what the board shows of it.
class JobOperations final : public OperationKeeper {
 public:
  explicit JobOperations(const JobSystem& system) : system_(system) {}

  std::vector<OperationStep> StepsOf(const Operation& operation) override;
  base::Status Save(const Operation& operation) override;
  void Show(const Operation& operation) override;
  base::Status Settle(const Operation& operation) override;

 private:
  const JobSystem& system_;
};

}  // namespace streampark::console
