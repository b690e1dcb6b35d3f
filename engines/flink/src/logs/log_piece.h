// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "streampark/engines/observation.h"

namespace streampark::flink {

/// The most that one call reads of a log.
inline constexpr std::int64_t kLongestPiece = 4 << 20;

/// Makes the text of a piece that was cut anywhere out of a file valid UTF-8: half characters at
/// its ends are left to the neighbours (offset and next_offset move), broken ones inside become
/// '?'. `next_offset` is set from what remains.
void TrimToWholeCharacters(engines::LogPiece& piece);

}  // namespace streampark::flink
