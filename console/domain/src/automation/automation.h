// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/console/automation/automation_desk.h"
#include "streampark/console/jobs/job_desk.h"
#include "streampark/console/turns.h"

#include "jobs/job_system.h"

namespace streampark::console {

/// Judges jobs that have changed or whose time has come, commits what was decided, and sends the
/// ordinary command for it: with the decision's id as idempotency key, so that after a crash between
/// the two the same command is sent again. Calls no driver. Thread-safe.
class Automation final : public AutomationDesk {
 public:
  Automation(const JobSystem& system, Turns& turns, AutomationStore& store, JobDesk& jobs)
      : system_(system), turns_(turns), store_(store), jobs_(jobs) {}

  /// Reads what is open and held. Once, before anything else.
  base::Status Load();
  /// Judges every job once, then those of which Changed tells.
  void Start();
  /// Something about the job is new. Returns at once.
  void Changed(const std::string& job_id);
  /// Tells of a decision that others have committed.
  void Tell(const Decision& decision) const;
  bool IsPaused(const JobState& state) const;

  void Listen(Listeners listeners) override { listeners_ = std::move(listeners); }
  base::Result<StoredPage<Decision>> Decisions(std::string_view job_id, int limit,
                                               std::string_view after) override;
  std::vector<Attention> OpenAttentions(const TeamSet& teams) const override;
  std::vector<Pause> HoldsOn(Pause::Scope scope, std::string_view subject_id) const override;
  base::Status Hold(Pause pause) override;
  base::Status Release(Pause::Scope scope, std::string_view subject_id) override;

 private:
  using Subject = std::pair<Pause::Scope, std::string>;

  /// Works on what is due; gives how long nothing will be.
  base::Millis Turn(const std::stop_token& stop);
  std::vector<std::string> TakeDue();
  void LookAgain(const std::string& job_id, base::Timestamp at);
  void Consider(const std::string& job_id);
  /// Judges anew under the job's lock, and commits what comes of it.
  void Decide(const std::string& job_id);
  /// Sends the command of a decision, unless the cluster is silent; what was refused is not decided
  /// again for a while.
  void SendPending(const JobView& view, bool answers);
  /// Gives up what was decided and not sent yet: while automation is paused nothing is begun.
  void Withdraw(const std::string& job_id);
  void Attend(const JobView& view, const std::set<AttentionRule>& rules);
  void Drop(const std::string& job_id);
  void HoldChanged(Pause::Scope scope, const std::string& subject_id);

  const JobSystem& system_;
  Turns& turns_;
  AutomationStore& store_;
  JobDesk& jobs_;
  Listeners listeners_;

  mutable std::mutex mutex_;  // of the four below; never held while a job is edited
  std::set<std::string> changed_;
  std::map<std::string, base::Timestamp> due_;
  std::map<Subject, Pause> pauses_;
  std::map<std::string, std::map<AttentionRule, Attention>, std::less<>> attentions_;  // open ones
  // Of the one line of turns alone:
  std::map<std::string, Decision> pending_;            // by job
  std::map<std::string, base::Timestamp> not_before_;  // after a refusal, by job
};

}  // namespace streampark::console
