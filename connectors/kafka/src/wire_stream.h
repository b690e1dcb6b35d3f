// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"

#include "wire_settings.h"

namespace streampark::connectors::kafka {

/// Bytes to and from one broker, plain or by TLS. Calls block, up to the deadline or until `stop` is requested. CLUSTER_UNREACHABLE, BAD_CREDENTIALS
/// when the certificate is not the broker's, CANCELLED.
class WireStream {
 public:
  static base::Result<std::unique_ptr<WireStream>> Open(const WireSettings& settings,
                                                        const WireAddress& address,
                                                        base::SteadyTime deadline,
                                                        const std::stop_token& stop);
  ~WireStream();

  base::Status Write(std::string_view bytes, base::SteadyTime deadline,
                     const std::stop_token& stop);
  /// Exactly so many.
  base::Result<std::string> Read(std::size_t size, base::SteadyTime deadline,
                                 const std::stop_token& stop);

 private:
  struct Tls;
  enum class Wants : std::uint8_t { kRead, kWrite };

  explicit WireStream(const WireAddress& address);
  base::Status Connect(base::SteadyTime deadline, const std::stop_token& stop);
  base::Status Shake(const WireSettings& settings, base::SteadyTime deadline,
                     const std::stop_token& stop);
  base::Status Wait(Wants wants, base::SteadyTime deadline, const std::stop_token& stop) const;
  base::Error Broken(const std::string& why) const;

  const WireAddress address_;
  int socket_ = -1;
  std::unique_ptr<Tls> tls_;
};

}  // namespace streampark::connectors::kafka
