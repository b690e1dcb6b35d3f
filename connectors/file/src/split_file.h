// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/source.h"
#include "streampark/formats/file_decoder.h"
#include "streampark/formats/format.h"

#include "byte_stream.h"

/// Reading one split of a file.
///
/// A split is a whole file, or a range of bytes of one. A range has the records, or the row groups, that begin in it.
namespace streampark::connectors::file {

/// Where a split is, and how far it is read. Bytes are those that a format sees: unpacked ones.
struct SplitPlace {
  static constexpr std::int64_t kToTheEnd = -1;
  static constexpr std::int64_t kNotBegun = -1;

  std::string path;
  std::int64_t size = 0;  // of the file when it was found
  std::int64_t begin = 0;
  std::int64_t end = kToTheEnd;
  std::int64_t next =
      kNotBegun;  // what is not read yet: the first byte, or of row groups the first row of the file
  std::int64_t records = 0;  // that were read since `begin`

  Position ToPosition() const;
  /// SNAPSHOT_INVALID.
  static base::Result<SplitPlace> From(const Position& position);
};

/// What the splits of a source are read with.
struct ReadPlan {
  std::shared_ptr<FileStore> store;
  SchemaPtr schema;
  std::function<base::Result<std::unique_ptr<formats::RowDecoder>>()> make_decoder;
  std::shared_ptr<const formats::FileDecoder>
      file_decoder;  // in its place, of formats that are read at places
  std::function<Compression(const std::string& path)> compression_of;
  std::int64_t batch_rows = 0;
};

class SplitFile {
 public:
  /// Builds batches in `rows`, where it has none of its own. NOT_FOUND when the file is gone; INVALID_REQUEST when it is shorter than it was, or
  /// is none of its format.
  static base::Result<std::unique_ptr<SplitFile>> Open(const ReadPlan& plan, SplitPlace place,
                                                       BatchBuilder& rows);
  virtual ~SplitFile() = default;

  /// Some rows, or none with some that are dirty, or at the end. An error is of the file: it cannot be read on.
  virtual base::Result<std::unique_ptr<Batch>> Read(std::vector<DirtyRecord>& dirty) = 0;
  bool ended() const { return ended_; }
  const SplitPlace& place() const { return place_; }

 protected:
  explicit SplitFile(SplitPlace place) : place_(std::move(place)) {}

  SplitPlace place_;
  bool ended_ = false;
};

/// INVALID_REQUEST: the file is not what it was when it was found.
base::Error FileHasChanged(const SplitPlace& place, std::int64_t size);

}  // namespace streampark::connectors::file
