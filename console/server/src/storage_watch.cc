// SPDX-License-Identifier: Apache-2.0
#include "storage_watch.h"

#include <utility>

#include "streampark/base/json.h"
#include "streampark/base/log.h"

namespace streampark::server {

StorageWatch::StorageWatch(std::function<base::Status()> probe, console::EventBus& events,
                           const base::Clock& clock, base::Millis probe_every)
    : probe_(std::move(probe)),
      events_(events),
      clock_(clock),
      probe_every_(probe_every),
      prober_([this](const std::stop_token& stop) { Run(stop); }) {}

StorageWatch::~StorageWatch() {
  prober_.request_stop();
  prober_.join();
}

void StorageWatch::Refused(const base::Error& error) {
  const std::lock_guard lock(mutex_);
  if (trouble_ && trouble_->error.code() == error.code()) {
    return;
  }
  base::LogWarn("the database cannot be written", {{"error", error.ToString()}});
  trouble_ = {.since = trouble_ ? trouble_->since : clock_.Now(), .error = error};
  Tell();
  changed_.notify_all();
}

std::optional<http::StorageTrouble> StorageWatch::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void StorageWatch::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, stop, [this] { return trouble_.has_value(); });
    changed_.wait_for(lock, stop, probe_every_, [] { return false; });
    if (stop.stop_requested()) {
      return;
    }
    lock.unlock();
    const base::Status probed = probe_();
    lock.lock();
    if (probed.ok()) {
      base::LogInfo("the database can be written again");
      trouble_.reset();
      Tell();
    }
  }
}

/// Under the lock, so that the end of a trouble never overtakes its beginning.
void StorageWatch::Tell() {
  events_.Publish("storage", "storage", {}, json::serialize(http::StorageJson(trouble_)));
}

}  // namespace streampark::server
