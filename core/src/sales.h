// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <utility>

#include "streampark/core/aggregates.h"
#include "streampark/core/windows.h"

#include "operator_harness.h"

/// What tests of windows sum up.
namespace streampark::core {

struct Sale {
  std::string shop;
  std::int64_t amount = 0;
};
SP_RECORD(Sale, shop, amount);

inline auto ShopOf() {
  return [](const Sale& sale) -> const std::string& { return sale.shop; };
}

using SumOfSales = SumAggregate<Sale, std::int64_t>;
using SalesOfWindow = Windowed<std::string, std::int64_t>;
using SalesHarness = OperatorHarness<Sale, SalesOfWindow>;

inline SalesOfWindow Of(std::string shop, std::chrono::milliseconds start,
                        std::chrono::milliseconds end, std::int64_t sum) {
  return {std::move(shop), Timestamp(start), Timestamp(end), sum};
}

inline void PrintTo(const SalesOfWindow& window, std::ostream* out) {
  *out << window.key << " [" << ToEventTime(window.start) << ", " << ToEventTime(window.end) << ") "
       << window.value;
}

}  // namespace streampark::core
