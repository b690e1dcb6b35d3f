// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "streampark/connectors/sink.h"

#include "columns.h"
#include "connection.h"
#include "key_template.h"

namespace streampark::connectors::redis {

/// How a row of an append type is added.
struct Addition {
  enum class Command : std::uint8_t { kXadd, kRpush, kLpush };
  Command command = Command::kXadd;
  std::int64_t max_length = 0;  // of a stream, about; 0: none
};

struct SinkPlan {
  Server server;
  KeyType type = KeyType::kStream;
  KeyTemplate key;
  ColumnPlan columns;
  std::optional<base::Millis> ttl;  // of strings and hashes
  Addition addition;                // of streams and lists
  Delivery delivery = Delivery::kUpsert;
  std::string staging_prefix;

  /// Rows replace others by their key.
  bool by_key() const { return type == KeyType::kString || type == KeyType::kHash; }
};

std::unique_ptr<Sink> MakeRedisSink(SinkPlan plan);

}  // namespace streampark::connectors::redis
