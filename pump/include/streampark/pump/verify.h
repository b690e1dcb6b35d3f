// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/connectors/connector.h"
#include "streampark/pump/pump_file.h"

/// Whether the targets of a pump job hold what its sources hold (ADR 35).
namespace streampark::pump {

struct VerifyOptions {
  /// What differs is looked at again so often before it counts: a source or a target that changes meanwhile is only behind.
  int recheck = 0;
  /// Before each of these looks.
  base::Millis recheck_pause{1'000};
  /// The most differences of a table that are named; others are counted by range.
  std::size_t most = 100;
  /// Rows may be secrets: without kValues keys and names of columns alone are shown.
  enum class Show : std::uint8_t { kKeys, kValues } show = Show::kKeys;
};

/// Rows of one name, which are not the same on both sides.
struct RowDifference {
  enum class Kind : std::uint8_t {
    kMissing,    // at the target
    kExtra,      // at the target alone
    kDifferent,  // values
    kRepeated,   // more often on one side
  } kind = Kind::kMissing;
  struct Value {
    std::string column;
    std::string text;
    bool is_text = false;  // else a number, a time
  };
  std::vector<Value> key;  // empty of tables without one
  std::int64_t source_rows = 0;
  std::int64_t target_rows = 0;
  /// Of kDifferent: the columns, under the target's names; values when they are shown.
  struct Column {
    std::string name;
    std::optional<std::string> source, target;
  };
  std::vector<Column> columns;
  /// A table without a key has its whole rows here, when values are shown.
  std::optional<std::string> row;
};

/// A part of a table that is not the same on both sides.
struct RangeDifference {
  std::optional<std::string> low, high;  // of the first column of the key; absent: the table's ends
  std::int64_t source_rows = 0;
  std::int64_t target_rows = 0;
  /// Whether all of its differences are among the table's; else it was too much, or there were enough.
  bool named = false;
};

/// One target, and the tables that go into it.
struct TableVerdict {
  std::vector<std::string> sources;
  std::string target;
  enum class Kind : std::uint8_t { kEqual, kDifferent, kUnknown } kind = Kind::kUnknown;
  std::string why_unknown;
  std::vector<std::string>
      key;  // the target's names; empty: there is none, and differences are counted alone
  std::string range_column;           // empty: it was looked at as a whole
  std::vector<std::string> left_out;  // columns that not all of the sources have
  std::int64_t source_rows = 0;
  std::int64_t target_rows = 0;
  /// That were read, looks at parts that differ included.
  std::int64_t source_rows_read = 0;
  std::int64_t target_rows_read = 0;
  std::int64_t ranges = 0;
  std::int64_t different_ranges = 0;
  std::vector<RangeDifference> range_differences;  // at most kMostRangesListed
  std::vector<RowDifference> differences;          // at most VerifyOptions::most
  /// How many of each kind there are, in ranges that are named.
  std::int64_t missing = 0, extra = 0, different = 0, repeated = 0;
};

inline constexpr std::size_t kMostRangesListed = 100;

struct VerifyReport {
  std::vector<TableVerdict> tables;

  /// kDifferent when one is, else kUnknown when one is.
  TableVerdict::Kind kind() const;
  std::string ToText() const;
  std::string ToJson() const;
};

struct VerifyProgress {
  std::string table;  // the target
  std::int64_t rows = 0;
  std::optional<std::int64_t> estimated_rows;  // of both sides
  std::int64_t parts = 0;
  std::int64_t parts_done = 0;
  /// 1 and more: what differed is looked at again; told before each of these looks, too.
  int recheck = 0;
};

/// Reads both sides of each table that the file pairs, `split.parallelism` parts at a time, and says where they differ; memory does not grow with the
/// tables. `tell` is called now and then, by one thread at a time. An error is about the file or about all tables; what is about one table is in its
/// verdict. After a stop what was not read to its end is kUnknown. `connectors` and `clock` outlive the call.
base::Result<VerifyReport> Verify(const PumpFile& file,
                                  const connectors::ConnectorRegistry& connectors,
                                  const base::Clock& clock, const VerifyOptions& options,
                                  const std::function<void(const VerifyProgress&)>& tell = nullptr,
                                  std::stop_token stop = {});

}  // namespace streampark::pump
