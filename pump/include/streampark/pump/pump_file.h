// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/core/config.h"

namespace streampark::pump {

/// A type or an expression for a column, with its place for errors.
struct Computed {
  std::string column;
  std::string text;
  std::string place;   // `job.yaml:12:15: 'pump.transforms.-.set.total'`
  std::string origin;  // `job.yaml:12`
};

/// What a column's values become, so that nobody knows them.
struct Mask {
  enum class Kind : std::uint8_t {
    kHide,  // texts become `****`, all others null
    kNull,
    kConstant,  // `text`
    kCover,     // all but the first and last characters become `text`
    kHash,      // HMAC with SHA-256, whose key is the value of `salt` in the file's config
  };
  std::string column;
  Kind kind = Kind::kHide;
  std::string text;
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::string salt;
  std::string place;
  std::string origin;
};

/// What becomes of the tables that a pattern names.
struct TableRule {
  std::string tables;                // `shop.orders`, `shop.*`
  std::vector<std::string> columns;  // those that are read; none: all
  std::string where;                 // in the source's own language
  std::vector<Computed> casts;       // types
  Computed filter;                   // a condition of ours; without a text: none
  std::vector<Computed> sets;        // columns that are computed
  std::vector<Mask> masks;
  std::vector<std::string> drop;              // columns that are read and not written
  std::map<std::string, std::string> rename;  // columns
  std::string route;                          // the target; empty: of the same name
  std::string origin;                         // `job.yaml:12`

  /// The first key that looks into rows: they are decoded for it. Empty: none does.
  std::string looks_into_rows() const;
};

/// A pump job as its file says it, checked as far as it can be without asking anybody.
struct PumpFile {
  std::string name;
  /// `source.*` and `sink.*` as the connectors' tables have them, `native.*`; secrets unresolved.
  JobConfig config;
  std::string source;  // connectors
  std::string sink;
  std::vector<std::string> tables;  // patterns; empty: what the source's own options name
  std::string schema;               // of the targets; empty: the target's own
  bool create = false;              // targets that are missing
  bool indexes = true;              // of those: indexes, counters and foreign keys
  std::vector<TableRule> rules;     // the first that names a table counts

  /// Reads a job file (apiVersion, kind, metadata, spec.pump) or its short form (name, pump). JOB_FILE_INVALID with file, line and column,
  /// and the nearest name of what is unknown.
  static base::Result<PumpFile> Parse(std::string_view yaml, const std::string& file_name);
  static base::Result<PumpFile> Load(const std::filesystem::path& file);
};

}  // namespace streampark::pump
