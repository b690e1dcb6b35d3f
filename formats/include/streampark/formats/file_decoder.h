// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "streampark/formats/format.h"

/// Formats whose files are read at places, since their index stands at the end: `parquet`. Their rows lie in groups, each of which can be
/// read by itself. Written, they are streams like the others.
namespace streampark::formats {

/// The bytes of a file.
class FileBytes {
 public:
  virtual ~FileBytes() = default;
  virtual std::int64_t size() const = 0;
  /// Up to `room` bytes from `offset` on; 0 at the end.
  virtual base::Result<std::size_t> ReadAt(std::int64_t offset, char* to, std::size_t room) = 0;
};

/// A row of a file that is none of the schema.
struct RefusedRow {
  std::int64_t row = 0;  // which it is among those of a Read, from 0
  std::string reason;
  std::string text;  // what was read of it, for people
};

/// One open file, for one thread at a time.
class RowGroups {
 public:
  struct Group {
    std::int64_t begin = 0;  // its first byte, or that of one before it: they ascend
    std::int64_t rows = 0;
  };
  struct Rows {
    std::unique_ptr<Batch> batch;  // absent when all were refused
    std::int64_t count = 0;        // with the refused ones; 0 at the end of what was selected
    std::vector<RefusedRow> refused;
  };

  virtual ~RowGroups() = default;
  virtual const std::vector<Group>& groups() const = 0;
  /// What Read gives from then on: the rows of the groups from `first` on and before `end`, without the first `skipped`.
  virtual base::Status Select(std::size_t first, std::size_t end, std::int64_t skipped) = 0;
  /// The next rows. An error is of the file: it cannot be read on.
  virtual base::Result<Rows> Read() = 0;
};

class FileDecoder {
 public:
  virtual ~FileDecoder() = default;
  /// INVALID_REQUEST when it is no such file, or damaged; VALIDATION_FAILED names the column that it lacks or has in another type.
  virtual base::Result<std::unique_ptr<RowGroups>> Open(std::unique_ptr<FileBytes> file,
                                                        const BatchLimit& limit) const = 0;
};

/// Whether files of the options' `format` are read by a FileDecoder and not by a RowDecoder.
bool IsReadAtPlaces(const OptionValues& options);
/// Only for such a format. NOT_FOUND when what it needs is not installed here.
base::Result<std::unique_ptr<FileDecoder>> MakeFileDecoder(const OptionValues& options,
                                                           const FormatSetup& setup);

}  // namespace streampark::formats
