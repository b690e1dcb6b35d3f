// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "streampark/base/result.h"
#include "streampark/console/jobs/job.h"

namespace streampark::console {

enum class SavepointChoice { kYes, kNo, kDrain };
std::string_view ToString(SavepointChoice choice);
std::optional<SavepointChoice> ParseSavepointChoice(std::string_view text);

struct Restore {
  enum class From { kLatest, kSnapshot, kPath, kNothing };
  From from = From::kLatest;
  std::string snapshot_id;
  std::string path;
  engines::ClaimMode mode = engines::ClaimMode::kNoClaim;
  bool allow_non_restored = false;
};
std::string_view ToString(Restore::From from);
std::optional<Restore::From> ParseRestoreFrom(std::string_view text);

/// A command to a job; JobCommand of the API.
struct JobCommand {
  OperationKind kind = OperationKind::kStart;
  std::optional<SavepointChoice> savepoint;
  engines::SnapshotFormat format = engines::SnapshotFormat::kCanonical;
  std::string name;  // of the savepoint
  std::string note;
  std::optional<Restore> restore;
  std::optional<int> parallelism;
  engines::Options options;
  std::optional<int> revision;
  std::optional<UpgradeMode> mode;  // of UPGRADE; the spec's when absent
  bool delete_snapshots = false;
  /// STOP NO, DELETE: an attempt whose cluster does not answer is given up, not waited for. Should it
  /// be seen again, it runs unwanted.
  bool abandon = false;
  std::string engine_job_id;  // ADOPT: the running job that becomes this one's attempt
};

/// VALIDATION_FAILED and UNKNOWN_FIELD with pointers: also for members that the kind does not take.
base::Result<JobCommand> CommandFromJson(const boost::json::value& value);
boost::json::object CommandToJson(const JobCommand& command);
base::Result<JobCommand> CommandFromText(std::string_view text);

}  // namespace streampark::console
