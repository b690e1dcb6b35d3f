// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>

#include "jobs/testing/job_world.h"

namespace streampark::faults {

/// What a console promises of suspensions and resumptions of everything it manages:
///
///   what was accepted is known to every later life, and ends; the same key gets the same answer
///   when a SUSPEND has succeeded, no process of ours is left, and every job and cluster that it
///   stopped is noted
///   when one without force has failed, what it had stopped is wanted running again, or it is noted
///   and the operation says so
///   when a RESUME has succeeded, what was noted is wanted running again, and noted no more; when it
///   has failed, what is not wanted running is noted still
///   what a person stopped is not noted, nor started by a RESUME
///
/// All of it but what a person has decided otherwise since. The first that is broken stays in `broken`.
class FleetPromises {
 public:
  FleetPromises(const store::testing::FakeMachine& machine, std::string& broken)
      : machine_(machine), broken_(broken) {}

  struct Command {
    console::FleetCommand command;
    std::string operation_id;
    // When it was accepted: how often people had decided, what was noted, and the jobs and the cluster
    // that ran, or were to be resumed, and that did not.
    int decisions = 0;
    std::set<std::string> noted = {}, ran = {}, stood_still = {};
    bool ended = false;
  };
  void Accepted(store::testing::JobLife& life, const std::string& key,
                console::FleetCommand command, const console::FleetOperation& operation);
  void Repeated(const std::string& key, const base::Result<console::FleetOperation>& answer);
  /// A person has decided what becomes of a job or cluster.
  void Decided(const std::string& id) { decided_[id] = ++decisions_; }

  /// Looks at those that may have ended.
  void CheckTurn(store::testing::JobLife& life, const std::string& line);
  void CheckNewLife(store::testing::JobLife& life);
  void CheckEnd(store::testing::JobLife& life);
  /// Whether one is under way.
  bool IsBusy() const;
  bool Knows(const std::string& operation_id) const { return by_id_.contains(operation_id); }
  std::string KindOf(const std::string& operation_id) const;

  /// The ids of what is noted as suspended.
  static std::set<std::string> Noted(store::testing::JobLife& life);
  const std::map<std::string, Command>& commands() const { return commands_; }  // by key

 private:
  void Break(const std::string& what);
  void Look(store::testing::JobLife& life, Command& command);
  void CheckSuspended(store::testing::JobLife& life, const Command& command,
                      const console::FleetOperation& operation);
  void CheckResumed(store::testing::JobLife& life, const Command& command,
                    const console::FleetOperation& operation);
  bool DecidedSince(const Command& command, const std::string& id) const;
  static bool IsWantedRunning(store::testing::JobLife& life, const std::string& id);

  const store::testing::FakeMachine& machine_;
  std::string& broken_;
  std::map<std::string, Command> commands_;
  std::map<std::string, std::string> by_id_;  // the keys
  std::map<std::string, int> decided_;        // the number of the last decision, by job or cluster
  int decisions_ = 0;
  std::string last_words_;  // of the operation that ended last
};

}  // namespace streampark::faults
