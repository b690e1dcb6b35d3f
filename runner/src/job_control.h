// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/core/native_job.h"
#include "streampark/runner/run_job.h"

namespace streampark::runner {

/// The child's side of a supervised job's folder (docs/adr/0029-native-engine.md): says how the job goes and does what is asked of it.
///
///   request    | while the job runs                                  | answer
///   -----------+-----------------------------------------------------+---------------------------
///   SAVEPOINT  | a savepoint below `folder`; the job goes on         | its path, or the cause
///   STOP       | the same, and the job ends when it is complete      | likewise; without one it runs on
///   DRAIN      | the same, after all windows have fired              | likewise
///   CANCEL     | the job ends at once, whatever else is under way    | none
///
/// Requests are taken in the order of their arrival; each is answered once, for ever. All but the worker's own on one thread.
class JobControl {
 public:
  /// `run` outlives it. IO_ERROR when the folder is not laid out as it must be.
  static base::Result<std::unique_ptr<JobControl>> Open(std::filesystem::path folder,
                                                        std::string_view plan,
                                                        const core::NativeOptions& options,
                                                        NativeRun& run, const base::Clock& clock);
  ~JobControl();
  JobControl(const JobControl&) = delete;
  JobControl& operator=(const JobControl&) = delete;

  /// Takes new requests, and tells what has changed. To be called some times a second.
  void Tick();
  /// The last status, once the run has ended. Requests that nobody came to are answered.
  void End();
  /// The savepoint with which a request has stopped the job; empty when none has.
  std::string stopped_with() const;
  bool cancelled() const { return cancelled_; }

 private:
  struct Asked {
    std::string id, kind, folder;
  };
  struct Count {
    std::int64_t in = 0, out = 0;
  };

  JobControl(std::filesystem::path folder, const core::NativeOptions& options, NativeRun& run,
             const base::Clock& clock);
  void TakeRequests();
  void Answer(const Asked& asked);
  void Work(const std::stop_token& stop);
  void TellPhase(const std::string& status);
  void TellStatus(const std::string& status);
  void NoteFailures(std::string_view status);

  const std::filesystem::path folder_;
  const core::NativeOptions options_;
  NativeRun& run_;
  const base::Clock& clock_;
  std::set<std::int64_t> sources_, sinks_;
  std::int64_t restarts_before_ = 0;  // of processes that this one took the place of
  std::set<std::string> seen_;
  std::string phase_;                       // as it was told last
  std::int64_t restarts_ = 0, failed_ = 0;  // of the status, as they were told last
  base::SteadyTime told_at_;
  std::map<std::int64_t, Count> counts_;  // by node, as they were told last
  bool cancelled_ = false;

  mutable std::mutex mutex_;
  std::condition_variable_any some_;
  std::deque<Asked> asked_;
  bool closed_ = false;
  std::string stopped_with_;
  std::jthread worker_;  // the last: it uses all above
};

}  // namespace streampark::runner
