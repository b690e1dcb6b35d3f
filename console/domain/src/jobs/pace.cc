// SPDX-License-Identifier: Apache-2.0
#include "jobs/pace.h"

#include <algorithm>
#include <cmath>

namespace streampark::console {
namespace {

constexpr double kNoticeable = 0.05;

template <typename Number>
std::optional<Number> Steady(std::optional<Number> shown, std::optional<Number> seen) {
  if (!shown || !seen || *shown == 0 || *seen == 0) {
    return seen;
  }
  const auto before = static_cast<double>(*shown), now = static_cast<double>(*seen);
  return std::abs(now - before) < kNoticeable * std::max(std::abs(before), std::abs(now)) ? shown
                                                                                          : seen;
}

}  // namespace

Pace Steadied(const Pace& shown, const Pace& seen) {
  Pace pace = seen;
  pace.rates.records_in_per_second =
      Steady(shown.rates.records_in_per_second, seen.rates.records_in_per_second);
  pace.rates.records_out_per_second =
      Steady(shown.rates.records_out_per_second, seen.rates.records_out_per_second);
  pace.rates.pending_records = Steady(shown.rates.pending_records, seen.rates.pending_records);
  return pace;
}

}  // namespace streampark::console
