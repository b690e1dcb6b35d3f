// SPDX-License-Identifier: Apache-2.0
#include "file_types.h"

#include <algorithm>

#include <arrow/extension_type.h>

#include "streampark/connectors/type.h"

namespace streampark::parquet {

TypePtr PlainType(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::EXTENSION:
      return PlainType(*static_cast<const arrow::ExtensionType&>(type).storage_type());
    case arrow::Type::DICTIONARY:
      return PlainType(*static_cast<const arrow::DictionaryType&>(type).value_type());
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
      return arrow::utf8();
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW:
      return arrow::binary();
    default:
      return type.GetSharedPtr();
  }
}

std::string TypeFor(const arrow::DataType& from) {
  const TypePtr plain = PlainType(from);
  const auto child = [&](int index) { return TypeFor(*plain->field(index)->type()); };
  switch (plain->id()) {
    case arrow::Type::BOOL:
      return "BOOLEAN";
    case arrow::Type::INT8:
      return "TINYINT";
    case arrow::Type::INT16:
    case arrow::Type::UINT8:
      return "SMALLINT";
    case arrow::Type::INT32:
    case arrow::Type::UINT16:
      return "INT";
    case arrow::Type::INT64:
    case arrow::Type::UINT32:
      return "BIGINT";
    case arrow::Type::UINT64:
      return "DECIMAL(20, 0)";
    case arrow::Type::HALF_FLOAT:
    case arrow::Type::FLOAT:
      return "FLOAT";
    case arrow::Type::DOUBLE:
      return "DOUBLE";
    case arrow::Type::STRING:
      return "STRING";
    case arrow::Type::BINARY:
    case arrow::Type::FIXED_SIZE_BINARY:
      return "BYTES";
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
      return "DATE";
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      return "TIME";
    case arrow::Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(*plain).timezone().empty() ? "TIMESTAMP"
                                                                                 : "TIMESTAMP_LTZ";
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(*plain);
      const int scale = std::clamp(decimal.scale(), 0, 38);
      return connectors::Type::Decimal(std::clamp(decimal.precision(), std::max(scale, 1), 38),
                                       scale)
          .ToString();
    }
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::FIXED_SIZE_LIST: {
      const std::string element = child(0);
      return element.empty() ? "" : "ARRAY<" + element + ">";
    }
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(*plain);
      const std::string key = TypeFor(*map.key_type());
      const std::string item = TypeFor(*map.item_type());
      return key.empty() || item.empty() ? "" : "MAP<" + key + ", " + item + ">";
    }
    case arrow::Type::STRUCT: {
      std::string fields;
      for (int i = 0; i < plain->num_fields(); ++i) {
        const std::string type = child(i);
        if (type.empty()) {
          return "";
        }
        fields += (i == 0 ? "" : ", ") + plain->field(i)->name() + " " + type;
      }
      return "ROW<" + fields + ">";
    }
    default:
      return "";
  }
}

}  // namespace streampark::parquet
