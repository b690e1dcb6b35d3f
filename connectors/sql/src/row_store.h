// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "streampark/connectors/sink.h"
#include "streampark/connectors/sql/session.h"

#include "sql_sink.h"

namespace streampark::connectors::sql {

/// Brings rows of batches into one table by a loader, and finds those that it cannot take: what a column cannot hold before it is sent, what
/// the server refuses by halving between savepoints. Each is a dirty record, all others are stored.
class RowStore {
 public:
  /// The statements around a try: they begin it, take it back so that it can begin again, and end it.
  struct Try {
    std::vector<std::string> begin, again, end;
  };
  /// What follows rows that were sent, as a part of the same try.
  using Then = std::function<base::Status()>;

  RowStore(const SinkPlan& plan, std::string sink);

  /// What rows go through; both outlive the calls of Write. `columns` are the target's, in the order of the plan's schema.
  void Use(Session& session, Loader& loader, const std::vector<NativeColumn>& columns);
  /// How many rows are stored. After an error the session is of no more use.
  base::Result<std::size_t> Write(const Batch& batch, const Try& around, const Then& then,
                                  std::vector<DirtyRecord>& dirty);

 private:
  base::Status Execute(const std::vector<std::string>& statements);
  std::optional<std::string> Refusal(const Batch& batch, std::int64_t row) const;
  void AddDirty(const Batch& batch, std::int64_t row, std::string reason,
                std::vector<DirtyRecord>& dirty) const;
  base::Status Store(std::size_t first, std::size_t last, const Then& then);
  base::Status StoreWithoutBad(std::size_t first, std::size_t last, const Then& then,
                               const Batch& batch, std::vector<DirtyRecord>& dirty);

  const SinkPlan& plan_;
  const std::string sink_;
  std::vector<std::size_t> key_columns_;
  Session* session_ = nullptr;
  Loader* loader_ = nullptr;
  std::vector<NativeColumn> columns_;
  std::size_t stored_ = 0;
  std::int64_t next_number_ = 0;     // orders rows of one key
  std::vector<std::int64_t> taken_;  // the batch's rows that the loader has
};

}  // namespace streampark::connectors::sql
