// SPDX-License-Identifier: Apache-2.0
#include "split_stream.h"

#include <algorithm>

namespace streampark::connectors::file {
namespace {

using formats::ChunkEnd;

constexpr std::size_t kLeastChunk = 4U << 10U;
constexpr std::size_t kChunk = 512U << 10U;
constexpr std::size_t kMostOfARecord = 300U << 20U;  // above the largest block of an Avro file

class SplitStream final : public SplitFile {
 public:
  SplitStream(const ReadPlan& plan, SplitPlace place, BatchBuilder& rows)
      : SplitFile(std::move(place)), plan_(plan), rows_(rows) {}

  base::Status Begin();
  base::Result<std::unique_ptr<Batch>> Read(std::vector<DirtyRecord>& dirty) override;
  base::Error Annotated(base::Error error) const;

 private:
  base::Status GoToFirstRecord(std::int64_t head);
  base::Status GoTo(std::int64_t offset);
  base::Status Fill();
  /// Appends rows until there are some, or some that are dirty, or the end.
  base::Status Append(std::vector<DirtyRecord>& dirty);
  std::string_view Unread() const { return std::string_view(buffer_).substr(used_); }
  /// What may be decoded now of what is there, and whether it is the split's last.
  std::string_view Decodable(formats::ChunkEnd& end) const;
  std::string Where(std::int64_t offset, std::int64_t record) const;

