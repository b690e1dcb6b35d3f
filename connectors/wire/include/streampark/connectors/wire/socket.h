// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/base/descriptor.h"
#include "streampark/base/result.h"
#include "streampark/connectors/wire/address.h"
#include "streampark/connectors/wire/alarm.h"

namespace streampark::connectors::wire {

/// How a server proves who it is, and we to it; empty: not given. Files and texts are PEM.
struct Tls {
  std::string ca_file, ca_pem;  // neither: what the system trusts
  std::string certificate_file, certificate_pem;
  std::string key_file, key_pem, key_password;
  bool checks_certificate = true;
  bool checks_name = true;
};

/// Who is spoken to, and what errors say of it.
struct Peer {
  Address address;
  std::optional<Tls> tls;    // absent: plain
  std::string what;          // `the broker`
  std::string address_hint;  // what to look at when it cannot be reached
  std::string tls_hint;      // what to look at when TLS fails
};

/// Bytes to and from one server, plain or by TLS. Used by one thread at a time. Calls block, up to the deadline or until `stop` is requested.
/// CLUSTER_UNREACHABLE, also for a deadline; BAD_CREDENTIALS when a certificate or key is not good; CANCELLED.
class Socket {
 public:
  static base::Result<std::unique_ptr<Socket>> Open(Peer peer, base::SteadyTime deadline,
                                                    const std::stop_token& stop);
  ~Socket();

  const Peer& peer() const { return peer_; }
  base::Status Write(std::string_view bytes, base::SteadyTime deadline,
                     const std::stop_token& stop);
  /// Exactly so many.
  base::Result<std::string> Read(std::size_t size, base::SteadyTime deadline,
                                 const std::stop_token& stop);
  /// What there is, once there is something; how many bytes. 0: nothing came until then, or the alarm rang.
  base::Result<std::size_t> ReadSome(std::span<char> to, base::SteadyTime until, Alarm* alarm);

 private:
  struct TlsState;
  enum class Wants : std::uint8_t { kRead, kWrite };
  enum class Waited : std::uint8_t { kReady, kLate, kRung };

  explicit Socket(Peer peer);
  base::Status Connect(base::SteadyTime deadline, const std::stop_token& stop);
  base::Status ConnectToPath();
  base::Status Shake(base::SteadyTime deadline, const std::stop_token& stop);
  /// What is there already; 0 and what to wait for when there is nothing.
  base::Result<std::size_t> ReadNow(std::span<char> to, Wants& wants);
  Waited WaitUntil(Wants wants, base::SteadyTime until, Alarm* alarm) const;
  base::Status Wait(Wants wants, base::SteadyTime deadline, const std::stop_token& stop) const;
  base::Error Broken(const std::string& why) const;
  base::Error TlsRefused(const std::string& what) const;
  base::Status Trust(void* context) const;
  base::Status UseCertificate(void* context) const;

  const Peer peer_;
  std::optional<base::Descriptor> socket_;
  std::unique_ptr<TlsState> tls_;
};

}  // namespace streampark::connectors::wire
