// SPDX-License-Identifier: Apache-2.0
#include "wire_settings.h"

#include <algorithm>

#include "streampark/connectors/option_errors.h"

#include "columns.h"

namespace streampark::connectors::kafka {
namespace {

constexpr std::uint16_t kUsualPort = 9092;

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

}  // namespace

base::Result<WireSettings> WireSettings::From(const Settings& settings) {
  const auto of = [&settings](const char* name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string() : found->second;
  };
  constexpr const char* kOtherwise = "delivery = at-least-once needs none of it";
  WireSettings read;
  const std::string brokers = of("bootstrap.servers");
  for (std::string_view rest = brokers; !rest.empty();) {
    const auto comma = rest.find(',');
    std::string_view one = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    one = one.substr(0, one.find_last_not_of(' ') + 1);
    if (!one.empty()) {
      const auto address = wire::ParseAddress(one, kUsualPort);
      if (!address || address->is_path()) {
        return WrongOption("bootstrap.servers", "'" + std::string(one) + "' is no address",
                           "host:port");
      }
      read.brokers.push_back(*address);
    }
  }
  const std::string protocol = Lower(of("security.protocol"));
  if (protocol.starts_with("sasl_")) {
    const std::string mechanism = of("sasl.mechanism");
    read.sasl = mechanism == "PLAIN"           ? Sasl::kPlain
                : mechanism == "SCRAM-SHA-256" ? Sasl::kScramSha256
                : mechanism == "SCRAM-SHA-512" ? Sasl::kScramSha512
                                               : Sasl::kNone;
    if (read.sasl == Sasl::kNone) {
      return WrongOption("delivery",
                         "exactly-once cannot sign in by " +
                             (mechanism.empty() ? std::string("Kerberos") : mechanism) +
                             ": it can by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512",
                         kOtherwise);
    }
  }
  if (!of("ssl.keystore.location").empty()) {
    return WrongOption(
        "delivery", "exactly-once cannot read ssl.keystore.location",
        std::string("give PEM files: ssl.certificate.location, ssl.key.location; ") + kOtherwise);
  }
  read.user = of("sasl.username");
  read.password = of("sasl.password");
  if (protocol != "ssl" && protocol != "sasl_ssl") {
    return read;
  }
  wire::Tls& tls = read.tls.emplace();
  tls.ca_file = of("ssl.ca.location");
  tls.ca_pem = of("ssl.ca.pem");
  tls.certificate_file = of("ssl.certificate.location");
  tls.certificate_pem = of("ssl.certificate.pem");
  tls.key_file = of("ssl.key.location");
  tls.key_pem = of("ssl.key.pem");
  tls.key_password = of("ssl.key.password");
  tls.checks_certificate = of("enable.ssl.certificate.verification") != "false";
  // As librdkafka 2 has it when nothing is said.
  const std::string names = settings.contains("ssl.endpoint.identification.algorithm")
                                ? of("ssl.endpoint.identification.algorithm")
                                : "https";
  tls.checks_name = names == "https";
  return read;
}

}  // namespace streampark::connectors::kafka
