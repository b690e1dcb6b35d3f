// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/automation/automation_store.h"
#include "streampark/console/caller.h"

namespace streampark::console {

/// What people ask of automation. Knows no permissions: callers have checked them. Thread-safe.
class AutomationDesk {
 public:
  /// Each is called after the change is on disk, from any thread; absent ones are not.
  struct Listeners {
    std::function<void(const Decision&)> decided;
    std::function<void(const Attention&)> attended;  // opened, or resolved
    /// A hold was set or lifted; `team_id` is the job's, empty for a cluster or the fleet.
    std::function<void(Pause::Scope, const std::string& subject_id, const std::string& team_id)>
        held;
  };

  virtual ~AutomationDesk() = default;

  /// Before threads start.
  virtual void Listen(Listeners listeners) = 0;
  /// Of a job, newest first; `after`: a decision's id.
  virtual base::Result<StoredPage<Decision>> Decisions(std::string_view job_id, int limit,
                                                       std::string_view after) = 0;
  /// Open ones, from memory, newest first.
  virtual std::vector<Attention> OpenAttentions(const TeamSet& teams) const = 0;

  /// Which pauses hold a job (its own, its cluster's, the fleet's), a cluster or the fleet; from
  /// memory, narrowest first. Empty: automation acts on it.
  virtual std::vector<Pause> HoldsOn(Pause::Scope scope, std::string_view subject_id) const = 0;
  /// Sets a pause; one that is there is replaced. What is under way goes on.
  virtual base::Status Hold(Pause pause) = 0;
  /// Nothing happens when there is none.
  virtual base::Status Release(Pause::Scope scope, std::string_view subject_id) = 0;
};

}  // namespace streampark::console
