// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/source.h"
#include "streampark/formats/format.h"

#include "byte_stream.h"

/// Reading one split of a file.
///
/// A split is a whole file, or a range of bytes of one. A range has the records that begin in it: one that begins later than the
/// file does goes past the first line end at its first byte or after the byte before it, and every one reads its last record to the end.
namespace streampark::connectors::file {

/// Where a split is, and how far it is read. Offsets are of what a format sees: of unpacked bytes.
struct SplitPlace {
  static constexpr std::int64_t kToTheEnd = -1;
  static constexpr std::int64_t kNotBegun = -1;

  std::string path;
  std::int64_t size = 0;  // of the file when it was found
  std::int64_t begin = 0;
  std::int64_t end = kToTheEnd;
  std::int64_t next = kNotBegun;  // the first byte that is not read yet
  std::int64_t records = 0;       // that were read since `begin`

  Position ToPosition() const;
  /// SNAPSHOT_INVALID.
  static base::Result<SplitPlace> From(const Position& position);
};

/// What the splits of a source are read with.
struct ReadPlan {
  std::shared_ptr<FileStore> store;
  SchemaPtr schema;
  std::function<base::Result<std::unique_ptr<formats::RowDecoder>>()> make_decoder;
  std::function<Compression(const std::string& path)> compression_of;
  std::int64_t batch_rows = 0;
};

class SplitFile {
 public:
  /// NOT_FOUND when the file is gone; INVALID_REQUEST when it is shorter than it was, or does not begin as its format says.
  static base::Result<std::unique_ptr<SplitFile>> Open(const ReadPlan& plan, SplitPlace place);

  /// Appends rows until there are some, or some that are dirty, or the end. An error is of the file: it cannot be read on.
  base::Status Read(BatchBuilder& rows, std::vector<DirtyRecord>& dirty);
  bool ended() const { return ended_; }
  const SplitPlace& place() const { return place_; }

 private:
  SplitFile(const ReadPlan& plan, SplitPlace place) : plan_(plan), place_(std::move(place)) {}

  base::Status Begin();
  base::Status GoToFirstRecord(std::int64_t head);
  base::Status GoTo(std::int64_t offset);
  base::Status Fill();
  std::string_view Unread() const { return std::string_view(buffer_).substr(used_); }
  /// What may be decoded now of what is there, and whether it is the split's last.
  std::string_view Decodable(formats::ChunkEnd& end) const;
  std::string Where(std::int64_t offset, std::int64_t record) const;
  base::Error Annotated(base::Error error) const;

  const ReadPlan& plan_;
  SplitPlace place_;
  std::unique_ptr<formats::RowDecoder> decoder_;
  std::unique_ptr<ByteStream> stream_;
  std::string buffer_;
  std::size_t used_ = 0;    // of the buffer
  std::int64_t reach_ = 0;  // the offset that follows the buffer
  bool at_end_ = false;     // of the file, with the buffer
  bool ended_ = false;
  std::vector<formats::RefusedRecord> refused_;
};

}  // namespace streampark::connectors::file
