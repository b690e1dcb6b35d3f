// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

/// Where files lie: all that the connector asks of a file system, so that an object store may stand in its place (a staged
/// file is an upload there, and publishing completes it). Paths are absolute. Stores are thread-safe, files are not.
namespace streampark::connectors::file {

class FileInput {
 public:
  virtual ~FileInput() = default;
  /// Reads up to `room` bytes from `offset` on; 0 at the end.
  virtual base::Result<std::size_t> ReadAt(std::int64_t offset, char* to, std::size_t room) = 0;
  virtual base::Result<std::int64_t> Size() const = 0;
};

class FileOutput {
 public:
  virtual ~FileOutput() = default;
  virtual base::Status Write(std::string_view bytes) = 0;
  /// What was written survives a crash of the machine, once its folder is synced. Nothing follows it.
  virtual base::Status Close() = 0;
};

enum class Moved : std::uint8_t { kMoved, kNotThere };

class FileStore {
 public:
  struct Found {
    std::string path;
    std::int64_t size = 0;
  };

  virtual ~FileStore() = default;

  /// The files that `pattern` names, by path: a file, all in a folder and below, or a pattern with `*`, `?`, `[…]` and `**` for any
  /// folders. Names that begin with `.` or `_` are no one's to read, unless the pattern says so. NOT_FOUND when there can be none.
  virtual base::Result<std::vector<Found>> List(const std::string& pattern,
                                                std::stop_token stop) = 0;
  /// NOT_FOUND when it is gone.
  virtual base::Result<std::unique_ptr<FileInput>> Open(const std::string& path) = 0;

  /// A new file, and the folders it is in. IO_ERROR when it is there.
  virtual base::Result<std::unique_ptr<FileOutput>> Create(const std::string& path) = 0;
  /// Which names a folder has survives a crash of the machine.
  virtual base::Status SyncFolder(const std::string& folder) = 0;
  /// In one step, within one store; what was at `to` is replaced.
  virtual base::Result<Moved> Move(const std::string& from, const std::string& to) = 0;
  virtual base::Result<bool> Exists(const std::string& path) = 0;
  /// Of the files in a folder; none when there is no such folder.
  virtual base::Result<std::vector<std::string>> Names(const std::string& folder) = 0;
  /// Also when it is not there.
  virtual base::Status Remove(const std::string& path) = 0;
  /// A small text, replaced in one step and durable at once.
  virtual base::Status WriteNote(const std::string& path, std::string_view text) = 0;
  virtual base::Result<std::optional<std::string>> ReadNote(const std::string& path) = 0;
};

/// The file systems of this machine.
std::shared_ptr<FileStore> MakeLocalStore();

}  // namespace streampark::connectors::file
