// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>
#include <sys/types.h>

#include "streampark/base/process.h"
#include "streampark/engines/engine.h"

namespace streampark::native {

/// `file:///a/b` and `/a/b` as a path; empty for another scheme.
std::filesystem::path PathOf(std::string_view uri);
std::string UriOf(const std::filesystem::path& path);

/// A regular file of one name, opened without following a link: what stands in a job's own folder may be a stranger's doing.
base::Result<std::string> ReadOwn(const std::filesystem::path& file, std::size_t limit = 8U << 20U);

/// The folder of one job (docs/adr/0029-native-engine.md has its layout), read only. `owner` is the user who runs it. A value.
class JobFolder {
 public:
  JobFolder(std::filesystem::path path, uid_t owner) : path_(std::move(path)), owner_(owner) {}

  const std::filesystem::path& path() const { return path_; }
  std::string id() const { return path_.filename().string(); }
  /// Once its supervisor has said that it lives.
  bool exists() const;
  std::filesystem::path job() const { return path_ / "job.json"; }
  std::filesystem::path cancelled() const { return path_ / "cancelled"; }
  std::filesystem::path requests() const { return path_ / "requests"; }
  std::filesystem::path request(std::string_view id) const { return requests() / id; }
  std::filesystem::path run() const { return path_ / "run"; }
  std::filesystem::path answer(std::string_view id) const { return run() / "answers" / id; }

  /// The supervisor, while it lives and is the owner's process.
  std::optional<base::ProcessId> Supervisor() const;
  /// An object, empty when the file is not there or is none.
  boost::json::object Read(const std::filesystem::path& file) const;

  engines::JobObservation Observe() const;
  engines::CheckpointStatistics Checkpoints() const;
  std::vector<engines::ExceptionObservation> Exceptions() const;
  engines::JobGraph Graph() const;
  engines::JobRates Rates() const;
  std::int64_t Restarts() const;
  /// The parallelism that it was submitted with.
  int Slots() const;

 private:
  std::filesystem::path path_;
  uid_t owner_;
};

/// Checkpoints and savepoints that are whole below `folder`, the newest first; those deeper than `depth` folders are not looked for.
struct WholeSnapshot {
  std::filesystem::path path;
  base::Timestamp completed_at;
  std::int64_t size_bytes = 0;
};
std::vector<WholeSnapshot> WholeSnapshotsBelow(const std::filesystem::path& folder, int depth);
/// 7 of chk-7; 0 for another name.
std::int64_t NumberOf(const std::filesystem::path& snapshot);

}  // namespace streampark::native
