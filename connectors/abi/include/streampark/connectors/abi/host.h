// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "streampark/base/clock.h"
#include "streampark/connectors/abi/connector_abi.h"

namespace streampark::connectors::abi {

/// What a program offers its libraries, from its clock, which outlives it.
inline SpHost HostOf(const base::Clock& clock) {
  return {.now_ms = [](const SpHost* self) -> std::int64_t {
            return static_cast<const base::Clock*>(self->private_data)
                ->Now()
                .time_since_epoch()
                .count();
          },
          .steady_ns = [](const SpHost* self) -> std::int64_t {
            const auto* clock_of = static_cast<const base::Clock*>(self->private_data);
            return std::chrono::nanoseconds(clock_of->SteadyNow().time_since_epoch()).count();
          },
          .private_data = &clock};
}

/// The program's clock on a library's side; the host outlives it.
class HostClock final : public base::Clock {
 public:
  explicit HostClock(const SpHost& host) : host_(host) {}
  base::Timestamp Now() const override {
    return base::Timestamp(base::Millis(host_.now_ms(&host_)));
  }
  base::SteadyTime SteadyNow() const override {
    return base::SteadyTime(std::chrono::nanoseconds(host_.steady_ns(&host_)));
  }

 private:
  const SpHost& host_;
};

}  // namespace streampark::connectors::abi
