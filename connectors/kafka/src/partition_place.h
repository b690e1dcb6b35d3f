// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "streampark/connectors/source.h"
#include "streampark/connectors/state_bytes.h"

namespace streampark::connectors::kafka {

/// What a position of this connector says: `6:orders 3 17 -1 `.
struct PartitionPlace {
  static constexpr std::uint16_t kVersion = 1;

  std::string topic;
  std::int32_t partition = 0;
  std::int64_t next = 0;            // the offset that is read next
  std::optional<std::int64_t> end;  // the first that is not read any more

  std::string id() const { return topic + "-" + std::to_string(partition); }
  bool ended() const { return end && next >= *end; }

  Position ToPosition() const {
    StateWriter out;
    out.Text(topic).Number(partition).Number(next).Number(end.value_or(-1));
    return {.version = kVersion, .bytes = out.Take()};
  }
  static base::Result<PartitionPlace> From(const Position& position) {
    StateReader in(position.bytes);
    PartitionPlace place;
    place.topic = in.Text();
    const std::int64_t partition = in.Number();
    place.partition = static_cast<std::int32_t>(partition);
    place.next = in.Number();
    const std::int64_t end = in.Number();
    if (end >= 0) {
      place.end = end;
    }
    if (position.version != kVersion || !in.done() || place.topic.empty() || partition < 0 ||
        partition != place.partition || place.next < 0 || end < -1) {
      return base::Error(base::ErrorCode::kSnapshotInvalid, "this is no place in a topic of Kafka");
    }
    return place;
  }
};

}  // namespace streampark::connectors::kafka
