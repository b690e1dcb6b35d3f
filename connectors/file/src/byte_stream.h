// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "file_store.h"

/// The bytes of a file as a format sees them: plain, or what a gzip file (RFC 1952, of one or more members) holds.
namespace streampark::connectors::file {

enum class Compression : std::uint8_t { kNone, kGzip };

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// The next bytes, at most `room`; 0 at the end. INVALID_REQUEST when it is no gzip, or cut.
  virtual base::Result<std::size_t> Read(char* to, std::size_t room) = 0;
  /// The next read gives what stands at `offset`, which is not before the place reached.
  virtual base::Status SkipTo(std::int64_t offset) = 0;
};

std::unique_ptr<ByteStream> MakeByteStream(std::unique_ptr<FileInput> file,
                                           Compression compression);

/// An output that compresses on its way to another.
std::unique_ptr<FileOutput> MakeGzipOutput(std::unique_ptr<FileOutput> file);

}  // namespace streampark::connectors::file
