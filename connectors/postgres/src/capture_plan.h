// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/connectors/connector.h"
#include "streampark/connectors/sql/address.h"
#include "streampark/connectors/sql/session.h"

#include "capture_catalog.h"

namespace streampark::connectors::postgres {

/// What surrounds a change: `metadata.NAME` names the column for it.
enum class Metadata : std::uint8_t { kLsn, kTime, kTable, kOp };
inline constexpr std::array<std::string_view, 4> kMetadataNames = {"lsn", "time", "table", "op"};

/// Where a column of the batches comes from.
struct CapturedColumn {
  std::string name;  // of the tables' column
  std::optional<Metadata> metadata;
};

struct CapturedTable {
  std::uint32_t oid = 0;
  sql::TableName name;
  sql::Names primary_key;
};

/// Where a job without a checkpoint begins.
enum class CaptureStart : std::uint8_t { kSlot, kNow, kLsn };

struct CapturePlan {
  sql::Address address;
  std::string what;  // for people: `the log of … by the slot orders`
  std::string slot;
  std::string publication;
  /// Whether to make them when they are missing.
  bool may_make_slot = false;
  bool may_make_publication = false;
  CaptureStart start = CaptureStart::kSlot;
  Lsn start_lsn;  // of kLsn
  std::vector<CapturedTable> tables;
  SchemaPtr schema;
  std::vector<CapturedColumn> columns;  // one a field of the schema
  std::int64_t batch_rows = 0;
  const base::Clock* clock = nullptr;
};

/// Those of `mode: changes` alone.
std::vector<OptionSpec> CaptureOptions();

/// Looks at the server, the tables and what they are captured by, and changes nothing. What would lose rows, or could not go on later, is
/// refused with the statement that mends it.
base::Result<CapturePlan> PlanCapture(sql::Address address, const Setup& setup);

/// Whether the plan's changes can be read from the slot; that somebody else is reading it is no matter here.
base::Status CheckSlot(const CapturePlan& plan, const std::optional<Slot>& slot);

/// Whether that publication has these columns of the table.
base::Status CheckPublished(const Publication& publication, const std::string& name,
                            const LoggedTable& table, const sql::Names& columns);

/// The statement that makes the plan's publication.
std::string MakePublication(const CapturePlan& plan);

}  // namespace streampark::connectors::postgres
