// SPDX-License-Identifier: Apache-2.0
// Values in PostgreSQL's binary form: the first byte says of which type. What is refused leaves nothing behind, and the rest can be shown.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres_types.h"
#include "value_decoder.h"

namespace {

using namespace streampark::connectors;            // NOLINT(google-build-using-namespace): one file
using namespace streampark::connectors::postgres;  // NOLINT(google-build-using-namespace)

struct Reader {
  ValueDecoder decoder;
  BatchBuilder rows;
};

std::vector<Reader> Readers() {
  const auto list = [](const Type& element) { return Type::List({"element", element}); };
  const std::vector<std::pair<std::uint32_t, Type>> types = {
      {kBool, TypeKind::kBoolean},        {kInt2, TypeKind::kInt16},
      {kInt4, TypeKind::kInt32},          {kOid, TypeKind::kInt64},
      {kInt8, TypeKind::kInt64},          {kFloat4, TypeKind::kFloat32},
      {kFloat8, TypeKind::kFloat64},      {kBytea, TypeKind::kBytes},
      {kText, TypeKind::kString},         {kNumeric, TypeKind::kString},
      {kNumeric, Type::Decimal(10, 2)},   {kNumeric, Type::Decimal(38, 38)},
      {kUuid, TypeKind::kString},         {kJsonb, TypeKind::kString},
      {kDate, TypeKind::kDate},           {kTime, TypeKind::kTime},
      {kTimestamp, TypeKind::kTimestamp}, {kTimestamptz, TypeKind::kTimestampTz},
      {1007, list(TypeKind::kInt32)},     {1009, list(TypeKind::kString)},
      {1231, list(Type::Decimal(20, 4))}, {1185, list(TypeKind::kTimestampTz)},
  };
  std::vector<Reader> readers;
  for (const auto& [oid, type] : types) {
    readers.push_back(
        {ValueDecoder::Make(oid, type).value(),
         BatchBuilder(std::make_shared<const Schema>(std::vector<Field>{{"c", type}}))});
  }
  return readers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static std::vector<Reader> readers = Readers();
  if (size == 0) {
    return 0;
  }
  Reader& reader = readers[bytes[0] % readers.size()];
  const std::string_view value(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  if (reader.decoder.Append(value, reader.rows.column(0))) {
    reader.rows.CancelRow();
  } else {
    reader.rows.EndRow();
  }
  auto batch = reader.rows.Finish();
  if (batch->length > 0 && DebugText(*batch, 0).empty()) {
    std::abort();
  }
  reader.rows.Recycle(std::move(batch));
  return 0;
}
