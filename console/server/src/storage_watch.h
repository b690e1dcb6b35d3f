// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/console/events.h"
#include "streampark/http/process_routes.h"

namespace streampark::server {

/// Whether what the console decides can be kept. A write that the disk refused begins the trouble; a
/// probe that passes, tried again and again while it lasts, ends it. Both are told on the bus.
/// Thread-safe.
class StorageWatch {
 public:
  /// `probe` runs on a thread of this and writes as commands do.
  StorageWatch(std::function<base::Status()> probe, console::EventBus& events,
               const base::Clock& clock, base::Millis probe_every = base::Millis(2000));
  ~StorageWatch();
  StorageWatch(const StorageWatch&) = delete;
  StorageWatch& operator=(const StorageWatch&) = delete;

  void Refused(const base::Error& error);
  /// Absent while writing works, as far as it was tried.
  std::optional<http::StorageTrouble> trouble() const;

 private:
  void Run(const std::stop_token& stop);
  void Tell();

  const std::function<base::Status()> probe_;
  console::EventBus& events_;
  const base::Clock& clock_;
  const base::Millis probe_every_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<http::StorageTrouble> trouble_;
  std::jthread prober_;
};

}  // namespace streampark::server
