// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "streampark/base/result.h"
#include "streampark/connectors/source.h"

#include "lsn.h"

namespace streampark::connectors::postgres {

/// How far a log is read.
struct LogPlace {
  /// Of the server whose log it is (IDENTIFY_SYSTEM); places of another one mean nothing.
  std::string system;
  /// All that was committed before it is read.
  Lsn behind;
  /// The transaction that is read in part, by its commit, and how many of its changes are; no place: none.
  Lsn half_read;
  std::int64_t changes = 0;

  Position ToPosition() const;
  /// SNAPSHOT_INVALID.
  static base::Result<LogPlace> From(const Position& position);

  bool operator==(const LogPlace&) const = default;
};

}  // namespace streampark::connectors::postgres
