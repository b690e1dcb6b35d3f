// SPDX-License-Identifier: Apache-2.0
#include "jobs/job_operations.h"

#include "jobs/settlement.h"
#include "jobs/step.h"

namespace streampark::console {

std::vector<OperationStep> JobOperations::StepsOf(const Operation& operation) {
  std::vector<OperationStep> bound;
  const base::Result<JobCommand> command = CommandFromText(operation.parameters);
  if (!command.ok()) {
    return bound;
  }
  const auto bind = [this](const JobStep* step, auto turn) {
    return [this, step, turn](Operation& running, const std::stop_token& stop) {
      StepContext context(*this, system_, running, step->name(), stop);
      return (step->*turn)(context);
    };
  };
  for (const JobStep* step : console::StepsOf(*command)) {
    bound.push_back({.name = step->name(),
                     .cancellable = step->cancellable(),
                     .run = bind(step, &JobStep::Run),
                     .cancel = bind(step, &JobStep::Cancel)});
  }
  return bound;
}

base::Status JobOperations::Save(const Operation& operation) {
  SP_TRY(system_.book.Edit(operation.subject.id, [&](JobEdit& edit) -> base::Status {
    edit.state.operation = MarkOf(operation);
    edit.changes.operations.push_back(operation);
    return base::Ok();
  }));
  return base::Ok();
}

void JobOperations::Show(const Operation& operation) {
  const base::Result<JobViewPtr> shown =
      system_.book.Edit(operation.subject.id, [&](JobEdit& edit) -> base::Status {
        edit.state.operation = MarkOf(operation);
        return base::Ok();
      });
  if (shown.ok()) {
    system_.log.Announce(operation);
  }
}

base::Status JobOperations::Settle(const Operation& operation) {
  return console::Settle(system_, operation);
}

}  // namespace streampark::console
