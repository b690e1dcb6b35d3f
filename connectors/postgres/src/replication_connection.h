// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/connectors/sql/address.h"

#include "libpq.h"
#include "lsn.h"

namespace streampark::connectors::postgres {

/// A connection that a server streams its log over, from a replication slot, as pgoutput writes it. Used by one thread at a time.
class ReplicationConnection {
 public:
  /// FORBIDDEN when the user may not replicate.
  static base::Result<std::unique_ptr<ReplicationConnection>> Connect(const sql::Address& address);

  struct Server {
    std::string system;  // the number that a cluster is given when it is made; standbys share it
    Lsn end;             // of its log
  };
  base::Result<Server> Identify();

  /// Begins the stream: what is committed at `from` or later. Nobody else may be reading the slot.
  base::Status Start(const std::string& slot, const std::string& publication, Lsn from);
  /// A frame's bytes, good until the next call; absent when none is there yet. IO_ERROR also when the server has ended the stream.
  base::Result<std::optional<std::string_view>> Next();
  enum class Woken : std::uint8_t { kBySomething, kByNobody };
  /// Waits for something to come, or until `wake` (a descriptor) can be read.
  base::Result<Woken> WaitFor(base::Millis patience, int wake);
  base::Status Send(const std::string& frame);

 private:
  struct FreeBytes {
    const Libpq* pq;
    void operator()(char* bytes) const { pq->PQfreemem(bytes); }
  };

  ReplicationConnection(const Libpq& pq, ConnectionPtr connection)
      : pq_(pq), connection_(std::move(connection)), frame_(nullptr, FreeBytes{&pq}) {}

  const Libpq& pq_;
  const ConnectionPtr connection_;
  std::unique_ptr<char, FreeBytes> frame_;
};

}  // namespace streampark::connectors::postgres
