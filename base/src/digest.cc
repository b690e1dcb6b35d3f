// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/digest.h"

#include <array>
#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "streampark/base/check.h"
#include "streampark/base/files.h"

namespace streampark::base {

struct Sha256::State {
  State() : context(EVP_MD_CTX_new()) {
    SP_CHECK(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1);
  }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  EVP_MD_CTX* context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::Update(std::string_view bytes) {
  SP_CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

std::string Sha256::Hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  SP_CHECK(EVP_DigestFinal_ex(state_->context, digest.data(), &length) == 1);
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(length * 2U);
  for (unsigned int i = 0; i < length; ++i) {
    hex.push_back(kHexDigits[digest[i] >> 4U]);
    hex.push_back(kHexDigits[digest[i] & 0xfU]);
  }
  return hex;
}

std::string Sha256Hex(std::string_view bytes) {
  Sha256 digest;
  digest.Update(bytes);
  return digest.Hex();
}

Result<std::string> Sha256HexOfFile(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return FileError(errno, "cannot open", file);
  }
  Sha256 digest;
  std::vector<char> buffer(128U << 10U);
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      const Error error = FileError(errno, "cannot read", file);
      ::close(descriptor);
      return error;
    }
    if (count == 0) {
      break;
    }
    digest.Update({buffer.data(), static_cast<std::size_t>(count)});
  }
  ::close(descriptor);
  return digest.Hex();
}

bool EqualInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace streampark::base
