// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/accounts/sign_in_limiter.h"

#include <algorithm>

#include "streampark/console/names.h"

namespace streampark::console {
namespace {

constexpr std::size_t kMostRemembered = 10'000;
/// Who has kept quiet for so long starts anew.
constexpr base::Millis kForgetAfter(15 * 60'000);

}  // namespace

// Whoever knows a name can make its owner wait, so that bound is small; an address pays more.
base::Status SignInLimiter::Begin(std::string_view name, std::string_view address) {
  constexpr Rule kByName{.free = 5, .longest = base::Millis(60'000)};
  constexpr Rule kByAddress{.free = 20, .longest = base::Millis(300'000)};
  const std::string key = NameKey(name);
  const base::SteadyTime now = clock_.SteadyNow();
  const std::lock_guard lock(mutex_);
  const base::Millis wait =
      std::max(WaitOf(by_name_, key, kByName, now), WaitOf(by_address_, address, kByAddress, now));
  if (wait.count() > 0) {
    const auto seconds = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(wait).count());
    return base::Error(base::ErrorCode::kRateLimited, "too many attempts to sign in")
        .WithHint("try again in " + std::to_string(seconds) + " s")
        .WithRetryAfter(seconds);
  }
  Count(by_name_, key, now);
  Count(by_address_, address, now);
  return base::Ok();
}

void SignInLimiter::Succeeded(std::string_view name, std::string_view address) {
  const std::lock_guard lock(mutex_);
  by_name_.erase(NameKey(name));
  if (const auto it = by_address_.find(address);
      it != by_address_.end() && --it->second.count <= 0) {
    by_address_.erase(it);
  }
}

base::Millis SignInLimiter::WaitOf(const Table& table, std::string_view key, const Rule& rule,
                                   base::SteadyTime now) const {
  const auto it = table.find(key);
  if (it == table.end() || it->second.count < rule.free || now - it->second.last > kForgetAfter) {
    return base::Millis(0);
  }
  const int doublings = std::min(it->second.count - rule.free, 20);
  const base::Millis pause = std::min(base::Millis(1000LL << doublings), rule.longest);
  const auto since = std::chrono::duration_cast<base::Millis>(now - it->second.last);
  return std::max(pause - since, base::Millis(0));
}

void SignInLimiter::Count(Table& table, std::string_view key, base::SteadyTime now) {
  if (table.size() >= kMostRemembered && !table.contains(key)) {
    std::erase_if(table, [&](const auto& item) { return now - item.second.last > kForgetAfter; });
    if (table.size() >= kMostRemembered) {
      // A flood of made-up names: the oldest make room.
      table.erase(std::min_element(table.begin(), table.end(), [](const auto& a, const auto& b) {
        return a.second.last < b.second.last;
      }));
    }
  }
  Tries& tries = table[std::string(key)];
  if (now - tries.last > kForgetAfter) {
    tries.count = 0;
  }
  ++tries.count;
  tries.last = now;
}

}  // namespace streampark::console
