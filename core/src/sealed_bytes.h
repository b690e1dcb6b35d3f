// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "streampark/base/result.h"
#include "streampark/core/bytes.h"

namespace streampark::core {

/// What a file of ours begins and ends with: four letters and a version, and a hash of all before it.
struct Seal {
  std::string_view letters;
  std::uint16_t version = 1;
  std::string_view what;     // for errors: `state file`
  std::uint16_t oldest = 0;  // that is read too; 0: none
};

/// A writer that has written the beginning; CloseSealed adds the end.
ByteWriter OpenSealed(const Seal& seal);
std::string CloseSealed(ByteWriter out);

/// What stands between; lives as long as `bytes`. SNAPSHOT_INVALID says what is wrong.
base::Result<ByteReader> ReadSealed(const Seal& seal, std::string_view bytes);
/// SNAPSHOT_INVALID when the reader has failed or has not read all.
base::Status CheckReadAll(const Seal& seal, const ByteReader& in);

}  // namespace streampark::core
