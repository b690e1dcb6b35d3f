// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "streampark/connectors/sink.h"

namespace streampark::connectors::kafka {

/// `PREFIX-LINEAGE-SUBTASK-TOKEN-NUMBER-SINK`: whose a transaction is can be told from its id alone. The sink's name comes last, since it may hold
/// anything.
std::string TransactionalId(const std::string& prefix, const WriterId& writer,
                            const std::string& token, std::int64_t number);
/// Whether an id is of a writer of this lineage and sink, whatever its subtask.
bool IsTransactionOf(const std::string& prefix, const WriterId& lineage, std::string_view id);

/// A transaction that waits for its checkpoint: what a committable of this connector says.
struct PreparedTransaction {
  static constexpr std::uint16_t kVersion = 1;

  std::string id;
  std::int64_t producer_id = 0;
  std::int16_t epoch = 0;
  std::int64_t begun_ms =
      0;  // by the coordinator's clock: tells it from later ones of the same producer
  // One of its records, to look at when the coordinator has forgotten it.
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;

  Committable ToCommittable(int subtask, std::uint64_t sequence) const;
  /// SNAPSHOT_INVALID.
  static base::Result<PreparedTransaction> From(const Committable& committable);
};

}  // namespace streampark::connectors::kafka
