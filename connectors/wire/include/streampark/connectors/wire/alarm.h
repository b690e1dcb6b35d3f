// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/base/clock.h"
#include "streampark/base/descriptor.h"

namespace streampark::connectors::wire {

/// Ends a wait for a socket from another thread: see SplitReader::WakeUp. Ring may be called from any thread, the rest from one.
class Alarm {
 public:
  Alarm();
  /// Ends a wait, or the next one when nobody waits.
  void Ring();
  /// Whether it rang since it was asked last.
  bool Take();
  void WaitFor(base::Millis patience);
  int descriptor() const { return event_.number(); }

 private:
  const base::Descriptor event_;
};

}  // namespace streampark::connectors::wire
