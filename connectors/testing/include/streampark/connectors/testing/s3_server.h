// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>

#include "streampark/connectors/testing/server_process.h"

namespace streampark::connectors::testing {

/// A server of a test program's own that speaks S3, at an address of this machine, with one bucket, `flights`. STREAMPARK_S3_SERVER names
/// the program; `./sp test engine` sets it.
class S3Server {
 public:
  static constexpr const char* kBucket = "flights";
  static constexpr const char* kRegion = "eu-test-7";
  static constexpr const char* kAccessKeyId = "streampark-tests";
  static constexpr const char* kSecretAccessKey = "a/secret+of=the tests";
  enum class Transport : std::uint8_t { kPlain, kTls };

  explicit S3Server(Transport transport = Transport::kPlain);

  /// http[s]://localhost:PORT; the same for as long as it lives.
  const std::string& endpoint() const { return endpoint_; }
  /// By which it is known, of one with TLS.
  std::filesystem::path certificate() const { return process_.folder() / "certificate.pem"; }
  /// As kill -9 does; what it has acknowledged is there when it is started again.
  void Kill() { process_.Kill(); }
  void Start();
  /// It stands still, connections and all, until it goes on.
  void StandStill() { process_.Signal(SIGSTOP); }
  void GoOn() { process_.Signal(SIGCONT); }
  /// The bucket, as the server keeps it: a file an object. Where uploads in parts lie, too.
  std::filesystem::path bucket() const { return process_.folder() / "data" / kBucket; }

 private:
  const Transport transport_;
  ServerProcess process_;
  std::uint16_t port_;
  std::string endpoint_;
};

}  // namespace streampark::connectors::testing
