// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/console/operations/operation_log.h"

namespace streampark::console {

/// One operation on its way through its steps. Each change is on disk before the next thing is
/// done; a later life of the console goes on behind the last step that ended. Used by one thread.
class OperationRun {
 public:
  using Shown = std::function<void(std::shared_ptr<const Operation>)>;
  using Work = std::function<base::Status()>;

  /// `cancel` is requested when a person cancels or the console shuts down; `shutdown` tells which.
  /// `shown` gets every version of the operation.
  OperationRun(OperationLog& log, const base::Clock& clock, Operation operation,
               std::stop_token cancel, std::stop_token shutdown, Shown shown);

  const Operation& operation() const { return operation_; }
  std::stop_token stop() const { return cancel_; }
  /// Whether the console is going down: then the operation stays open.
  bool interrupted() const { return shutdown_.stop_requested(); }

  /// Marks it as running, unless it is.
  base::Status Begin();
  /// Does `work` as that step, unless an earlier life did it already.
  base::Status Do(std::string_view step, const Work& work);
  /// Several steps that are one act: `work` says which of them it is at, and how far.
  using Advance = std::function<void(std::string_view step, std::int64_t done, std::int64_t total)>;
  base::Status DoTogether(const std::vector<std::string>& steps,
                          const std::function<base::Status(const Advance&)>& work);
  /// Has steps done again from their beginning.
  base::Status Reset(const std::vector<std::string>& steps);
  base::Status Skip(std::string_view step, std::string_view why);
  bool Done(std::string_view step) const;
  /// Of the running step; shown at once, not written to disk.
  void Progress(std::string_view message, std::int64_t done = 0, std::int64_t total = 0);
  /// Kept for later steps and later lives.
  base::Status Remember(const std::string& name, std::string value);
  std::string Recall(const std::string& name) const;
  /// From here on it cannot be cancelled.
  base::Status Commit();
  /// Closes it. Insists until it is on disk or the console goes down. An interrupted one stays
  /// open.
  void Finish(const base::Status& status);

 private:
  base::Status Save();
  void Show();

  OperationLog& log_;
  const base::Clock& clock_;
  Operation operation_;
  std::stop_token cancel_;
  std::stop_token shutdown_;
  Shown shown_;
};

/// Waits; false when `stop` was requested before the end.
bool WaitFor(base::Millis duration, std::stop_token stop);

}  // namespace streampark::console
