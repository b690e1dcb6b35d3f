// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <map>

#include <zlib.h>

#include "streampark/base/json.h"
#include "streampark/base/random.h"

#include "avro_reader.h"
#include "avro_writer.h"
#include "builtin.h"

/// Avro as single messages and as object container files:
///
///   message    plain: the datum
///              registry: 0, the schema's id in 4 bytes big-endian, the datum
///   container  `Obj` 1 · metadata (avro.schema, avro.codec) · 16 bytes of a mark
///              blocks: count · size · that many bytes of data · the mark
///
/// A container is read a block at a time, so rows may exceed the limit by those of one block.
namespace streampark::formats {
namespace {

constexpr std::size_t kMarkSize = 16;
constexpr std::size_t kBlockSize = 64U << 10U;
constexpr std::size_t kLargestBlock = 256U << 20U;
constexpr std::string_view kMagic("Obj\1", 4);

enum class Frame : std::uint8_t { kPlain, kRegistry };
enum class Codec : std::uint8_t { kNone, kDeflate };

base::Error BadStream(const std::string& what) {
  return {base::ErrorCode::kInvalidRequest, "the Avro file " + what};
}

/// Raw deflate (RFC 1951). False: it is none, or too large.
bool Inflate(std::string_view packed, std::string& out) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return false;
  }
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  int result = Z_OK;
  out.clear();
  while (result == Z_OK && out.size() < kLargestBlock) {
    const std::size_t before = out.size();
    out.resize(before + std::max<std::size_t>(packed.size() * 2, 4096));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = static_cast<uInt>(out.size() - before);
    result = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return result == Z_STREAM_END;
}

void Deflate(std::string_view plain, std::string& out) {
  z_stream stream{};
  const int begun =
      deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  SP_CHECK(begun == Z_OK);
  out.resize(deflateBound(&stream, static_cast<uLong>(plain.size())));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = deflate(&stream, Z_FINISH);
  SP_CHECK(ended == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
}

class AvroDecoder final : public RowDecoder {
 public:
  AvroDecoder(FormatSetup setup, Frame frame, AvroRows rows)
      : setup_(std::move(setup)), frame_(frame), own_(std::move(rows)) {}

  Refusal Decode(std::string_view message, BatchBuilder& rows) override {
    AvroRows* reader = &own_;
    if (frame_ == Frame::kRegistry) {
      if (message.size() < 5 || message[0] != '\0') {
        return "is not in Schema Registry's frame";
      }
      std::uint32_t id = 0;
      for (const char c : message.substr(1, 4)) {
        id = id << 8 | static_cast<std::uint8_t>(c);
      }
      message.remove_prefix(5);
      if (setup_.schema_of_id) {
        if (Refusal refusal = FindReader(id, reader)) {
          return refusal;
        }
      }
    }
    AvroCursor in(message);
    if (reader->ReadRow(in, rows, AvroRows::Rest::kRefused) != AvroRows::Outcome::kRow) {
      return reader->refusal();
    }
    return std::nullopt;
  }

  base::Result<std::optional<std::size_t>> ReadHead(std::string_view bytes, ChunkEnd end) override {
    using Head = std::optional<std::size_t>;
    if (!bytes.starts_with(kMagic.substr(0, std::min(bytes.size(), kMagic.size())))) {
      return BadStream("does not begin as one");
    }
    AvroCursor in(bytes);
    in.Raw(kMagic.size());
    std::map<std::string, std::string> metadata;
    for (std::int64_t count = in.Long(); count != 0 && !in.failed(); count = in.Long()) {
      if (count < 0) {
        in.Long();
        count = count == std::numeric_limits<std::int64_t>::min() ? 0 : -count;
      }
      for (; count > 0 && !in.failed(); --count) {
        std::string key(in.Bytes());
        metadata[std::move(key)] = in.Bytes();
      }
    }
    mark_ = in.Raw(kMarkSize);
    if (in.failed()) {
      constexpr std::size_t kLargestHead = 16U << 20U;
      if (end == ChunkEnd::kMoreFollows && bytes.size() < kLargestHead) {
        return Head();
      }
      return BadStream("ends within its head");
    }
    const std::string& codec = metadata["avro.codec"];
    if (!codec.empty() && codec != "null" && codec != "deflate") {
      return BadStream("is compressed with " + codec).WithHint("null and deflate are read");
    }
    codec_ = codec == "deflate" ? Codec::kDeflate : Codec::kNone;
    own_ = SP_TRY(AvroRows::Make(SP_TRY(ParseAvroSchema(metadata["avro.schema"])), *setup_.schema));
    return Head(bytes.size() - in.left());
  }

  base::Result<Progress> DecodeChunk(std::string_view chunk, ChunkEnd end, const BatchLimit& limit,
                                     BatchBuilder& rows,
                                     std::vector<RefusedRecord>& refused) override {
    Progress progress;
    while (progress.consumed < chunk.size() && rows.length() < limit.rows &&
           rows.bytes() < limit.bytes) {
      AvroCursor in(chunk.substr(progress.consumed));
      const std::size_t whole = in.left();
      const std::int64_t count = in.Long();
      const std::int64_t size = in.Long();
      if (!in.failed() &&
          (count < 0 || size < 0 || static_cast<std::uint64_t>(size) > kLargestBlock)) {
        return BadStream("has a block of " + std::to_string(count) + " rows and " +
                         std::to_string(size) + " bytes");
      }
      const std::string_view data = in.Raw(static_cast<std::size_t>(size));
      const std::string_view mark = in.Raw(kMarkSize);
      if (in.failed()) {
        if (end == ChunkEnd::kEndOfStream) {
          return BadStream("ends within a block");
        }
        break;
      }
      if (mark != mark_) {
        return BadStream("lacks the mark at the end of a block");
      }
      SP_TRY(ReadBlock(data, count, progress, rows, refused));
      progress.consumed += whole - in.left();
    }
    return progress;
  }

  bool splits_at_lines() const override { return false; }

 private:
  Refusal FindReader(std::uint32_t id, AvroRows*& reader) {
    auto found = by_id_.find(id);
    if (found == by_id_.end()) {
      auto made = MakeReader(id);
      if (!made.ok()) {
        return "the schema " + std::to_string(id) + ": " + made.error().message();
      }
      found = by_id_.emplace(id, std::move(made).value()).first;
    }
    reader = &found->second;
    return std::nullopt;
  }

  base::Result<AvroRows> MakeReader(std::uint32_t id) const {
    const std::string json = SP_TRY(setup_.schema_of_id(id));
    return AvroRows::Make(SP_TRY(ParseAvroSchema(json)), *setup_.schema);
  }

  base::Status ReadBlock(std::string_view data, std::int64_t count, Progress& progress,
                         BatchBuilder& rows, std::vector<RefusedRecord>& refused) {
    if (codec_ == Codec::kDeflate) {
      if (!Inflate(data, inflated_)) {
        return BadStream("has a block that is not deflated, or too large");
      }
      data = inflated_;
    }
    // Rows without bytes are the only ones that input does not pay for.
    if (count > static_cast<std::int64_t>(data.size()) + 65'536) {
      return BadStream("has a block of more rows than bytes");
    }
    AvroCursor in(data);
    for (std::int64_t i = 0; i < count; ++i, ++progress.records) {
      const std::string_view rest = data.substr(data.size() - in.left());
      const auto outcome = own_.ReadRow(in, rows);
      if (outcome == AvroRows::Outcome::kRow) {
        continue;
      }
      const bool broken = outcome == AvroRows::Outcome::kBroken;
      refused.push_back({progress.consumed, progress.records,
                         own_.refusal() + (broken ? ", and so is the rest of its block" : ""),
                         CutRecord(broken ? rest : rest.substr(0, rest.size() - in.left()))});
      if (broken) {
        progress.records += count - i;
        break;
      }
    }
    return base::Ok();
  }

  FormatSetup setup_;
  Frame frame_;
  AvroRows own_;
  std::map<std::uint32_t, AvroRows> by_id_;
  std::string mark_;
  Codec codec_ = Codec::kNone;
  std::string inflated_;
};

class AvroEncoder final : public RowEncoder {
 public:
  AvroEncoder(AvroWriter writer, std::string schema, std::string prefix, Codec codec)
      : writer_(std::move(writer)),
        schema_(std::move(schema)),
        prefix_(std::move(prefix)),
        codec_(codec) {}

  Refusal Encode(const Batch& batch, std::int64_t row, std::string& out) override {
    if (Refusal refusal = RefuseUnlessNew(batch, row)) {
      return refusal;
    }
    const std::size_t start = out.size();
    out += prefix_;
    Refusal refusal = writer_.WriteRow(batch, row, out);
    if (refusal) {
      out.resize(start);
    }
    return refusal;
  }

  void BeginStream(std::string& out) override {
    base::SecureRandom random;
    std::uint8_t mark[kMarkSize];
    random.Fill(mark);
    mark_.assign(reinterpret_cast<const char*>(mark), kMarkSize);
    block_.clear();
    rows_ = 0;
    out += kMagic;
    AppendAvroLong(2, out);
    AppendAvroBytes("avro.schema", out);
    AppendAvroBytes(schema_, out);
    AppendAvroBytes("avro.codec", out);
    AppendAvroBytes(codec_ == Codec::kDeflate ? "deflate" : "null", out);
    AppendAvroLong(0, out);
    out += mark_;
  }

  Refusal AppendToStream(const Batch& batch, std::int64_t row, std::string& out) override {
    Refusal refusal = RefuseUnlessNew(batch, row);
    refusal = refusal ? refusal : writer_.WriteRow(batch, row, block_);
    if (!refusal && (++rows_, block_.size() >= kBlockSize)) {
      EndBlock(out);
    }
    return refusal;
  }

  base::Status EndStream(std::string& out) override {
    EndBlock(out);
    return base::Ok();
  }

 private:
  void EndBlock(std::string& out) {
    if (rows_ == 0) {
      return;
    }
    AppendAvroLong(rows_, out);
    if (codec_ == Codec::kDeflate) {
      Deflate(block_, deflated_);
      AppendAvroBytes(deflated_, out);
    } else {
      AppendAvroBytes(block_, out);
    }
    out += mark_;
    block_.clear();
    rows_ = 0;
  }

  AvroWriter writer_;
  std::string schema_;
  std::string prefix_;  // the frame of a message
  Codec codec_;
  std::string mark_;
  std::string block_;
  std::string deflated_;
  std::int64_t rows_ = 0;
};

std::vector<OptionSpec> AvroOptions() {
  using connectors::OptionKind;
  return {
      {.name = "avro.frame",
       .kind = OptionKind::kChoice,
       .text = "What stands before a message: nothing, or Schema Registry's zero and id.",
       .fallback = "plain",
       .choices = {"plain", "registry"}},
      {.name = "avro.schema",
       .text = "The schema that messages were written with, or rows are written with, as JSON; "
               "absent: the one of the "
               "table's columns. Files bring their own."},
      {.name = "avro.schema-id",
       .kind = OptionKind::kInteger,
       .text = "The id that Schema Registry has for the schema that rows are written with.",
       .use = connectors::OptionUse::kSink,
       .least = 0,
       .most = std::numeric_limits<std::int32_t>::max()},
      {.name = "avro.codec",
       .kind = OptionKind::kChoice,
       .text = "How the blocks of a file are compressed that is written.",
       .fallback = "deflate",
       .use = connectors::OptionUse::kSink,
       .choices = {"null", "deflate"}},
  };
}

base::Result<std::string> SchemaText(const OptionValues& options, const FormatSetup& setup) {
  if (options.Has("avro.schema")) {
    return options.String("avro.schema");
  }
  return WriteAvroSchema(*setup.schema);
}

Frame FrameOf(const OptionValues& options) {
  return options.String("avro.frame") == "registry" ? Frame::kRegistry : Frame::kPlain;
}

base::Result<std::unique_ptr<RowDecoder>> MakeAvroDecoder(const OptionValues& options,
                                                          const FormatSetup& setup) {
  const std::string schema = SP_TRY(SchemaText(options, setup));
  return std::make_unique<AvroDecoder>(
      setup, FrameOf(options),
      SP_TRY(AvroRows::Make(SP_TRY(ParseAvroSchema(schema)), *setup.schema)));
}

base::Result<std::unique_ptr<RowEncoder>> MakeAvroEncoder(const OptionValues& options,
                                                          const FormatSetup& setup) {
  std::string schema = SP_TRY(SchemaText(options, setup));
  std::string prefix;
  if (FrameOf(options) == Frame::kRegistry) {
    if (!options.Has("avro.schema-id") && !setup.id_of_schema) {
      return base::Error(base::ErrorCode::kValidationFailed, "some options are not valid")
          .WithField({"/avro.schema-id", "is missing", "Schema Registry's frame needs it"});
    }
    const auto id = options.Has("avro.schema-id")
                        ? static_cast<std::uint32_t>(options.Integer("avro.schema-id"))
                        : SP_TRY(setup.id_of_schema(schema));
    prefix.push_back('\0');
    for (int shift = 24; shift >= 0; shift -= 8) {
      prefix.push_back(static_cast<char>(id >> shift));
    }
  }
  AvroWriter writer = SP_TRY(AvroWriter::Make(SP_TRY(ParseAvroSchema(schema)), *setup.schema));
  return std::make_unique<AvroEncoder>(
      std::move(writer), std::move(schema), std::move(prefix),
      options.Has("avro.codec") && options.String("avro.codec") == "null" ? Codec::kNone
                                                                          : Codec::kDeflate);
}

}  // namespace

const Format kAvroFormat = {"avro", AvroOptions, MakeAvroDecoder, MakeAvroEncoder};

}  // namespace streampark::formats
