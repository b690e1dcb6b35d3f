// SPDX-License-Identifier: Apache-2.0
#include "wire_settings.h"

#include <algorithm>
#include <charconv>

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

/// `PLAINTEXT://host:9092`, `host:9092`, `[::1]:9092`, `host`.
base::Result<WireAddress> ReadAddress(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme != std::string_view::npos) {
    text.remove_prefix(scheme + 3);
  }
  WireAddress address{.host = {}, .port = kUsualPort};
  const auto colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && !text.ends_with(']');
  std::string_view host = has_port ? text.substr(0, colon) : text;
  if (has_port) {
    const auto digits = text.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      host = {};
    }
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty()) {
    return OptionFault("bootstrap.servers", "'" + std::string(text) + "' is no address",
                       "host:port");
  }
  address.host = host;
  return address;
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
      read.brokers.push_back(SP_TRY(ReadAddress(one)));
    }
  }
  const std::string protocol = Lower(of("security.protocol"));
  read.tls = protocol == "ssl" || protocol == "sasl_ssl";
  if (protocol.starts_with("sasl_")) {
    const std::string mechanism = of("sasl.mechanism");
    read.sasl = mechanism == "PLAIN"           ? Sasl::kPlain
                : mechanism == "SCRAM-SHA-256" ? Sasl::kScramSha256
                : mechanism == "SCRAM-SHA-512" ? Sasl::kScramSha512
                                               : Sasl::kNone;
    if (read.sasl == Sasl::kNone) {
      return OptionFault("delivery",
                         "exactly-once cannot sign in by " +
                             (mechanism.empty() ? std::string("Kerberos") : mechanism) +
                             ": it can by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512",
                         kOtherwise);
    }
  }
  if (!of("ssl.keystore.location").empty()) {
    return OptionFault(
        "delivery", "exactly-once cannot read ssl.keystore.location",
        std::string("give PEM files: ssl.certificate.location, ssl.key.location; ") + kOtherwise);
  }
  read.user = of("sasl.username");
  read.password = of("sasl.password");
  read.ca_file = of("ssl.ca.location");
  read.ca_pem = of("ssl.ca.pem");
  read.certificate_file = of("ssl.certificate.location");
  read.certificate_pem = of("ssl.certificate.pem");
  read.key_file = of("ssl.key.location");
  read.key_pem = of("ssl.key.pem");
  read.key_password = of("ssl.key.password");
  read.checks_certificate = of("enable.ssl.certificate.verification") != "false";
  // As librdkafka 2 has it when nothing is said.
  const std::string names = settings.contains("ssl.endpoint.identification.algorithm")
                                ? of("ssl.endpoint.identification.algorithm")
                                : "https";
  read.checks_name = names == "https";
  return read;
}

}  // namespace streampark::connectors::kafka
