// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/native_job.h"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <system_error>
#include <utility>

#include "streampark/base/files.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/base/ulid.h"

#include "runtime/attempt.h"
#include "runtime/folder_checkpoint_store.h"

namespace streampark::core {

namespace fs = std::filesystem;

namespace {

/// The working folder of a job's states, which nobody else uses; it goes with the job.
class StateFolder {
 public:
  static base::Result<std::unique_ptr<StateFolder>> Make(const NativeOptions& options) {
    auto made = std::unique_ptr<StateFolder>(new StateFolder());
    const bool beside = !options.checkpoint_folder.empty() && options.checkpoint_folder.local();
    if (options.state.folder.empty() && !beside) {
      made->temporary_ = SP_TRY(base::TemporaryFolder::Create());
      made->path_ = made->temporary_->path();
      return made;
    }
    // Beside the checkpoints files can be linked instead of copied.
    made->path_ = options.state.folder.empty() ? options.checkpoint_folder.folder() / "_state"
                                               : options.state.folder;
    std::error_code failed;
    fs::create_directories(made->path_, failed);
    if (failed) {
      return base::FileError(failed.value(), "creating", made->path_);
    }
    made->lock_ = SP_TRY(base::FileLock::Acquire(made->path_ / kLockName));
    made->Empty();  // of a process that was killed
    return made;
  }
  ~StateFolder() {
    if (lock_) {
      Empty();
    }
  }
  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  static constexpr const char* kLockName = "_lock";

  StateFolder() = default;
  void Empty() const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(path_, ignored)) {
      if (entry.path().filename() != kLockName) {
        fs::remove_all(entry.path(), ignored);
      }
    }
  }

  fs::path path_;
  std::optional<base::TemporaryFolder> temporary_;
  std::optional<base::FileLock> lock_;
};

}  // namespace

class NativeJob::Impl {
 public:
  Impl(const Plan& plan, NativeOptions options, const base::Clock& clock, base::Random& random,
       std::stop_source stores_stop, std::unique_ptr<CheckpointStore> store,
       std::unique_ptr<StateFolder> state_folder)
      : plan_(plan),
        options_(std::move(options)),
        clock_(clock),
        ulids_(clock, random),
        stores_stop_(std::move(stores_stop)),
        store_(std::move(store)),
        state_folder_(std::move(state_folder)) {}

  base::Status Run(std::stop_token stop) {
    int failures = 0;
    const std::stop_callback no_longer(stop, [this] { stores_stop_.request_stop(); });
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

  base::Result<std::string> Ask(Request::Kind kind, objects::Location folder) {
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

  base::Result<std::vector<std::string>> Rows(int node, std::size_t most, base::Millis patience) {
    if (node < 0 || static_cast<std::size_t>(node) >= plan_.nodes.size()) {
      return base::Error(base::ErrorCode::kNotFound,
                         "the plan has no operator " + std::to_string(node));
    }
    return sampler_.Look(node, most, patience);
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
      // Nor does a restart help who has lost the folder of its checkpoints to another process.
      if (ended.ok() || stop.stop_requested() ||
          ended.error().code() == base::ErrorCode::kDataFolderInUse) {
        return ended;
      }
      if (progressed) {
        failures = 0;
        pause = options_.restart.first_pause;
      }
      const bool lasts = ended.error().code() == base::ErrorCode::kStateNotRestored;
      if (lasts || failures >= options_.restart.attempts) {
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
                         .stores_stop = stores_stop_.get_token(),
                         .restored = SP_TRY(store_->Latest()),
                         .restored_from = store_.get(),
                         .lineage = {},
                         .id = ulids_.Next(),
                         .first_checkpoint = next_checkpoint_,
                         .status = &status_,
                         .requests = &requests_,
                         .sampler = &sampler_};
    std::unique_ptr<FolderCheckpointStore> elsewhere;
    if (setup.restored && !setup.restored->folder.empty()) {
      elsewhere = FolderCheckpointStore::OpenToRead(SP_TRY(
          objects::OpenFolder(setup.restored->folder, options_.s3, stores_stop_.get_token())));
    } else if (!setup.restored && !options_.restore_from.empty()) {
      auto found =
          SP_TRY(FindCheckpoint(options_.restore_from, options_.s3, stores_stop_.get_token()));
      setup.restored = std::move(found.record);
      elsewhere = std::move(found.store);
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
  std::stop_source stores_stop_;
  const std::unique_ptr<CheckpointStore> store_;
  const std::unique_ptr<StateFolder> state_folder_;
  StatusBoard status_;
  RequestQueue requests_;
  RowSampler sampler_;
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
  std::stop_source stores_stop;
  std::unique_ptr<CheckpointStore> store;
  if (options.checkpoint_folder.empty()) {
    store = std::make_unique<MemoryCheckpointStore>();
  } else {
    store = SP_TRY(FolderCheckpointStore::Open(
        SP_TRY(objects::OpenFolder(options.checkpoint_folder, options.s3, stores_stop.get_token())),
        options.checkpoints_kept));
  }
  std::unique_ptr<StateFolder> state_folder;
  if (options.state.backend != StateOptions::Backend::kMemory) {
    state_folder = SP_TRY(StateFolder::Make(options));
    options.state.folder = state_folder->path();
  }
  return std::unique_ptr<NativeJob>(new NativeJob(
      std::make_unique<Impl>(plan, std::move(options), clock, random, std::move(stores_stop),
                             std::move(store), std::move(state_folder))));
}

base::Status NativeJob::Run(std::stop_token stop) { return impl_->Run(std::move(stop)); }
base::Result<std::string> NativeJob::Savepoint(objects::Location folder) {
  return impl_->Ask(Request::Kind::kSavepoint, std::move(folder));
}
base::Result<std::string> NativeJob::Stop(StopMode mode, objects::Location folder) {
  return impl_->Ask(mode == StopMode::kDrain ? Request::Kind::kDrain : Request::Kind::kStop,
                    std::move(folder));
}
base::Result<std::vector<std::string>> NativeJob::Rows(int node, std::size_t most,
                                                       base::Millis patience) {
  return impl_->Rows(node, most, patience);
}
JobStatus NativeJob::status() const { return impl_->status(); }

}  // namespace streampark::core
