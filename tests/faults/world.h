// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cluster_promises.h"
#include "fleet_promises.h"
#include "jobs/testing/job_world.h"
#include "promises.h"
#include "run.h"
#include "testing/faulty_disk.h"

namespace streampark::faults {

using engines::EngineState;
using store::testing::Call;
using store::testing::FakeEngine;

/// One run: lives of a console over a disk, an engine and, in some runs, a machine on which the console
/// keeps the cluster itself; people who command; and what goes wrong.
class World {
 public:
  explicit World(const Plan& plan);
  Outcome Take();

 private:
  // What happens, each a line of turns.
  console::Turns::Due Watch();
  console::Turns::Due Command();
  console::Turns::Due Misfortune();

  // world.cc: lives, and what is noted of them
  void BeginLife();
  void EndLife();
  [[noreturn]] void Kill(const std::string& how);
  void Pass(std::string_view point);
  void AfterTurn(const std::string& line);
  void BringHome();
  void GrowQuiet();
  bool IsQuiet();
  Passage PassageAt(std::string_view point) const;
  void Note(const std::string& what);
  base::Millis Within(int low_ms, int high_ms) {
    return base::Millis(low_ms +
                        static_cast<int>(time_.Draw(static_cast<std::uint64_t>(high_ms - low_ms))));
  }
  bool managed() const { return machine_ != nullptr; }

  // people.cc: who commands
  void CommandJob(const std::string& job_id, const std::string& text);
  void RepeatOne();
  void CancelOne();
  void DeleteOne(const std::string& job_id);
  void HoldOrRelease(const std::string& job_id);
  void ReleaseAll();

  // misfortune.cc: what goes wrong on the way to the engine, and there
  base::Status Disturb(const Call& call, FakeEngine::Moment moment);
  void FallSilent();
  void RestartJobManager();
  void ForgetJobs();
  FakeEngine::Job* Pick(bool (*wanted)(EngineState));

  // clusters.cc: the console's own cluster
  void CommandCluster(const console::ClusterCommand& command);
  void CommandSomeCluster();
  void CommandInstallation();
  bool CancelCluster();
  void StrikeMachine();
  void SpareMachine();
  void EditCluster();
  void MoveHouse();
  void JobManagerGone(const store::testing::FakeMachine::Process& process);

  // fleet.cc: everything that the console keeps, at once
  void CommandFleet(console::FleetCommand command);
  void CommandSomeFleet();
  /// A person has decided what becomes of the job, or of the cluster and those on it.
  void Decided(const std::string& job_id);
  void DecidedCluster();

  const Plan plan_;
  Outcome outcome_;
  store::testing::VirtualTime time_;
  store::testing::SeededRandom random_;
  store::testing::FaultyDisk disk_;
  FakeEngine engine_{time_};
  store::testing::FakeDriver watching_{engine_};
  const bool highly_available_;
  const std::uint64_t trouble_;  // one call in so many is disturbed
  std::unique_ptr<store::testing::FakeMachine> machine_;
  Promises promises_{engine_, outcome_.broken};
  std::unique_ptr<ClusterPromises> cluster_promises_;
  std::unique_ptr<FleetPromises> fleet_promises_;
  std::unique_ptr<store::testing::JobLife> life_;
  std::unique_ptr<console::Turns> row_;
  std::vector<std::string> jobs_;
  std::string foreign_;             // the engine's id of a job that somebody started there
  std::vector<std::string> lines_;  // under way, outermost first
  std::map<std::string, console::Operation> operations_;  // as they were announced last
  base::SteadyTime silent_until_{}, down_until_{};
  bool quiet_ = false;
  int passages_ = 0;
  int keys_ = 0;
};

}  // namespace streampark::faults
