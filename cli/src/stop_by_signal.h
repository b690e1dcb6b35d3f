// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

#include "streampark/base/descriptor.h"

namespace streampark::cli {

/// SIGINT and SIGTERM ask for a stop for as long as this lives; a second one ends the process, as if this were not there. Made before other threads, which
/// leave these signals to it.
class StopBySignal {
 public:
  StopBySignal();
  ~StopBySignal();
  StopBySignal(const StopBySignal&) = delete;
  StopBySignal& operator=(const StopBySignal&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

 private:
  void Wait();

  std::stop_source stop_;
  const sigset_t signals_;
  const base::Descriptor asked_;
  const base::Descriptor over_;
  std::jthread waiter_;
};

}  // namespace streampark::cli
