// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "streampark/base/result.h"

#include "s3_client.h"

namespace streampark::objects::s3 {

/// A folder that is claimed: an object `_lock` that says who has it, renewed for as long as it lives. Each write of it is conditional on the
/// one before (If-Match), so that of two who believe that they have it one is told.
///
/// | the object         | is taken                                                                                      |
/// |--------------------|-----------------------------------------------------------------------------------------------|
/// | not there          | by writing it where there is none (If-None-Match)                                             |
/// | given back         | at once                                                                                       |
/// | of a process that  |                                                                                               |
/// | … is dead, by the word of this machine | at once                                                                   |
/// | … lives on this machine                | never: DATA_FOLDER_IN_USE                                                 |
/// | … of another machine | when it was not renewed for a lease's time, for which is waited; DATA_FOLDER_IN_USE when it is |
///
/// A store that knows no such conditions is found out when the folder is claimed: there each write looks first, and two that come in the
/// same moment may both have it (weakness()). Thread-safe.
class FolderLease {
 public:
  /// The client outlives it.
  static base::Result<std::unique_ptr<FolderLease>> Take(S3Client& client, std::string key,
                                                         base::Millis lease,
                                                         const std::stop_token& stop);
  /// Gives it back, if the store can be reached.
  ~FolderLease();
  FolderLease(const FolderLease&) = delete;
  FolderLease& operator=(const FolderLease&) = delete;

  base::Status Confirm();
  base::Status Mark(std::uint64_t mark);
  std::optional<std::uint64_t> mark() const;
  const std::string& tag() const { return tag_; }
  const std::string& weakness() const { return weakness_; }

 private:
  /// What the object says.
  struct Said {
    std::string owner;  // a tag; empty: it was given back
    std::string host;
    std::string system;  // boot and process namespace: within it, process ids mean what they say
    int pid = 0;
    std::uint64_t start_ticks = 0;
    std::uint64_t beat = 0;  // so that no two writes are the same
    std::optional<std::uint64_t> mark;
  };
  struct Seen {
    Said said;
    std::string etag;
    base::Millis age{0};  // by the clock of the store
  };

  FolderLease(S3Client& client, std::string key, base::Millis lease);
  base::Status TakeFrom(const std::stop_token& stop);
  base::Result<std::optional<Seen>> Look(const std::stop_token& stop,
                                         std::optional<base::Millis> patience = {});
  /// Writes what `said_` says over the object with `etag`, empty: where there is none. False when another one is there.
  base::Result<bool> Write(const std::stop_token& stop, std::optional<base::Millis> patience = {});
  base::Status WriteOrLose(const std::stop_token& stop, std::optional<base::Millis> patience = {});
  base::Status FindWeakness(const std::stop_token& stop);
  base::Error InUse(const Said& by) const;
  void Renew(const std::stop_token& stop);

  static std::string ToText(const Said& said);
  static Said FromText(std::string_view text);

  S3Client& client_;
  const std::string key_;
  const base::Millis lease_;
  std::string tag_;
  std::string weakness_;
  mutable std::mutex mutex_;
  Said said_;
  std::string etag_;
  bool ours_ = false;  // since it was taken
  std::optional<base::Error> lost_;
  std::stop_token stop_;   // of the folder
  std::jthread renewing_;  // last: it uses the others
};

}  // namespace streampark::objects::s3
