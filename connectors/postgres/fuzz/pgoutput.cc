// SPDX-License-Identifier: Apache-2.0
// What a server sends of its log, and the texts of values in it: as a frame, as a message, and each text of it as values of several types.
#include "pgoutput.h"

#include <cstdlib>

#include "text_decoder.h"

namespace {

using namespace streampark::connectors;            // NOLINT(google-build-using-namespace): one file
using namespace streampark::connectors::postgres;  // NOLINT(google-build-using-namespace)

struct Reader {
  TextDecoder decoder;
  BatchBuilder rows;
};

std::vector<Reader> Readers() {
  const auto list = [](const Type& element) { return Type::List({"element", element}); };
  const std::vector<std::pair<std::uint32_t, Type>> types = {
      {16, TypeKind::kBoolean},        {23, TypeKind::kInt32},
      {701, TypeKind::kFloat64},       {1700, Type::Decimal(10, 2)},
      {17, TypeKind::kBytes},          {1082, TypeKind::kDate},
      {1083, TypeKind::kTime},         {1114, TypeKind::kTimestamp},
      {1184, TypeKind::kTimestampTz},  {25, TypeKind::kString},
      {869, TypeKind::kString},        {1007, list(TypeKind::kInt32)},
      {1009, list(TypeKind::kString)}, {1182, list(TypeKind::kDate)},
      {1001, list(TypeKind::kBytes)},
  };
  std::vector<Reader> readers;
  for (const auto& [code, type] : types) {
    sql::NativeColumn column{.name = "c", .native = "a type", .natural = type};
    column.code = code;
    readers.push_back(
        {TextDecoder::Make(column, type).value(),
         BatchBuilder(std::make_shared<const Schema>(std::vector<Field>{{"c", type}}))});
  }
  return readers;
}

void ReadTexts(const pgoutput::Tuple& tuple) {
  static std::vector<Reader> readers = Readers();
  for (const auto& value : tuple) {
    for (Reader& reader : readers) {
      if (!reader.decoder.Append(value.text, reader.rows.column(0))) {
        reader.rows.EndRow();
      } else if (reader.rows.has(0)) {
        std::abort();  // refused, and yet a value
      }
      auto batch = reader.rows.Finish();
      if (batch->length > 0 && DebugText(*batch, 0).empty()) {
        std::abort();
      }
      reader.rows.Recycle(std::move(batch));
    }
  }
}

void ReadMessage(std::string_view bytes) {
  const auto message = pgoutput::Decode(bytes);
  if (!message.ok()) {
    return;
  }
  if (const auto* change = std::get_if<pgoutput::Change>(&*message)) {
    ReadTexts(change->before);
    ReadTexts(change->after);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(bytes), size);
  ReadMessage(input);
  ReadTexts({{.kind = pgoutput::Value::Kind::kText, .text = input}});
  if (const auto frame = pgoutput::DecodeFrame(input); frame.ok()) {
    if (const auto* piece = std::get_if<pgoutput::LogPiece>(&*frame)) {
      ReadMessage(piece->message);
    }
  }
  return 0;
}
