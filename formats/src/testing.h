// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "streampark/formats/format.h"

/// What the tests of formats share: codecs by options as text, rows as text, and random rows of a schema.
namespace streampark::formats::testing {

using Given = std::map<std::string, std::string>;
using Strings = std::vector<std::string>;

inline SchemaPtr SchemaOf(std::string_view text) {
  return std::make_shared<const connectors::Schema>(connectors::Schema::Parse(text).value());
}

inline OptionValues OptionsOf(const Given& given) {
  static const connectors::OptionTable kTable(FormatOptions("json"));
  return kTable.Read(given, connectors::OptionUse::kBoth).value();
}

inline std::unique_ptr<RowDecoder> DecoderOf(const SchemaPtr& schema, const Given& given) {
  return MakeDecoder(OptionsOf(given), {.schema = schema}).value();
}

inline std::unique_ptr<RowEncoder> EncoderOf(const SchemaPtr& schema, const Given& given) {
  return MakeEncoder(OptionsOf(given), {.schema = schema}).value();
}

inline Strings RowsOf(const Batch& batch) {
  Strings rows;
  for (std::int64_t row = 0; row < batch.length; ++row) {
    rows.push_back(DebugText(batch, row));
  }
  return rows;
}

/// The rows of one message, or why there are none.
inline std::string DecodeOne(RowDecoder& decoder, const SchemaPtr& schema,
                             std::string_view message) {
  BatchBuilder rows(schema);
  if (auto refusal = decoder.Decode(message, rows)) {
    return "refused: " + *refusal + (rows.length() > 0 ? " BUT HAS ROWS" : "");
  }
  std::string text;
  for (const std::string& row : RowsOf(*rows.Finish())) {
    text += text.empty() ? row : " " + row;
  }
  return text;
}

inline std::string DecodeOne(std::string_view schema, const Given& given,
                             std::string_view message) {
  const SchemaPtr parsed = SchemaOf(schema);
  return DecodeOne(*DecoderOf(parsed, given), parsed, message);
}

/// A whole stream in chunks of `step` bytes: the rows, then `refused N: reason`, then the error, if any.
inline Strings DecodeStream(RowDecoder& decoder, const SchemaPtr& schema, std::string_view stream,
                            std::size_t step) {
  BatchBuilder rows(schema);
  std::vector<RefusedRecord> refused;
  Strings told;
  std::size_t at = 0;
  std::size_t given = 0;
  std::int64_t records = 0;
  bool head = false;
  for (;;) {
    const ChunkEnd end = given == stream.size() ? ChunkEnd::kEndOfStream : ChunkEnd::kMoreFollows;
    const std::string_view chunk = stream.substr(at, given - at);
    bool progressed = false;
    if (!head) {
      auto taken = decoder.ReadHead(chunk, end);
      if (!taken.ok()) {
        told.push_back("error: " + taken.error().message());
        return told;
      }
      head = taken.value().has_value();
      progressed = head;
      at += taken.value().value_or(0);
    } else {
      const BatchLimit limit{.rows = rows.length() + 1};
      const auto before = refused.size();
      auto progress = decoder.DecodeChunk(chunk, end, limit, rows, refused);
      if (!progress.ok()) {
        told.push_back("error: " + progress.error().message());
        break;
      }
      for (auto i = before; i < refused.size(); ++i) {
        told.push_back("refused " + std::to_string(refused[i].record + records) + " at " +
                       std::to_string(refused[i].at + at) + ": " + refused[i].reason);
      }
      progressed = progress.value().consumed > 0;
      records += progress.value().records;
      at += progress.value().consumed;
    }
    if (progressed) {
      continue;
    }
    if (given == stream.size()) {
      if (at < stream.size()) {
        told.push_back("left: " + std::to_string(stream.size() - at));
      }
      break;
    }
    given = std::min(given + step, stream.size());
  }
  Strings all = RowsOf(*rows.Finish());
  all.insert(all.end(), told.begin(), told.end());
  return all;
}

/// All rows as one stream; SP_CHECKs that none is refused.
inline std::string EncodeStream(RowEncoder& encoder, const Batch& batch) {
  std::string out;
  encoder.BeginStream(out);
  for (std::int64_t row = 0; row < batch.length; ++row) {
    const Refusal refusal = encoder.AppendToStream(batch, row, out);
    SP_CHECK(!refusal);
  }
  const auto ended = encoder.EndStream(out);
  SP_CHECK(ended.ok());
  return out;
}

enum class Texts : std::uint8_t { kAnything, kOneLine };

/// Values from the whole range of each type, with many edges.
class RandomRows {
 public:
  explicit RandomRows(std::uint64_t seed, Texts texts = Texts::kAnything)
      : random_(seed), texts_(texts) {}

