// SPDX-License-Identifier: Apache-2.0
#include "sealed_bytes.h"

#include <utility>

#include "streampark/core/key_hash.h"

namespace streampark::core {

namespace {

base::Error Invalid(const Seal& seal, const std::string& why) {
  return {base::ErrorCode::kSnapshotInvalid, "The " + std::string(seal.what) + " is " + why + "."};
}

}  // namespace

ByteWriter OpenSealed(const Seal& seal) {
  ByteWriter out;
  out.Raw(seal.letters);
  out.Fixed(seal.version);
  return out;
}

std::string CloseSealed(ByteWriter out) {
  out.Fixed(HashBytes(out.view()));
  return out.Take();
}

base::Result<ByteReader> ReadSealed(const Seal& seal, std::string_view bytes) {
  if (bytes.size() < sizeof(std::uint64_t) || !bytes.starts_with(seal.letters)) {
    return Invalid(seal, "not one of StreamPark's");
  }
  const auto content = bytes.substr(0, bytes.size() - sizeof(std::uint64_t));
  if (ByteReader(bytes.substr(content.size())).Fixed<std::uint64_t>() != HashBytes(content)) {
    return Invalid(seal, "damaged: its checksum does not match");
  }
  ByteReader in(content.substr(seal.letters.size()));
  if (const auto version = in.Fixed<std::uint16_t>();
      version > seal.version || version < (seal.oldest != 0 ? seal.oldest : seal.version)) {
    return Invalid(seal, "of version " + std::to_string(version) + ", and this program reads " +
                             std::to_string(seal.version));
  }
  return in;
}

base::Status CheckReadAll(const Seal& seal, const ByteReader& in) {
  return in.failed() || !in.at_end() ? base::Status(Invalid(seal, "cut short")) : base::Ok();
}

}  // namespace streampark::core
