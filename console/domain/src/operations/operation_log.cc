// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/operations/operation_log.h"

namespace streampark::console {

base::Result<Operation> OperationLog::Begin(const Operation& operation) {
  Operation begun = SP_TRY(store_.Begin(operation));
  if (begun.id == operation.id) {
    Announce(begun);
  }
  return begun;
}

base::Status OperationLog::Save(const Operation& operation) {
  SP_TRY(store_.Save(operation));
  Announce(operation);
  return base::Ok();
}

void OperationLog::Announce(const Operation& operation) const {
  for (const Listener& listener : listeners_) {
    listener(operation);
  }
}

}  // namespace streampark::console
