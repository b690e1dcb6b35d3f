// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "streampark/connectors/source.h"

#include "columns.h"
#include "connection.h"
#include "stream_id.h"

namespace streampark::connectors::redis {

struct SourcePlan {
  /// Where reading of a stream begins, or ends.
  struct Bound {
    bool latest = false;
    StreamId id;  // unless `latest`
  };

  Server server;
  KeyType type = KeyType::kStream;
  std::vector<std::string> keys;      // of streams and lists
  std::vector<std::string> patterns;  // of keys, as SCAN MATCH has them
  // Of streams.
  Bound start;               // the first that is read
  std::optional<Bound> end;  // the last that is read; absent: it never ends
  base::Millis discovery{60'000};
  ColumnPlan columns;
  std::int64_t batch_rows = 1'000;

  bool bounded() const { return type != KeyType::kStream || end.has_value(); }
};

std::unique_ptr<Source> MakeRedisSource(SourcePlan plan);

// What MakeRedisSource puts together; the plan outlives what is made.
base::Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(const SourcePlan& plan,
                                                              std::optional<std::string> restored);
/// Of splits that end, one after another.
base::Result<std::unique_ptr<SplitReader>> MakePageReader(const SourcePlan& plan);
/// Of streams that never end, all at once.
base::Result<std::unique_ptr<SplitReader>> MakeStreamReader(const SourcePlan& plan);

}  // namespace streampark::connectors::redis