  std::unique_ptr<Batch> Make(const SchemaPtr& schema, int count) {
    BatchBuilder rows(schema);
    for (int i = 0; i < count; ++i) {
      for (std::size_t column = 0; column < schema->fields().size(); ++column) {
        Append(schema->fields()[column], rows.column(column));
      }
      rows.EndRow();
    }
    return rows.Finish();
  }

 private:
  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }
  std::int64_t Whole() {
    const auto bits = static_cast<int>(Below(64));
    return static_cast<std::int64_t>(random_()) >> bits;
  }

  std::string Text() {
    static const Strings kPieces = {"a",    "Z",  " ",  ",",    "\"", "\\",       "'",
                                    "\n",   "\r", "\t", "\x01", "é",  "漢",       "😀",
                                    "null", "0",  ";",  "{",    "}",  "\xc2\x80", "longer text"};
    std::string text;
    for (auto n = Below(8); n > 0; --n) {
      const std::string& piece = kPieces[Below(kPieces.size())];
      if (texts_ == Texts::kAnything || (piece != "\n" && piece != "\r")) {
        text += piece;
      }
    }
    return text;
  }

  void Append(const connectors::Field& field, connectors::ColumnBuilder& column) {
    using connectors::TypeKind;
    const connectors::Type& type = field.type;
    if (field.nullability == connectors::Nullability::kNullable && Below(5) == 0) {
      return column.AppendNull();
    }
    switch (type.kind()) {
      case TypeKind::kBoolean:
        return column.AppendBoolean(Below(2) == 0);
      case TypeKind::kInt8:
        return column.Append(static_cast<std::int8_t>(Whole()));
      case TypeKind::kInt16:
        return column.Append(static_cast<std::int16_t>(Whole()));
      case TypeKind::kInt32:
        return column.Append(static_cast<std::int32_t>(Whole()));
      case TypeKind::kInt64:
        return column.Append(Whole());
      case TypeKind::kFloat32:
        return column.Append(static_cast<float>(Whole()) / 3);
      case TypeKind::kFloat64: {
        const double edges[] = {0.0, -0.0, 1e308, -5e-324, 1.0 / 0.0, -1.0 / 0.0, 0.1};
        const auto pick = Below(12);
        return column.Append(pick < 7 ? edges[pick] : static_cast<double>(Whole()) / 7);
      }
      case TypeKind::kDecimal: {
        __int128 value = static_cast<__int128>(Whole()) * (Whole() >> 8);
        for (int i = type.precision(); i < 38; ++i) {
          value /= 10;
        }
        return column.Append(value);
      }
      case TypeKind::kString:
        return column.AppendText(Text());
      case TypeKind::kBytes: {
        std::string bytes;
        for (auto n = Below(6); n > 0; --n) {
          bytes.push_back(static_cast<char>(Below(256)));
        }
        return column.AppendText(bytes);
      }
      case TypeKind::kDate:
        return column.Append(static_cast<std::int32_t>(Whole() % 3'000'000));
      case TypeKind::kTime:
        return column.Append(static_cast<std::int64_t>(Below(86'400'000'000)));
      case TypeKind::kTimestamp:
      case TypeKind::kTimestampTz:
        return column.Append(Whole());
      case TypeKind::kList:
      case TypeKind::kMap:
        for (auto n = Below(4); n > 0; --n) {
          for (std::size_t i = 0; i < column.child_count(); ++i) {
            Append(type.children()[i], column.child(i));
          }
        }
        return column.EndList();
      case TypeKind::kStruct:
        for (std::size_t i = 0; i < column.child_count(); ++i) {
          Append(type.children()[i], column.child(i));
        }
        return column.EndStruct();
    }
  }

  std::mt19937_64 random_;
  Texts texts_;
};

}  // namespace streampark::formats::testing
