// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/native_job.h"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <utility>

#include "streampark/base/ulid.h"

#include "runtime/attempt.h"
#include "runtime/checkpoint_store.h"

namespace streampark::core {

class NativeJob::Impl {
 public:
  Impl(const Plan& plan, NativeOptions options, const base::Clock& clock, base::Random& random,
       std::unique_ptr<CheckpointStore> store)
      : plan_(plan),
        options_(std::move(options)),
        clock_(clock),
        ulids_(clock, random),
        store_(std::move(store)) {}

  base::Status Run(std::stop_token stop) {
    int failures = 0;
    auto ended = RunAttempts(stop, failures);
    requests_.Close();
    status_.Change([&](JobStatus& status) {
      status.phase = !ended.ok()                         ? JobPhase::kFailed
                     : *ended == Attempt::End::kFinished ? JobPhase::kFinished
                                                         : JobPhase::kStopped;
      if (!ended.ok()) {
        status.last_error = ended.error();
      }
    });
    if (!ended.ok()) {
      return std::move(ended).error();
    }
    if (*ended == Attempt::End::kFinished) {
      store_->DiscardAll();
    }
    return base::Ok();
  }

  base::Result<std::string> Ask(Request::Kind kind, std::filesystem::path folder) {
    // Shared: whoever answers is still inside set_value when the one who asks goes on.
    auto promise = std::make_shared<std::promise<base::Result<std::string>>>();
    auto answer = promise->get_future();
    requests_.Push({.kind = kind,
                    .folder = std::move(folder),
                    .answer = [promise](base::Result<std::string> result) {
                      promise->set_value(std::move(result));
                    }});
    return answer.get();
  }

  JobStatus status() const {
    auto status = status_.Read();
    const std::lock_guard lock(attempt_mutex_);
    if (attempt_ != nullptr) {
      status.operators = attempt_->Operators();
    } else {
      status.operators = operators_;
    }
    return status;
  }

 private:
  base::Result<Attempt::End> RunAttempts(const std::stop_token& stop, int& failures) {
    auto pause = options_.restart.first_pause;
    while (true) {
      status_.Change([](JobStatus& status) { status.phase = JobPhase::kRestoring; });
      bool progressed = false;
      auto ended = RunOne(stop, progressed);
      if (ended.ok() || stop.stop_requested()) {
        return ended;
      }
      if (progressed) {
        failures = 0;
        pause = options_.restart.first_pause;
      }
      if (failures >= options_.restart.attempts) {
        return ended;
      }
      ++failures;
      status_.Change([&](JobStatus& status) {
        status.phase = JobPhase::kRestarting;
        ++status.restarts;
        status.last_error = ended.error();
      });
      if (!Pause(stop, pause)) {
        return Attempt::End::kCancelled;
      }
      pause = std::min(pause * 2, options_.restart.longest_pause);
    }
  }

  /// False when `stop` came first.
  bool Pause(const std::stop_token& stop, base::Millis pause) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, pause, [] { return false; });
    return !stop.stop_requested();
  }

  base::Result<Attempt::End> RunOne(const std::stop_token& stop, bool& progressed) {
    Attempt::Setup setup{.plan = &plan_,
                         .options = &options_,
                         .clock = &clock_,
                         .store = store_.get(),
                         .restored = SP_TRY(store_->Latest()),
                         .restored_from = store_.get(),
                         .lineage = {},
                         .first_checkpoint = next_checkpoint_,
                         .status = &status_,
                         .requests = &requests_};
    std::unique_ptr<FolderCheckpointStore> elsewhere;
    if (setup.restored && !setup.restored->folder.empty()) {
      elsewhere = FolderCheckpointStore::OpenToRead(setup.restored->folder);
    } else if (!setup.restored && !options_.restore_from.empty()) {
      setup.restored = SP_TRY(FolderCheckpointStore::ReadRecord(options_.restore_from));
      elsewhere = FolderCheckpointStore::OpenToRead(options_.restore_from.parent_path());
      if (lineage_.empty()) {
        // A new one: whoever took it may have gone on.
        lineage_ = SP_TRY(store_->BeginLineage(ulids_.Next()));
      }
    }
    if (elsewhere) {
      setup.restored_from = elsewhere.get();
    }
    if (lineage_.empty()) {
      lineage_ =
          setup.restored ? setup.restored->lineage : SP_TRY(store_->BeginLineage(ulids_.Next()));
    }
    setup.lineage = lineage_;
    if (setup.restored) {
      setup.first_checkpoint = std::max(setup.first_checkpoint, setup.restored->id + 1);
    }
    Attempt attempt(std::move(setup));
    {
      const std::lock_guard lock(attempt_mutex_);
      attempt_ = &attempt;
    }
    auto ended = attempt.Run(stop);
    progressed = attempt.progressed();
    next_checkpoint_ = attempt.next_checkpoint();
    const std::lock_guard lock(attempt_mutex_);
    operators_ = attempt.Operators();
    attempt_ = nullptr;
    return ended;
  }

  const Plan& plan_;
  const NativeOptions options_;
  const base::Clock& clock_;
  base::UlidGenerator ulids_;
  const std::unique_ptr<CheckpointStore> store_;
  StatusBoard status_;
  RequestQueue requests_;
  std::string lineage_;
  std::uint64_t next_checkpoint_ = 1;
  mutable std::mutex attempt_mutex_;
  Attempt* attempt_ = nullptr;
  std::vector<OperatorStatus> operators_;
};

NativeJob::NativeJob(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
NativeJob::~NativeJob() = default;

base::Result<std::unique_ptr<NativeJob>> NativeJob::Make(const Plan& plan, NativeOptions options,
                                                         const base::Clock& clock,
                                                         base::Random& random) {
  SP_TRY(plan.Check());
  std::unique_ptr<CheckpointStore> store;
  if (options.checkpoint_folder.empty()) {
    store = std::make_unique<MemoryCheckpointStore>();
  } else {
    store =
        SP_TRY(FolderCheckpointStore::Open(options.checkpoint_folder, options.checkpoints_kept));
  }
  return std::unique_ptr<NativeJob>(new NativeJob(
      std::make_unique<Impl>(plan, std::move(options), clock, random, std::move(store))));
}

base::Status NativeJob::Run(std::stop_token stop) { return impl_->Run(std::move(stop)); }
base::Result<std::string> NativeJob::Savepoint(std::filesystem::path folder) {
  return impl_->Ask(Request::Kind::kSavepoint, std::move(folder));
}
base::Result<std::string> NativeJob::Stop(StopMode mode, std::filesystem::path folder) {
  return impl_->Ask(mode == StopMode::kDrain ? Request::Kind::kDrain : Request::Kind::kStop,
                    std::move(folder));
}
JobStatus NativeJob::status() const { return impl_->status(); }

}  // namespace streampark::core
