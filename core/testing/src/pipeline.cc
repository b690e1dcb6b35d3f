// SPDX-License-Identifier: Apache-2.0
#include "streampark/testing/pipeline.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "streampark/base/random.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/core/job_options.h"
#include "streampark/core/native_job.h"

#include "stand_in.h"

namespace streampark::testing {
namespace {

template <typename T>
T OrThrow(base::Result<T> result) {
  if (!result.ok()) {
    throw PipelineFailure(result.error().ToString());
  }
  return std::move(result).value();
}

std::string Listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    list += (list.empty() ? "" : ", ") + name;
  }
  return list.empty() ? "none" : list;
}

}  // namespace

Timestamp At(std::string_view text) {
  std::string whole(text);
  if (text.find('T') == text.npos) {
    whole = "2026-01-01T" + whole + (text.size() == 5 ? ":00Z" : "Z");
  }
  const auto time = base::ParseTimestamp(whole);
  if (!time) {
    throw PipelineFailure("`" + std::string(text) +
                          "` is no time: write 09:05, 09:05:30 or 2026-01-31T09:05:00Z");
  }
  return *time;
}

class Pipeline::Impl {
 public:
  explicit Impl(Body body)
      : body_(std::move(body)),
        folder_(OrThrow(base::TemporaryFolder::Create())),
        stand_in_(MakeStandIn(traffic_)) {}
  ~Impl() { End(); }

  void Start(const Setup& setup, std::filesystem::path restore_from) {
    setup_ = setup;
    auto config = OrThrow(JobConfig::Parse(setup.config, "the test's configuration"));
    if (!config.Has("native.parallelism")) {
      config.Set("native.parallelism", std::to_string(setup.parallelism), "the test");
    }
    auto options = OrThrow(core::NativeOptionsFrom(config, "test"));
    options.restore_from = std::move(restore_from);
    options.restart.attempts = 0;  // what fails shows at once
    auto dirty = OrThrow(core::DirtyRecordsFrom(config));
    context_ = std::make_unique<StreamContext>(StreamContext::Setup{.name = "test",
                                                                    .config = std::move(config),
                                                                    .connectors = nullptr,
                                                                    .clock = &clock_,
                                                                    .dirty = std::move(dirty),
                                                                    .stand_in = stand_in_.get()});
    try {
      body_(*context_);
    } catch (const InvalidJob& invalid) {
      throw PipelineFailure(invalid.error().ToString());
    }
    for (const core::Node& node : context_->plan().nodes) {
      if (node.kind == core::NodeKind::kSource && node.make_enumerator) {
        traffic_.AddSource(node.name);
      } else if (node.kind == core::NodeKind::kSink) {
        traffic_.AddSink(node.name);
      }
    }
    job_ = OrThrow(core::NativeJob::Make(context_->plan(), std::move(options), clock_, random_));
    ended_.reset();
    running_ = std::jthread([this](std::stop_token stop) {
      auto ended = job_->Run(std::move(stop));
      const std::lock_guard lock(mutex_);
      ended_ = std::move(ended);
    });
  }

  /// Cancels what runs.
  void End() {
    running_ = std::jthread();
    job_.reset();
    context_.reset();
  }
  void AwaitEnd() {
    if (running_.joinable()) {
      running_.join();
    }
    ThrowIfFailed();
  }

  void Settle() {
    constexpr std::chrono::milliseconds kLook{20};
    while (!traffic_.AwaitRead(kLook)) {
      if (ended()) {
        ThrowIfFailed();
        return;  // all sources have ended
      }
    }
    // A barrier comes behind all that was read: when every subtask has passed it, that is worked off.
    const auto taken = job_->Savepoint(folder_.path() / "settle");
    if (!taken.ok() && !ended()) {
      AwaitEnd();
      return;
    }
    ThrowIfFailed();
    std::error_code unused;
    std::filesystem::remove_all(folder_.path() / "settle", unused);
  }

  std::string Stop() {
    const std::string savepoint =
        OrThrow(job_->Stop(core::NativeJob::StopMode::kSavepoint, folder_.path() / "savepoints"));
    AwaitEnd();
    End();
    return savepoint;
  }

  Traffic& traffic() { return traffic_; }
  base::ManualClock& clock() { return clock_; }
  const Setup& setup() const { return setup_; }

 private:
  bool ended() {
    const std::lock_guard lock(mutex_);
    return ended_.has_value();
  }
  void ThrowIfFailed() {
    const std::lock_guard lock(mutex_);
    if (ended_ && !ended_->ok()) {
      throw PipelineFailure(ended_->error().ToString());
    }
  }

  const Body body_;
  const base::TemporaryFolder folder_;
  base::ManualClock clock_;
  base::SecureRandom random_;
  Traffic traffic_;
  const std::unique_ptr<connectors::Connector> stand_in_;
  Setup setup_;
  std::unique_ptr<StreamContext> context_;
  std::unique_ptr<core::NativeJob> job_;
  std::mutex mutex_;
  std::optional<base::Status> ended_;
  std::jthread running_;
};

Pipeline::Pipeline(Body body, Setup setup) : impl_(std::make_unique<Impl>(std::move(body))) {
  impl_->Start(setup, {});
}

Pipeline::~Pipeline() = default;

void Pipeline::Push(const std::string& alias, std::unique_ptr<connectors::Batch> rows) {
  if (!impl_->traffic().Send(alias, {std::move(rows), std::nullopt})) {
    throw PipelineFailure("the job has no source '" + alias +
                          "'; it has: " + Listed(impl_->traffic().sources()));
  }
}

void Pipeline::End(const std::string& alias) {
  if (!impl_->traffic().End(alias)) {
    throw PipelineFailure("the job has no source '" + alias +
                          "'; it has: " + Listed(impl_->traffic().sources()));
  }
}

void Pipeline::AdvanceWatermark(Timestamp time) {
  impl_->traffic().SendToAll({nullptr, std::chrono::floor<base::Millis>(time)});
}

void Pipeline::AdvanceTime(std::chrono::milliseconds by) {
  Settle();
  impl_->clock().Advance(by);
  Settle();  // the barrier wakes every subtask, and a subtask looks at its timers before anything else
}

void Pipeline::Settle() { impl_->Settle(); }

std::vector<std::shared_ptr<const connectors::Batch>> Pipeline::BatchesOf(std::string_view alias) {
  const auto sinks = impl_->traffic().sinks();
  if (std::find(sinks.begin(), sinks.end(), alias) == sinks.end()) {
    throw PipelineFailure("the job has no sink '" + std::string(alias) +
                          "'; it has: " + Listed(sinks));
  }
  return impl_->traffic().Received(alias);
}

bool Pipeline::RestoresFromCheckpoint() { return RestoresFromCheckpoint(impl_->setup()); }

bool Pipeline::RestoresFromCheckpoint(Setup setup) {
  Settle();
  const std::string savepoint = impl_->Stop();
  try {
    impl_->Start(setup, savepoint);
    Settle();
  } catch (const PipelineFailure& failed) {
    failure_ = failed.what();
    return false;
  }
  return true;
}

void Pipeline::AwaitEnd() { impl_->AwaitEnd(); }

}  // namespace streampark::testing
