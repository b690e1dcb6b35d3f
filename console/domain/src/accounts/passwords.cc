// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/accounts/passwords.h"

#include <array>

#include <argon2.h>

namespace streampark::console {
namespace {

constexpr std::uint32_t kMemoryKib = 19 * 1024;
constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr int kMostWaiting = 4;

/// The hash of a password that nobody has, with the parameters above: what an unknown user's
/// attempt is measured against, so that it takes as long as a known one's.
constexpr const char* kNobodysHash =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

}  // namespace

base::Result<std::unique_lock<std::mutex>> Passwords::Enter() {
  if (waiting_.fetch_add(1) >= kMostWaiting) {
    waiting_.fetch_sub(1);
    return base::Error(base::ErrorCode::kUnavailable, "too many people sign in at this moment")
        .WithRetryAfter(1);
  }
  std::unique_lock lock(one_at_a_time_);
  waiting_.fetch_sub(1);
  return lock;
}

base::Result<std::string> Passwords::Hash(std::string_view password) {
  const auto lock = SP_TRY(Enter());
  std::array<std::uint8_t, kSaltBytes> salt{};
  random_.Fill(salt);
  std::string encoded(
      argon2_encodedlen(kPasses, kMemoryKib, kLanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
  const int result =
      argon2id_hash_encoded(kPasses, kMemoryKib, kLanes, password.data(), password.size(),
                            salt.data(), salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (result != ARGON2_OK) {
    return base::Error(base::ErrorCode::kInternal, "cannot hash a password")
        .WithCause(argon2_error_message(result));
  }
  encoded.resize(encoded.find('\0'));
  return encoded;
}

base::Result<bool> Passwords::Matches(std::string_view password, std::string_view encoded) {
  const auto lock = SP_TRY(Enter());
  const std::string stored(encoded.empty() ? kNobodysHash : encoded);
  const bool matches =
      argon2id_verify(stored.c_str(), password.data(), password.size()) == ARGON2_OK;
  return matches && !encoded.empty();
}

}  // namespace streampark::console
