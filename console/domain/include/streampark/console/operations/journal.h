// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/base/ulid.h"
#include "streampark/console/operations/operation_store.h"

namespace streampark::console {

/// The gate through which every call to the outside passes, whether it looks or acts. A probe set
/// here sees each passage before and after; tests stop the world in it.
class Outside {
 public:
  using Probe = std::function<void(std::string_view point)>;  // "SUBMIT.before", "SUBMIT.after"
  explicit Outside(Probe probe = {}) : probe_(std::move(probe)) {}

  template <typename Call>
  auto Pass(std::string_view verb, Call&& call) const {
    Report(verb, ".before");
    auto result = std::forward<Call>(call)();
    Report(verb, ".after");
    return result;
  }
  void Report(std::string_view verb, std::string_view when) const;

 private:
  Probe probe_;
};

/// What is about to be done outside. (operation, step, verb, key) names it for good.
struct Intent {
  std::string operation_id;
  std::string step;
  std::string verb;
  std::string key;
  std::string detail = "{}";  // JSON
};

/// How an act is done and how its effect is recognised.
struct Effect {
  /// Whether the act has had its effect: its outcome when it has, absent when it surely has not; an
  /// error, of whatever code, when that cannot be told now.
  std::function<base::Result<std::optional<std::string>>()> observe;
  /// Does it, under the intent's key. CLUSTER_UNREACHABLE, ENGINE_TIMEOUT, CANCELLED and
  /// UNAVAILABLE mean that the outcome is not known; every other error that there is no effect.
  std::function<base::Result<std::string>()> act;
};

/// Intent committed → act → outcome committed. The only way in which operations change anything
/// outside.
///
///   journal says        what Perform does
///   nothing             commit the intent, act, commit the outcome
///   OPEN                observe: effect there → commit DONE; surely not → act again with the same key;
///                       cannot be told → an error of unknown outcome, the entry stays OPEN
///   DONE                the recorded outcome, no call
///   FAILED              the recorded error, no call
///
/// Thread-safe; one operation is worked on by one thread at a time.
class Journal {
 public:
  Journal(OperationStore& store, const base::Clock& clock, base::UlidGenerator& ids,
          const Outside& outside)
      : store_(store), clock_(clock), ids_(ids), outside_(outside) {}

  base::Result<std::string> Perform(const Intent& intent, const Effect& effect);
  /// Commits an intent whose act follows by Perform, outside a lock that is held now; nothing when
  /// it is open already. One that ended before is begun anew.
  base::Status Announce(const Intent& intent);
  /// A look at the outside that changes nothing.
  template <typename Call>
  auto Look(std::string_view verb, Call&& call) const {
    return outside_.Pass(verb, std::forward<Call>(call));
  }
  /// Marks an open intent as given up: observed not to have had an effect, and not wanted any more.
  base::Status Withdraw(const Intent& intent);

 private:
  base::Result<JournalEntry> OpenEntry(const Intent& intent);
  base::Result<std::string> ActAndClose(JournalEntry entry, const Effect& effect);
  base::Status CloseDone(JournalEntry entry, const std::string& outcome);

  OperationStore& store_;
  const base::Clock& clock_;
  base::UlidGenerator& ids_;
  const Outside& outside_;
};

/// Whether an error leaves open what happened outside.
bool IsOutcomeUnknown(const base::Error& error);
/// Whether it is the console's own disk that refuses: what was to be done is done when it does not.
bool IsOfTheDisk(const base::Error& error);

}  // namespace streampark::console
