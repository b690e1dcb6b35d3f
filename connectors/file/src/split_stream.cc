// SPDX-License-Identifier: Apache-2.0
#include "split_file.h"

#include <algorithm>

#include "streampark/connectors/state_bytes.h"

namespace streampark::connectors::file {
namespace {

using formats::ChunkEnd;

constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kLeastChunk = 4U << 10U;
constexpr std::size_t kChunk = 512U << 10U;
constexpr std::size_t kMostOfARecord = 300U << 20U;  // above the largest block of an Avro file

}  // namespace

Position SplitPlace::ToPosition() const {
  return {kVersion, StateWriter()
                        .Text(path)
                        .Number(size)
                        .Number(begin)
                        .Number(end)
                        .Number(next)
                        .Number(records)
                        .Take()};
}

base::Result<SplitPlace> SplitPlace::From(const Position& position) {
  StateReader in(position.bytes);
  SplitPlace place{.path = std::string(in.Text()),
                   .size = in.Number(),
                   .begin = in.Number(),
                   .end = in.Number(),
                   .next = in.Number(),
                   .records = in.Number()};
  const bool good = in.done() && place.path.starts_with('/') && place.size >= 0 &&
                    place.begin >= 0 && place.end >= kToTheEnd && place.next >= kNotBegun &&
                    place.records >= 0;
  if (position.version != kVersion || !good) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "'" + position.bytes + "' is no position in a file");
  }
  return place;
}

base::Result<std::unique_ptr<SplitFile>> SplitFile::Open(const ReadPlan& plan, SplitPlace place) {
  auto file = std::unique_ptr<SplitFile>(new SplitFile(plan, std::move(place)));
  if (auto begun = file->Begin(); !begun.ok()) {
    return file->Annotated(std::move(begun).error());
  }
  return file;
}

base::Status SplitFile::Begin() {
  auto input = SP_TRY(plan_.store->Open(place_.path));
  const auto compression = plan_.compression_of(place_.path);
  const auto size = SP_TRY(input->Size());
  if (size < place_.size || (compression == Compression::kNone && size < place_.next)) {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       "the file had " + std::to_string(place_.size) +
                           " bytes when it was found and has " + std::to_string(size))
        .WithHint(
            "files may not be changed once they can be found: write them aside, then rename them");
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

base::Status SplitFile::GoToFirstRecord(std::int64_t head) {
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

base::Status SplitFile::GoTo(std::int64_t offset) {
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

base::Status SplitFile::Fill() {
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

std::string_view SplitFile::Decodable(ChunkEnd& end) const {
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

base::Status SplitFile::Read(BatchBuilder& rows, std::vector<DirtyRecord>& dirty) {
  while (!ended_ && rows.length() == 0 && dirty.empty()) {
    if (place_.end != SplitPlace::kToTheEnd && place_.next >= place_.end) {
      ended_ = true;
      break;
    }
    ChunkEnd end{};
    const std::string_view bytes = Decodable(end);
    refused_.clear();
    auto decoded = decoder_->DecodeChunk(bytes, end, {.rows = plan_.batch_rows}, rows, refused_);
    if (!decoded.ok()) {
      return Annotated(std::move(decoded).error());
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
        return Annotated({base::ErrorCode::kInvalidRequest, "the file ends within a record"});
      }
      ended_ = true;
    } else if (auto filled = Fill(); !filled.ok()) {
      return Annotated(std::move(filled).error());
    }
  }
  return base::Ok();
}

std::string SplitFile::Where(std::int64_t offset, std::int64_t record) const {
  return place_.path + ", " +
         (place_.begin == 0 ? "record " + std::to_string(record + 1) + ", " : "") + "byte " +
         std::to_string(offset);
}

base::Error SplitFile::Annotated(base::Error error) const {
  const auto at = std::max<std::int64_t>(place_.next, 0);
  return std::move(error).Annotate(Where(at, place_.records));
}

}  // namespace streampark::connectors::file
