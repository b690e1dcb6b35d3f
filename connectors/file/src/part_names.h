// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "streampark/base/result.h"
#include "streampark/connectors/sink.h"

/// What a sink leaves in its folder:
///
///   .streampark/LINEAGE-SINK/SUBTASK-TOKEN-N  a part that is written, or prepared: nobody sees it
///   .streampark/LINEAGE-SINK/committed        the newest checkpoint whose parts are, or are being, published
///   SINK-LINEAGE-CHECKPOINT-SUBTASK-N.json    a part that is published
namespace streampark::connectors::file {

/// Names of people in file names: letters, digits and `_` as they are, other bytes as `%2F`; long ones end in a digest.
std::string EscapedName(std::string_view name);

/// Of a folder's staging, relative to it.
std::string StagingOf(const WriterId& id);
inline constexpr std::string_view kCommittedNote = "committed";

/// A part that is prepared, as its committable's bytes have it; names are relative to the sink's folder.
struct PreparedPart {
  std::string staging;
  std::string staged;  // its name in the staging
  std::string published;

  Committable ToCommittable(int subtask, std::uint64_t sequence) const;
  /// SNAPSHOT_INVALID, also for names that lead out of the folder.
  static base::Result<PreparedPart> From(const Committable& committable);
};

/// How the N-th part of a checkpoint is published.
std::string PublishedName(const WriterId& id, std::uint64_t sequence, std::size_t n,
                          std::string_view ending);

}  // namespace streampark::connectors::file
