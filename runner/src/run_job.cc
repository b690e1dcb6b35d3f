// SPDX-License-Identifier: Apache-2.0
#include "streampark/runner/run_job.h"

#include <csignal>
#include <optional>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "streampark/base/descriptor.h"
#include "streampark/base/log.h"
#include "streampark/core/job_options.h"

#include "job_control.h"
#include "progress.h"
#include "status_answers.h"
#include "status_server.h"

namespace streampark::runner {
namespace {

constexpr base::Millis kTellPace{1'000};
constexpr base::Millis kControlPace{100};

base::Descriptor TakeSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return base::Descriptor(::signalfd(-1, &signals, SFD_CLOEXEC));
}

/// Null when the job's options ask for none.
base::Result<std::unique_ptr<StatusServer>> Tell(const core::NativeOptions& options,
                                                 const std::string& job, const std::string& plan,
                                                 NativeRun& run, base::Timestamp started) {
  if (options.status_listen.empty()) {
    return std::unique_ptr<StatusServer>();
  }
  auto server = SP_TRY(StatusServer::Start(
      options.status_listen, StatusAnswers(job, plan, run, started, options.status_shows_rows)));
  base::LogInfo("the job tells its status", {{"at", server->url()}});
  if (!server->loopback()) {
    base::LogWarn(options.status_shows_rows
                      ? "whoever reaches this address can read the job's status and its rows"
                      : "whoever reaches this address can read the job's status",
                  {{"at", server->url()}});
  }
  return server;
}

/// Ends a run as the job's options say; the second call does it at once.
class Ending {
 public:
  Ending(NativeRun& run, objects::Location savepoints)
      : run_(run), savepoints_(std::move(savepoints)) {}

  void Begin() {
    if (asked_ || savepoints_.empty()) {
      cancelled_ = true;
      run_.Cancel();
      return;
    }
    asked_ = true;
    stopping_ = std::jthread([this] {
      auto stopped = run_.Stop(NativeRun::StopMode::kSavepoint, savepoints_);
      if (stopped.ok()) {
        savepoint_ = *std::move(stopped);
        return;
      }
      // A job that may not be left as it is goes on: whoever wants it ended all the same asks again.
      base::LogError("the job goes on: no savepoint could be taken", {{"error", stopped.error()}});
    });
  }
  /// Once the run has ended.
  JobEnd End() {
    if (stopping_.joinable()) {
      stopping_.join();
    }
    if (!savepoint_.empty()) {
      return {JobEnd::Kind::kStopped, savepoint_};
    }
    return {cancelled_ ? JobEnd::Kind::kCancelled : JobEnd::Kind::kFinished, ""};
  }

 private:
  NativeRun& run_;
  const objects::Location savepoints_;
  bool asked_ = false, cancelled_ = false;
  std::string savepoint_;
  std::jthread stopping_;
};

}  // namespace

base::Result<JobEnd> RunJob(LoadedJob& job, const base::Clock& clock,
                            const std::function<void(const std::string& line)>& tell,
                            const std::filesystem::path& control_folder) {
  const base::Descriptor signals = TakeSignals();
  const base::Descriptor ended(::eventfd(0, EFD_CLOEXEC));
  const core::NativeOptions options = SP_TRY(core::NativeOptionsFrom(job.config(), job.name()));
  const std::string plan = SP_TRY(job.Describe());
  Progress progress(plan, clock.SteadyNow());
  const auto run = SP_TRY(job.MakeNative());
  const auto status = SP_TRY(Tell(options, job.name(), plan, *run, clock.Now()));
  std::unique_ptr<JobControl> control;
  if (!control_folder.empty()) {
    control = SP_TRY(JobControl::Open(control_folder, plan, options, *run, clock));
  }
  Ending ending(*run, options.savepoint_folder);
  base::Status result = base::Ok();
  {
    const std::jthread running([&] {
      result = run->Run();
      static_cast<void>(::eventfd_write(ended.number(), 1));
    });
    while (true) {
      pollfd waits[] = {{signals.number(), POLLIN, 0}, {ended.number(), POLLIN, 0}};
      ::poll(waits, 2, static_cast<int>((control ? kControlPace : kTellPace).count()));
      if (control) {
        control->Tick();
      }
      if (tell) {
        tell(progress.Line(run->Status(), clock.SteadyNow(), clock.Now()));
      }
      if (waits[1].revents != 0) {
        break;
      }
      if (waits[0].revents != 0) {
        signalfd_siginfo unused;
        static_cast<void>(!::read(signals.number(), &unused, sizeof unused));
        ending.Begin();
      }
    }
  }
  JobEnd end = ending.End();
  if (control) {
    control->End();
    if (std::string savepoint = control->stopped_with(); !savepoint.empty()) {
      end = {JobEnd::Kind::kStopped, std::move(savepoint)};
    } else if (control->cancelled()) {
      end.kind = JobEnd::Kind::kCancelled;
    } else if (end.kind == JobEnd::Kind::kCancelled && result.ok()) {
      // Nobody has said that the job is to end: whoever looks after it brings it back.
      return base::Error(base::ErrorCode::kEngineError,
                         "the job's process was told to end from outside of the console");
    }
  }
  SP_TRY(std::move(result));
  return end;
}

}  // namespace streampark::runner
