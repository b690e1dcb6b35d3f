// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"

namespace streampark::console {

/// Slows down who guesses passwords: after a few failures by one name or from one address each
/// further try has to wait, longer and longer up to a bound that a real user can bear. Thread-safe,
/// bounded.
class SignInLimiter {
 public:
  explicit SignInLimiter(const base::Clock& clock) : clock_(clock) {}

  /// Counts a try beforehand, so that tries at the same time count too. RATE_LIMITED with the time
  /// to wait; such a try counts for nothing.
  base::Status Begin(std::string_view name, std::string_view address);
  /// The password was right: the tries by this name are forgotten, and this one from the address.
  void Succeeded(std::string_view name, std::string_view address);

 private:
  struct Tries {
    int count = 0;
    base::SteadyTime last{};
  };
  struct Rule {
    int free;              // tries without a wait
    base::Millis longest;  // the bound of the wait
  };
  using Table = std::map<std::string, Tries, std::less<>>;

  base::Millis WaitOf(const Table& table, std::string_view key, const Rule& rule,
                      base::SteadyTime now) const;
  static void Count(Table& table, std::string_view key, base::SteadyTime now);

  const base::Clock& clock_;
  std::mutex mutex_;
  Table by_name_;
  Table by_address_;
};

}  // namespace streampark::console
