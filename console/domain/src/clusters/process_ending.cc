// SPDX-License-Identifier: Apache-2.0
#include "clusters/process_ending.h"

#include <string>

namespace streampark::console {
namespace {

/// Remembered: since when they have been ending.
const std::string kEnding = "ending";

}  // namespace

base::Result<bool> EndAll(ProcessTable& processes, OperationContext& context, base::Millis grace) {
  using Round = ProcessTable::Round;
  const bool asked = context.Remembers(kEnding);
  const bool patient = context.Since(kEnding) < grace;
  const bool ended =
      SP_TRY(processes.EndAll(context.operation.subject.id, !asked    ? Round::kAsk
                                                            : patient ? Round::kLook
                                                                      : Round::kKill));
  if (ended) {
    context.Forget(kEnding);
  }
  return ended;
}

}  // namespace streampark::console
