// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/ulid.h"

#include <algorithm>
#include <array>
#include <span>

namespace streampark::base {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

std::string UlidGenerator::Next() {
  const std::lock_guard lock(mutex_);
  const auto now = static_cast<std::uint64_t>(clock_.Now().time_since_epoch().count());
  if (now > last_ms_) {
    last_ms_ = now;
    std::array<std::uint8_t, 10> bytes{};
    random_.Fill(bytes);
    tail_high_ = (std::uint64_t{bytes[0]} << 8U) | bytes[1];
    tail_low_ = 0;
    for (std::size_t i = 2; i < bytes.size(); ++i) {
      tail_low_ = (tail_low_ << 8U) | bytes[i];
    }
  } else if (++tail_low_ == 0 && ++tail_high_ > 0xffff) {
    // The same millisecond, or a clock set back, and the tail has run over: borrow from the future.
    tail_high_ = 0;
    ++last_ms_;
  }
  std::string text(26, '0');
  std::uint64_t time = last_ms_;
  for (std::size_t i = 10; i-- > 0; time >>= 5U) {
    text[i] = kCrockford[time & 31U];
  }
  std::uint64_t low = tail_low_;
  std::uint64_t high = tail_high_;
  for (std::size_t i = 26; i-- > 10;) {
    text[i] = kCrockford[low & 31U];
    low = (low >> 5U) | (high << 59U);
    high >>= 5U;
  }
  return text;
}

bool IsUlid(std::string_view text) {
  return text.size() == 26 && text[0] <= '7' && std::all_of(text.begin(), text.end(), [](char c) {
           return kCrockford.find(c) != std::string_view::npos;
         });
}

}  // namespace streampark::base
