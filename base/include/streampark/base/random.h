// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace streampark::base {

/// A source of random bytes. Implementations are thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(std::span<std::uint8_t> bytes) = 0;
};

/// The operating system's generator; fit for secrets.
class SecureRandom final : public Random {
 public:
  void Fill(std::span<std::uint8_t> bytes) override;
};

/// `count` random bytes in URL-safe base 64 without padding.
std::string RandomToken(Random& random, std::size_t count);
/// `count` random bytes in lower-case hex.
std::string RandomHex(Random& random, std::size_t count);
/// A password that people can read aloud and type: `length` characters without look-alikes.
std::string RandomPassword(Random& random, std::size_t length);

}  // namespace streampark::base
