// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace streampark::flights {

/// How far a log has been released: its first `row` rows of round `lap` (0 is the data's own year).
struct Position {
  int lap = 0;
  std::size_t row = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

/// Tells which files of a folder were opened for reading and closed again. Where the system grants
/// no watch, it knows nothing.
class ReadWatch {
 public:
  explicit ReadWatch(const std::filesystem::path& folder);
  ~ReadWatch();
  ReadWatch(ReadWatch&& other) noexcept;
  ReadWatch& operator=(ReadWatch&&) = delete;

  bool works() const { return fd_ >= 0; }

  /// The names of files closed by readers since the last call.
  std::vector<std::string> TakeClosed();

 private:
  int fd_;
};

/// A folder into which files are released, one after another, for Flink's filesystem source.
///
/// The newest file's name (`flights-000001-0012345.json`: lap and row after its last one) is the
/// only record of how far the release went, so there is nothing that a crash could leave out of
/// step with the files. A file is written under a hidden name, which Flink ignores, and renamed
/// when it is whole and on disk.
///
/// Flink remembers the paths that it has read, so a name is never used for other contents.
class ReleaseFolder {
 public:
  /// Makes the folder if need be, and clears away what an interrupted release left.
  ReleaseFolder(std::filesystem::path folder, std::string_view prefix);

  /// Where the newest files end, oldest first, `count` at most.
  std::vector<Position> Newest(std::size_t count) const;

  /// Whether a reader has closed the newest file since it was released. What was there already when
  /// this object was made counts as read.
  bool NewestWasRead();

  /// Makes `content` visible as the file that ends at `end`.
  void Release(Position end, std::string_view content);

  /// Deletes the oldest files until `keep` are left.
  void Prune(std::size_t keep) const;

 private:
  std::filesystem::path folder_;
  std::string prefix_;
  ReadWatch watch_;
  std::string unread_;  // name of the newest file, until a reader has closed it
};

/// Writes a file so that a reader sees nothing or all of it, also after a power failure.
void WriteWhole(const std::filesystem::path& file, std::string_view content);

/// Deletes the oldest visible files of `folder` (by time of change) until `keep` are left; a folder
/// that is not there has none.
void PruneByAge(const std::filesystem::path& folder, std::size_t keep);

}  // namespace streampark::flights
