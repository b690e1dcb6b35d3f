// SPDX-License-Identifier: Apache-2.0
#include "prepared_transaction.h"

#include <limits>

#include "streampark/connectors/state_bytes.h"

namespace streampark::connectors::kafka {

std::string TransactionalId(const std::string& prefix, const WriterId& writer,
                            const std::string& token, std::int64_t number) {
  return prefix + "-" + writer.lineage + "-" + std::to_string(writer.subtask) + "-" + token + "-" +
         std::to_string(number) + "-" + writer.sink;
}

bool IsTransactionOf(const std::string& prefix, const WriterId& lineage, std::string_view id) {
  const std::string begin = prefix + "-" + lineage.lineage + "-";
  if (!id.starts_with(begin)) {
    return false;
  }
  id.remove_prefix(begin.size());
  for (int part = 0; part < 3; ++part) {  // subtask, token, number
    const auto end = id.find_first_not_of("0123456789abcdef");
    if (end == 0 || end == std::string_view::npos || id[end] != '-') {
      return false;
    }
    id.remove_prefix(end + 1);
  }
  return id == lineage.sink;
}

Committable PreparedTransaction::ToCommittable(int subtask, std::uint64_t sequence) const {
  StateWriter out;
  out.Text(id).Number(producer_id).Number(epoch).Number(begun_ms);
  out.Text(topic).Number(partition).Number(offset);
  return {.subtask = subtask, .sequence = sequence, .version = kVersion, .bytes = out.Take()};
}

base::Result<PreparedTransaction> PreparedTransaction::From(const Committable& committable) {
  StateReader in(committable.bytes);
  PreparedTransaction read;
  read.id = in.Text();
  read.producer_id = in.Number();
  const std::int64_t epoch = in.Number();
  read.epoch = static_cast<std::int16_t>(epoch);
  read.begun_ms = in.Number();
  read.topic = in.Text();
  const std::int64_t partition = in.Number();
  read.partition = static_cast<std::int32_t>(partition);
  read.offset = in.Number();
  if (committable.version != kVersion || !in.done() || read.id.empty() || epoch != read.epoch ||
      read.id.size() > std::numeric_limits<std::int16_t>::max() || partition != read.partition) {
    return base::Error(base::ErrorCode::kSnapshotInvalid, "this is no transaction of Kafka");
  }
  return read;
}

}  // namespace streampark::connectors::kafka
