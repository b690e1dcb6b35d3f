// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "streampark/console/operations/operation_store.h"

namespace streampark::console {

/// The operations of all slices with their listeners: everything that changes an operation goes
/// through here, so that whoever watches sees each change once, after it is on disk. Thread-safe.
class OperationLog {
 public:
  using Listener = std::function<void(const Operation&)>;

  explicit OperationLog(OperationStore& store) : store_(store) {}

  /// Before threads start.
  void Listen(Listener listener) { listeners_.push_back(std::move(listener)); }

  /// As OperationStore::Begin.
  base::Result<Operation> Begin(const Operation& operation);
  base::Status Save(const Operation& operation);
  /// Tells the listeners of a change that does not outlive the console (a step's progress).
  void Announce(const Operation& operation) const;

  OperationStore& store() { return store_; }

 private:
  OperationStore& store_;
  std::vector<Listener> listeners_;
};

}  // namespace streampark::console
