// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "streampark/connectors/source.h"

#include "columns.h"
#include "stream_id.h"

namespace streampark::connectors::redis {

/// A split and where reading goes on in it:
///
/// | type         | name       | what is kept                                                             |
/// |--------------|------------|--------------------------------------------------------------------------|
/// | stream       | its key    | the id that was read last, and the last one to read where there is an end |
/// | list         | its key    | the next index, and the length that it had                                |
/// | hash, string | a pattern  | the cursor of SCAN, 0 at the start                                        |
struct SplitPlace {
  KeyType type = KeyType::kStream;
  std::string name;
  StreamId after;
  std::optional<StreamId> last;
  std::int64_t next = 0;
  std::int64_t length = 0;
  std::uint64_t cursor = 0;

  std::string Id() const { return std::string(ToString(type)) + " " + name; }
  Position ToPosition() const;
  /// SNAPSHOT_INVALID.
  static base::Result<SplitPlace> From(const Position& position);
};

}  // namespace streampark::connectors::redis
