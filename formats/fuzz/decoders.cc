// SPDX-License-Identifier: Apache-2.0
// One target a format: FUZZ_FORMAT and FUZZ_SCHEMA are set by CMake. The input is read as a message and as a stream, whole
// and in two pieces; whatever comes out has to be rows that can be looked at.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "streampark/formats/format.h"

namespace {

using namespace streampark;  // NOLINT(google-build-using-namespace): a program of one file

std::unique_ptr<formats::RowDecoder> Make(const connectors::SchemaPtr& schema) {
  static const connectors::OptionTable kTable(formats::FormatOptions(""));
  const auto options =
      kTable.Read({{"format", FUZZ_FORMAT}}, connectors::OptionUse::kSource).value();
  return formats::MakeDecoder(options, {.schema = schema}).value();
}

void LookAt(formats::BatchBuilder& rows) {
  auto batch = rows.Finish();
  for (std::int64_t row = 0; row < batch->length; ++row) {
    if (DebugText(*batch, row).empty()) {
      std::abort();
    }
  }
  rows.Recycle(std::move(batch));
}

void ReadStream(formats::RowDecoder& decoder, std::string_view stream,
                formats::BatchBuilder& rows) {
  const auto head = decoder.ReadHead(stream, formats::ChunkEnd::kEndOfStream);
  if (!head.ok() || !head.value()) {
    return;
  }
  stream.remove_prefix(*head.value());
  std::vector<formats::RefusedRecord> refused;
  for (const auto end : {formats::ChunkEnd::kMoreFollows, formats::ChunkEnd::kEndOfStream}) {
    const bool whole = end == formats::ChunkEnd::kEndOfStream;
    const std::string piece(stream.substr(0, whole ? stream.size() : stream.size() / 2));
    const auto progress = decoder.DecodeChunk(piece, end, {}, rows, refused);
    if (!progress.ok()) {
      break;
    }
    if (progress.value().consumed > piece.size()) {
      std::abort();
    }
    stream.remove_prefix(progress.value().consumed);
  }
  LookAt(rows);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto kSchema =
      std::make_shared<const connectors::Schema>(connectors::Schema::Parse(FUZZ_SCHEMA).value());
  static const auto kDecoder = Make(kSchema);
  static formats::BatchBuilder rows(kSchema);
  const std::string input(reinterpret_cast<const char*>(bytes), size);
  const std::int64_t before = rows.length();
  if (kDecoder->Decode(input, rows) && rows.length() != before) {
    std::abort();  // refused, and yet a row
  }
  LookAt(rows);
  ReadStream(*kDecoder, input, rows);
  return 0;
}
