// SPDX-License-Identifier: Apache-2.0
#include "scram.h"

#include <charconv>
#include <optional>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "streampark/base/base64.h"
#include "streampark/base/digest.h"

namespace streampark::connectors::kafka {
namespace {

constexpr int kMostIterations = 10'000'000;

const EVP_MD* Of(Scram::Hash hash) {
  return hash == Scram::Hash::kSha256 ? ::EVP_sha256() : ::EVP_sha512();
}

const unsigned char* Raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Hmac(const EVP_MD* hash, std::string_view key, std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  ::HMAC(hash, key.data(), static_cast<int>(key.size()), Raw(text), text.size(), out, &size);
  return {reinterpret_cast<char*>(out), size};
}

std::string Digest(const EVP_MD* hash, std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  ::EVP_Digest(text.data(), text.size(), out, &size, hash, nullptr);
  return {reinterpret_cast<char*>(out), size};
}

/// `r=…` of `r=…,s=…,i=…`.
std::optional<std::string_view> Attribute(std::string_view message, char name) {
  while (!message.empty()) {
    const auto comma = message.find(',');
    const auto one = message.substr(0, comma);
    if (one.size() >= 2 && one[0] == name && one[1] == '=') {
      return one.substr(2);
    }
    message = comma == std::string_view::npos ? "" : message.substr(comma + 1);
  }
  return std::nullopt;
}

/// A user's name must not look like more attributes.
std::string Escaped(std::string_view user) {
  std::string escaped;
  for (const char c : user) {
    c == '=' ? escaped.append("=3D") : c == ',' ? escaped.append("=2C") : escaped.append(1, c);
  }
  return escaped;
}

base::Error Refused(const std::string& why) {
  return base::Error(base::ErrorCode::kBadCredentials, "signing in by SCRAM failed")
      .WithCause(why)
      .WithHint("look at sasl.username and sasl.password");
}

}  // namespace

Scram::Scram(Hash hash, std::string user, std::string password, std::string nonce)
    : hash_(hash), user_(Escaped(user)), password_(std::move(password)), nonce_(std::move(nonce)) {}

std::string Scram::FirstBare() const { return "n=" + user_ + ",r=" + nonce_; }

std::string Scram::First() const { return "n,," + FirstBare(); }

base::Result<std::string> Scram::Final(std::string_view server_first) {
  const auto nonce = Attribute(server_first, 'r');
  const auto salt =
      base::FromBase64(Attribute(server_first, 's').value_or("*"), base::Base64::kStandard);
  const std::string_view count = Attribute(server_first, 'i').value_or("");
  int iterations = 0;
  std::from_chars(count.data(), count.data() + count.size(), iterations);
  if (!nonce || !nonce->starts_with(nonce_) || nonce->size() == nonce_.size() || !salt ||
      iterations <= 0 || iterations > kMostIterations) {
    return Refused("the broker's answer is none of SCRAM");
  }
  const EVP_MD* hash = Of(hash_);
  std::string salted(static_cast<std::size_t>(::EVP_MD_get_size(hash)), '\0');
  ::PKCS5_PBKDF2_HMAC(password_.data(), static_cast<int>(password_.size()), Raw(*salt),
                      static_cast<int>(salt->size()), iterations, hash,
                      static_cast<int>(salted.size()),
                      reinterpret_cast<unsigned char*>(salted.data()));
  const std::string without_proof = "c=biws,r=" + std::string(*nonce);  // biws: `n,,`
  const std::string signed_text =
      FirstBare() + "," + std::string(server_first) + "," + without_proof;
  const std::string client_key = Hmac(hash, salted, "Client Key");
  std::string proof = Hmac(hash, Digest(hash, client_key), signed_text);
  for (std::size_t i = 0; i < proof.size(); ++i) {
    proof[i] = static_cast<char>(proof[i] ^ client_key[i]);
  }
  server_signature_ = Hmac(hash, Hmac(hash, salted, "Server Key"), signed_text);
  return without_proof + ",p=" + base::ToBase64(proof, base::Base64::kStandard);
}

base::Status Scram::Check(std::string_view server_final) const {
  if (const auto error = Attribute(server_final, 'e')) {
    return Refused(std::string(*error));
  }
  const auto signature =
      base::FromBase64(Attribute(server_final, 'v').value_or("*"), base::Base64::kStandard);
  if (!signature || !base::EqualInConstantTime(*signature, server_signature_)) {
    return Refused("the broker does not know the password either");
  }
  return base::Ok();
}

}  // namespace streampark::connectors::kafka
