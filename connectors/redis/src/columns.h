// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/connectors/options.h"
#include "streampark/connectors/type.h"
#include "streampark/formats/format.h"

/// Which column of a row is what at the server.
namespace streampark::connectors::redis {

/// Redis' types of values, as `type` and the command TYPE name them.
enum class KeyType : std::uint8_t { kStream, kHash, kString, kList };
std::string_view ToString(KeyType type);
KeyType KeyTypeOf(std::string_view name);

/// What is beside the value: `metadata.NAME` names the column for it.
enum class Metadata : std::uint8_t { kKey, kId, kTimestamp, kIndex };
constexpr std::array<std::string_view, 4> kMetadataNames = {"key", "id", "timestamp", "index"};

struct ColumnPlan {
  SchemaPtr schema;  // all columns
  /// Those of the value, and their places in `schema`.
  SchemaPtr value_schema;
  std::vector<std::size_t> value_at;
  struct Extra {
    Metadata what;
    std::size_t at;
  };
  std::vector<Extra> extras;
  /// Each column of the value is a field of the hash or the stream's entry; else the value is one text, in a format.
  bool as_fields = false;
  bool missing_is_null = true;  // of fields
  /// The field of a stream's entry that has the value, unless `as_fields`.
  std::string value_field;
  // Unless `as_fields`.
  std::function<base::Result<std::unique_ptr<formats::RowDecoder>>()> make_decoder;
  std::function<base::Result<std::unique_ptr<formats::RowEncoder>>()> make_encoder;
};

/// `left_out`: columns that are no part of the value. VALIDATION_FAILED names the option, or the column whose type does not do.
base::Result<ColumnPlan> PlanColumns(const OptionValues& options, SchemaPtr schema, KeyType type,
                                     OptionUse use, const std::vector<std::size_t>& left_out);

}  // namespace streampark::connectors::redis
