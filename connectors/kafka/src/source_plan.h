// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "streampark/connectors/source.h"

#include "client.h"
#include "columns.h"

namespace streampark::connectors::kafka {

/// Where reading begins, or ends, in each partition.
enum class Place : std::uint8_t { kEarliest, kLatest, kGroup, kTimestamp, kOffsets };

using PartitionId = std::pair<std::string, std::int32_t>;  // topic, number

struct Bound {
  Place place = Place::kEarliest;
  std::int64_t timestamp_ms = 0;
  std::map<PartitionId, std::int64_t> offsets;
};

struct SourcePlan {
  Settings settings;
  std::string brokers;              // for errors
  std::vector<std::string> topics;  // or
  std::string pattern;              // an extended regular expression over whole names
  Bound start;
  /// Where a partition begins for which `start` knows nothing: absent when that is an error.
  std::optional<Place> start_else = Place::kEarliest;
  std::optional<Bound> end;  // absent: it never ends
  base::Millis discovery{60'000};
  std::string group;  // empty: offsets are not committed
  ColumnPlan columns;
  std::int64_t batch_rows = 0;
};

std::unique_ptr<Source> MakeKafkaSource(SourcePlan plan);

}  // namespace streampark::connectors::kafka
