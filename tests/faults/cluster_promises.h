// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "jobs/testing/job_world.h"

namespace streampark::faults {

/// What a console promises of the clusters that it keeps, held against the machine's own record:
///
///   no place of a cluster has two living processes, least of all the JobManager's
///   when a STOP has succeeded, or a START was cancelled, no process is left
///   a STOP or RESTART that is not to kill jobs ends no cluster under a job that has state
///   what a RESTART has suspended is wanted running again, unless a person decided otherwise
///   all processes that live were started with one configuration, whatever was edited since
///   a cluster that is deleted has no process, nor a job that lives there or is meant for it; one
///   that has neither can be deleted
///   what was accepted is known to every later life; the same key gets the same answer
///   in the end nothing is under way; a cluster that is wanted running runs, and every process that
///   lives is on record
///
/// The first promise that is broken stays in `broken`.
class ClusterPromises {
 public:
  ClusterPromises(const store::testing::FakeMachine& machine,
                  const store::testing::FakeEngine& engine, std::string& broken)
      : machine_(machine), engine_(engine), broken_(broken) {}

  struct Command {
    std::string cluster_id;
    console::ClusterCommand command;
    std::string operation_id;
  };
  void Accepted(const std::string& key, Command command) { commands_[key] = std::move(command); }
  void Repeated(const std::string& key, const base::Result<console::Operation>& answer);
  /// A command on an installation.
  void Accepted(const console::Operation& operation) { others_.push_back(operation.id); }
  /// A person has decided what becomes of the job.
  void Decided(const std::string& job_id, base::Timestamp at) { decided_[job_id] = at; }
  /// An operation as it is on disk now.
  void Announced(const console::Operation& operation);
  /// The answer to a deletion; `idle`: nothing ran there, nor was meant for it.
  void Deleted(store::testing::JobLife& life, const std::string& cluster_id,
               const base::Status& answer, bool idle);
  /// The JobManager has gone because the console asked it to.
  void Ended(store::testing::JobLife& life);

  void CheckTurn(store::testing::JobLife& life);
  void CheckNewLife(store::testing::JobLife& life);
  void CheckEnd(store::testing::JobLife& life);
  /// Whether no process lives, and no job on any cluster is thought to.
  bool IsIdle(store::testing::JobLife& life) const;
  /// Whether the cluster is as it is wanted, and shown so.
  bool Stands(store::testing::JobLife& life) const;

  const std::map<std::string, Command>& commands() const { return commands_; }  // by key
  /// The ids of all that were accepted.
  std::vector<std::string> Operations() const;

 private:
  void Break(const std::string& what);
  int Living() const;

  const store::testing::FakeMachine& machine_;
  const store::testing::FakeEngine& engine_;
  std::string& broken_;
  std::map<std::string, Command> commands_;
  std::vector<std::string> others_;
  std::map<std::string, base::Timestamp> decided_;
  std::vector<console::Operation> restarted_;  // since the last turn
};

}  // namespace streampark::faults
