// SPDX-License-Identifier: Apache-2.0
#include "byte_stream.h"

#include <algorithm>
#include <vector>

#include <zlib.h>

#include "streampark/base/check.h"

namespace streampark::connectors::file {
namespace {

constexpr std::size_t kPacked = 64U << 10U;
constexpr int kWithGzipHeader = 16 + MAX_WBITS;

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(std::unique_ptr<FileInput> file) : file_(std::move(file)) {}

  base::Result<std::size_t> Read(char* to, std::size_t room) override {
    const std::size_t count = SP_TRY(file_->ReadAt(at_, to, room));
    at_ += static_cast<std::int64_t>(count);
    return count;
  }
  base::Status SkipTo(std::int64_t offset) override {
    at_ = offset;
    return base::Ok();
  }

 private:
  std::unique_ptr<FileInput> file_;
  std::int64_t at_ = 0;
};

class GzipStream final : public ByteStream {
 public:
  explicit GzipStream(std::unique_ptr<FileInput> file) : file_(std::move(file)), packed_(kPacked) {
    const int begun = ::inflateInit2(&stream_, kWithGzipHeader);
    SP_CHECK(begun == Z_OK);
  }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;
  ~GzipStream() override { ::inflateEnd(&stream_); }

  base::Result<std::size_t> Read(char* to, std::size_t room) override {
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(room);
    while (stream_.avail_out == room) {
      if (stream_.avail_in == 0 && !SP_TRY(Fill())) {
        if (between_) {
          break;
        }
        return Bad("is cut short: its end is missing");
      }
      if (between_) {
        ::inflateReset(&stream_);
        between_ = false;
      }
      const int result = ::inflate(&stream_, Z_NO_FLUSH);
      if (result == Z_STREAM_END) {
        between_ = true;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return Bad(stream_.msg != nullptr ? stream_.msg : "cannot be unpacked");
      }
    }
    const std::size_t count = room - stream_.avail_out;
    at_ += static_cast<std::int64_t>(count);
    return count;
  }
  base::Status SkipTo(std::int64_t offset) override {
    std::vector<char> skipped(kPacked);
    while (at_ < offset) {
      const auto room = std::min<std::int64_t>(offset - at_, kPacked);
      if (SP_TRY(Read(skipped.data(), static_cast<std::size_t>(room))) == 0) {
        return Bad("holds " + std::to_string(at_) + " bytes, and was read to byte " +
                   std::to_string(offset));
      }
    }
    return base::Ok();
  }

 private:
  base::Result<bool> Fill() {
    const std::size_t count = SP_TRY(file_->ReadAt(packed_at_, packed_.data(), packed_.size()));
    packed_at_ += static_cast<std::int64_t>(count);
    stream_.next_in = reinterpret_cast<Bytef*>(packed_.data());
    stream_.avail_in = static_cast<uInt>(count);
    return count > 0;
  }
  base::Error Bad(const std::string& what) const {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       "the gzip file " + what + " (packed byte " +
                           std::to_string(packed_at_ - stream_.avail_in) + ")")
        .WithHint("compression = none reads a file as it is, whatever its name");
  }

  std::unique_ptr<FileInput> file_;
  std::vector<char> packed_;
  std::int64_t packed_at_ = 0;
  std::int64_t at_ = 0;
  z_stream stream_{};
  bool between_ = true;  // no member is begun
};

class GzipOutput final : public FileOutput {
 public:
  explicit GzipOutput(std::unique_ptr<FileOutput> file) : file_(std::move(file)), packed_(kPacked) {
    const int begun = ::deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kWithGzipHeader,
                                     8, Z_DEFAULT_STRATEGY);
    SP_CHECK(begun == Z_OK);
  }
  GzipOutput(const GzipOutput&) = delete;
  GzipOutput& operator=(const GzipOutput&) = delete;
  ~GzipOutput() override { ::deflateEnd(&stream_); }

  base::Status Write(std::string_view bytes) override { return Pack(bytes, Z_NO_FLUSH); }
  base::Status Close() override {
    SP_TRY(Pack("", Z_FINISH));
    return file_->Close();
  }

 private:
  base::Status Pack(std::string_view bytes, int flush) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(packed_.data());
      stream_.avail_out = static_cast<uInt>(packed_.size());
      const int result = ::deflate(&stream_, flush);
      SP_CHECK(result != Z_STREAM_ERROR);
      SP_TRY(file_->Write({packed_.data(), packed_.size() - stream_.avail_out}));
    } while (stream_.avail_out == 0);
    return base::Ok();
  }

  std::unique_ptr<FileOutput> file_;
  std::vector<char> packed_;
  z_stream stream_{};
};

}  // namespace

std::unique_ptr<ByteStream> MakeByteStream(std::unique_ptr<FileInput> file,
                                           Compression compression) {
  if (compression == Compression::kGzip) {
    return std::make_unique<GzipStream>(std::move(file));
  }
  return std::make_unique<PlainStream>(std::move(file));
}

std::unique_ptr<FileOutput> MakeGzipOutput(std::unique_ptr<FileOutput> file) {
  return std::make_unique<GzipOutput>(std::move(file));
}

}  // namespace streampark::connectors::file
