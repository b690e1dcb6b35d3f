// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "jobs/testing/job_world.h"

namespace streampark::faults {

/// What a console promises, held against the engine's own record and against what is on disk:
///
///   at most one attempt of a job lives on the engine, beside those that the engine runs again by itself;
///   of these none but the newest lives in the end, and no newest attempt is ended by nobody's word
///   what was seen at work and lives is not given up as lost
///   a job that has state starts empty only when a person chose that for this start
///   nothing is restored from a snapshot that was deleted
///   no snapshot is deleted that the next start, a living attempt or a start under way stands on
///   no act without its intent on disk; none is repeated before a look that was answered
///   an operation that succeeded leaves no intent open
///   what was accepted is known to every later life; the same key gets the same answer
///   while automation is paused nothing automatic is begun
///   in the end nothing is under way, and what is shown of a job is what the engine has
///
/// The first promise that is broken stays in `broken`.
class Promises {
 public:
  Promises(store::testing::FakeEngine& engine, std::string& broken)
      : engine_(engine), broken_(broken) {}

  /// A call of the console on the engine, before its effect.
  void Asked(store::testing::JobLife& life, const store::testing::Call& call);
  /// The same call, when its answer arrives.
  void Answered(const store::testing::Call& call);
  /// A command that was accepted.
  void Accepted(const std::string& job_id, const std::string& key, const std::string& text,
                const console::Operation& operation);
  /// The answer to a repeat of what was accepted under `key`.
  void Repeated(const std::string& key, const base::Result<console::Operation>& answer);
  /// An operation as it is on disk now.
  void Announced(store::testing::JobLife* life, const console::Operation& operation);

  void CheckTurn(store::testing::JobLife& life);
  void CheckNewLife(store::testing::JobLife& life);
  void CheckEnd(store::testing::JobLife& life);
  /// Whether what is shown of the job is what the engine has. An attempt before the newest that the
  /// engine has taken up again by itself is not shown: it is fenced, not adopted.
  bool IsShownAsItIs(const console::JobState& state);
  /// Whether an attempt before the newest lives on the engine.
  bool OlderLives(const console::JobState& state);

  struct Command {
    std::string job_id, text, operation_id;
  };
  const std::map<std::string, Command>& commands() const { return commands_; }  // by key

 private:
  void Break(const std::string& what);
  void CheckDeletion(store::testing::JobLife& life, const std::string& path);
  void CheckFence(store::testing::JobLife& life, const std::string& engine_job_id);
  void CheckIntent(store::testing::JobLife& life, const store::testing::Call& call);
  void CheckSubmits();

  store::testing::FakeEngine& engine_;
  std::string& broken_;
  std::map<std::string, Command> commands_;
  std::set<std::string> empty_by_choice_;  // jobs whose newest start was to be empty
  std::set<std::string> stateful_;         // jobs of which a snapshot was completed
  std::set<std::string> untold_;           // acts whose outcome nobody has seen: name and key
  std::set<std::string> known_;            // operations that were announced
  std::vector<std::string> succeeded_;     // operations, since the last turn
  std::size_t submits_checked_ = 0;
};

}  // namespace streampark::faults
