// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "streampark/base/result.h"

namespace streampark::base {

/// SHA-256 in lower-case hex.
std::string Sha256Hex(std::string_view bytes);
Result<std::string> Sha256HexOfFile(const std::filesystem::path& file);

/// SHA-256 over bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void Update(std::string_view bytes);
  /// Ends the digest; the object is spent.
  std::string Hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Compares without telling by its time where the first difference is.
bool EqualInConstantTime(std::string_view a, std::string_view b);

}  // namespace streampark::base
