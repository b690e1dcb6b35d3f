// SPDX-License-Identifier: Apache-2.0
#include "log_place.h"

#include "streampark/connectors/state_bytes.h"

namespace streampark::connectors::postgres {
namespace {

constexpr std::uint16_t kVersion = 1;

}  // namespace

Position LogPlace::ToPosition() const {
  return {.version = kVersion,
          .bytes = StateWriter()
                       .Text(system)
                       .Text(behind.ToString())
                       .Text(half_read.ToString())
                       .Number(changes)
                       .Take()};
}

base::Result<LogPlace> LogPlace::From(const Position& position) {
  StateReader in(position.bytes);
  LogPlace place;
  place.system = in.Text();
  const auto behind = Lsn::Parse(in.Text());
  const auto half_read = Lsn::Parse(in.Text());
  place.changes = in.Number();
  if (position.version != kVersion || !in.done() || place.system.empty() || !behind ||
      !behind->valid() || !half_read || place.changes < 0 ||
      (!half_read->valid() && place.changes > 0)) {
    return base::Error(base::ErrorCode::kSnapshotInvalid, "this is no place in a server's log");
  }
  place.behind = *behind;
  place.half_read = *half_read;
  return place;
}

}  // namespace streampark::connectors::postgres
