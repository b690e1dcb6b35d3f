// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "streampark/base/result.h"

namespace streampark::connectors::kafka {

/// The client's side of SCRAM (RFC 5802): who knows the password proves it, and the server that it knew it too.
///
///   send First(); on its answer send Final(answer); on that answer Check(answer)
class Scram {
 public:
  enum class Hash : std::uint8_t { kSha256, kSha512 };

  /// `nonce` is printable, without commas, and new for each.
  Scram(Hash hash, std::string user, std::string password, std::string nonce);

  std::string First() const;
  base::Result<std::string> Final(std::string_view server_first);
  base::Status Check(std::string_view server_final) const;

 private:
  std::string FirstBare() const;

  Hash hash_;
  std::string user_;
  std::string password_;
  std::string nonce_;
  std::string server_signature_;
};

}  // namespace streampark::connectors::kafka