  const ReadPlan& plan_;
  BatchBuilder& rows_;
  std::unique_ptr<formats::RowDecoder> decoder_;
  std::unique_ptr<ByteStream> stream_;
  std::string buffer_;
  std::size_t used_ = 0;    // of the buffer
  std::int64_t reach_ = 0;  // the offset that follows the buffer
  bool at_end_ = false;     // of the file, with the buffer
  std::vector<formats::RefusedRecord> refused_;
};

base::Status SplitStream::Begin() {
  auto input = SP_TRY(plan_.store->Open(place_.path));
  const auto compression = plan_.compression_of(place_.path);
  const auto size = SP_TRY(input->Size());
  if (size < place_.size || (compression == Compression::kNone && size < place_.next)) {
    return FileHasChanged(place_, size);
  }
  stream_ = MakeByteStream(std::move(input), compression);
  decoder_ = SP_TRY(plan_.make_decoder());
  for (;;) {
    const auto head = SP_TRY(
        decoder_->ReadHead(buffer_, at_end_ ? ChunkEnd::kEndOfStream : ChunkEnd::kMoreFollows));
    if (head) {
      return GoToFirstRecord(static_cast<std::int64_t>(*head));
    }
    SP_TRY(Fill());
  }
}

base::Status SplitStream::GoToFirstRecord(std::int64_t head) {
  if (place_.next != SplitPlace::kNotBegun) {
    return GoTo(place_.next);
  }
  if (place_.begin <= head) {
    place_.next = head;
    return GoTo(head);
  }
  SP_TRY(GoTo(place_.begin - 1));
  for (;;) {
    const auto newline = Unread().find('\n');
    if (newline != std::string_view::npos) {
      used_ += newline + 1;
      break;
    }
    used_ = buffer_.size();
    if (at_end_) {
      break;
    }
    SP_TRY(Fill());
  }
  place_.next = reach_ - static_cast<std::int64_t>(Unread().size());
  return base::Ok();
}

base::Status SplitStream::GoTo(std::int64_t offset) {
  const std::int64_t first = reach_ - static_cast<std::int64_t>(buffer_.size());
  if (offset >= first && offset <= reach_) {
    used_ = static_cast<std::size_t>(offset - first);
    return base::Ok();
  }
  buffer_.clear();
  used_ = 0;
  reach_ = offset;
  return stream_->SkipTo(offset);
}

base::Status SplitStream::Fill() {
  buffer_.erase(0, used_);
  used_ = 0;
  const std::size_t kept = buffer_.size();
  if (kept >= kMostOfARecord) {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       "a record is longer than " + std::to_string(kMostOfARecord >> 20U) + " MiB")
        .WithHint("is it a file of this format?");
  }
  // A small file needs no large buffer.
  const auto whole = static_cast<std::size_t>(place_.size) + 1;
  const std::size_t more = std::max(std::clamp(whole, kLeastChunk, kChunk), kept);
  buffer_.resize(kept + more);
  auto read = stream_->Read(buffer_.data() + kept, more);
  buffer_.resize(kept + (read.ok() ? *read : 0));
  const std::size_t count = SP_TRY(std::move(read));
  reach_ += static_cast<std::int64_t>(count);
  at_end_ = count == 0;
  return base::Ok();
}

std::string_view SplitStream::Decodable(ChunkEnd& end) const {
  std::string_view bytes = Unread();
  end = at_end_ ? ChunkEnd::kEndOfStream : ChunkEnd::kMoreFollows;
  if (place_.end == SplitPlace::kToTheEnd || reach_ < place_.end) {
    return bytes;
  }
  // The last record holds the split's last byte.
  const auto last = static_cast<std::size_t>(place_.end - 1 - place_.next);
  const auto newline = bytes.find('\n', last);
  if (newline != std::string_view::npos) {
    end = ChunkEnd::kEndOfStream;
    bytes = bytes.substr(0, newline + 1);
  }
  return bytes;
}

base::Result<std::unique_ptr<Batch>> SplitStream::Read(std::vector<DirtyRecord>& dirty) {
  auto done = Append(dirty);
  if (done.ok() && rows_.length() > 0) {
    return rows_.Finish();
  }
  if (done.ok()) {
    return nullptr;
  }
  // What was decoded is at no position: whoever tries again gets it again.
  rows_.Recycle(rows_.Finish());
  return Annotated(std::move(done).error());
}

base::Status SplitStream::Append(std::vector<DirtyRecord>& dirty) {
  while (!ended_ && rows_.length() == 0 && dirty.empty()) {
    if (place_.end != SplitPlace::kToTheEnd && place_.next >= place_.end) {
      ended_ = true;
      break;
    }
    ChunkEnd end{};
    const std::string_view bytes = Decodable(end);
    refused_.clear();
    auto decoded = decoder_->DecodeChunk(bytes, end, {.rows = plan_.batch_rows}, rows_, refused_);
    if (!decoded.ok()) {
      return std::move(decoded).error();
    }
    for (auto& record : refused_) {
      dirty.push_back({.where = Where(place_.next + static_cast<std::int64_t>(record.at),
                                      place_.records + record.record),
                       .reason = std::move(record.reason),
                       .bytes = std::move(record.bytes)});
    }
    used_ += decoded->consumed;
    place_.next += static_cast<std::int64_t>(decoded->consumed);
    place_.records += decoded->records;
    if (decoded->consumed > 0) {
      ended_ = end == ChunkEnd::kEndOfStream && decoded->consumed == bytes.size();
    } else if (end == ChunkEnd::kEndOfStream) {
      if (!bytes.empty()) {
        return base::Error(base::ErrorCode::kInvalidRequest, "the file ends within a record");
      }
      ended_ = true;
    } else {
      SP_TRY(Fill());
    }
  }
  return base::Ok();
}

std::string SplitStream::Where(std::int64_t offset, std::int64_t record) const {
  return place_.path + ", " +
         (place_.begin == 0 ? "record " + std::to_string(record + 1) + ", " : "") + "byte " +
         std::to_string(offset);
}

base::Error SplitStream::Annotated(base::Error error) const {
  const auto at = std::max<std::int64_t>(place_.next, 0);
  return std::move(error).Annotate(Where(at, place_.records));
}

}  // namespace

base::Result<std::unique_ptr<SplitFile>> OpenSplitStream(const ReadPlan& plan, SplitPlace place,
                                                         BatchBuilder& rows) {
  auto file = std::make_unique<SplitStream>(plan, std::move(place), rows);
  if (auto begun = file->Begin(); !begun.ok()) {
    return file->Annotated(std::move(begun).error());
  }
  return file;
}

}  // namespace streampark::connectors::file
