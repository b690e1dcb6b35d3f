// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/descriptor.h"
#include "streampark/connectors/source.h"

#include "capture_plan.h"
#include "change_rows.h"
#include "log_place.h"
#include "replication_connection.h"

namespace streampark::connectors::postgres {

/// The split's name.
inline constexpr const char* kLogSplit = "log";

/// Reads a slot's stream from the split's place on:
///
/// | message   | place behind it                                              |
/// |-----------|--------------------------------------------------------------|
/// | begin     | in that transaction, behind none of its changes              |
/// | change    | one change further                                           |
/// | commit    | behind the transaction                                       |
/// | keepalive | between transactions: behind all that the server had by then |
///
/// A batch may end within a transaction, so that one of any size fits; a reader that goes on there is sent the whole transaction again, and
/// passes over the changes that it has read. The server may forget what an acknowledged place is behind of, and nothing else: so a restored
/// place is refused when the server has gone beyond it.
class CaptureReader final : public SplitReader {
 public:
  explicit CaptureReader(const CapturePlan& plan);

  base::Status Add(std::vector<Split> splits) override;
  base::Result<Rows> Read(base::Millis patience) override;
  std::vector<Split> Snapshot() const override;
  base::Status Acknowledge(const std::vector<Split>& positions) override;
  void WakeUp() override;
  void Recycle(std::unique_ptr<Batch> batch) override { rows_.Recycle(std::move(batch)); }

 private:
  enum class Waiting : std::uint8_t { kOver, kGoesOn };

  base::Status Connect();
  base::Status CheckPlace(const ReplicationConnection::Server& server, const Slot& slot) const;
  base::Status ReadOn(base::Millis patience, Rows& read);
  base::Result<Waiting> WaitUntil(base::SteadyTime deadline);
  /// Whether the time is up or WakeUp was called; tells the server of us when that is due.
  base::Result<Waiting> Look(base::SteadyTime deadline);
  void WaitForCall(base::Millis patience);
  /// False when the message has to wait for the next batch.
  base::Result<bool> Take(std::string_view frame, std::vector<DirtyRecord>& dirty);
  base::Status Take(const pgoutput::Keepalive& keepalive);
  base::Status Take(const pgoutput::Begin& begin);
  base::Status Take(const pgoutput::Commit& commit);
  base::Status Take(const pgoutput::Relation& relation);
  /// Whether the change is to be read: not one that was read before.
  base::Result<bool> IsNew();
  base::Status TellIfDue();
  base::Status SendStatus();

  const CapturePlan& plan_;
  const base::Descriptor wake_;    // an eventfd
  std::optional<LogPlace> place_;  // behind the last row that Read gave; absent without the split
  std::unique_ptr<ReplicationConnection> connection_;
  ChangeRows rows_;
  // Of the connection:
  LogPlace ahead_;  // behind the last row that was made
  bool in_transaction_ = false;
  std::int64_t to_pass_ = 0;              // changes of the transaction that were read before
  std::optional<std::string_view> held_;  // a frame that the next batch begins with
  base::SteadyTime told_at_;              // when the server last heard of us
  bool called_ = false;                   // at the last Look
  Lsn acknowledged_;
};

}  // namespace streampark::connectors::postgres
