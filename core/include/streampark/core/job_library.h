// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "streampark/core/context.h"
#include "streampark/core/job_library_abi.h"

/// The one job of a library. The body makes the plan: it may run again, on other machines too, and must make the same one.
///
///   SP_JOB(CarrierDelays, sp::StreamContext& context) {
///     context.Source<Flight>("flights")…
///   }
///
/// `streampark run libcarrier_delays.so` runs it. A test calls the body as the function that it is.
#define SP_JOB(Name, ...)                                                          \
  void Name(__VA_ARGS__);                                                          \
  extern "C" __attribute__((visibility("default"))) ::std::int32_t streampark_job( \
      ::std::uint32_t version, struct ::SpJob* out) {                              \
    return ::streampark::core::OfferJob(version, #Name, &Name, out);               \
  }                                                                                \
  void Name(__VA_ARGS__)

namespace streampark::core {

using JobBody = std::function<void(StreamContext&)>;

/// What the library's function does. The name lives as long as `out`.
std::int32_t OfferJob(std::uint32_t version, const char* name, JobBody body, SpJob* out);

}  // namespace streampark::core
