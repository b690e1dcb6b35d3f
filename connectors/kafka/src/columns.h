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

#include "schema_registry.h"

/// Which column of a row stands where in a record.
namespace streampark::connectors::kafka {

/// What a record has beside its value: `metadata.NAME` names the column for it.
enum class Metadata : std::uint8_t { kTopic, kPartition, kOffset, kTimestamp, kHeaders, kKey };
constexpr std::array<std::string_view, 6> kMetadataNames = {"topic",     "partition", "offset",
                                                            "timestamp", "headers",   "key"};

/// What becomes of a record without a value, where the format has no word for it.
enum class Tombstones : std::uint8_t { kRefuse, kSkip, kDelete };

struct ColumnPlan {
  SchemaPtr schema;  // all columns
  /// Those of the value, and their places in `schema`.
  SchemaPtr value_schema;
  std::vector<std::size_t> value_at;
  /// Those of the key; empty without key columns.
  SchemaPtr key_schema;
  std::vector<std::size_t> key_at;
  struct Extra {
    Metadata what;
    std::size_t at;
  };
  std::vector<Extra> extras;
  /// Each takes the registry that it asks for schemas, or null: then what is made is only good to see whether it can be.
  template <typename Codec>
  using Make = std::function<base::Result<std::unique_ptr<Codec>>(SchemaRegistry*)>;
  Make<formats::RowDecoder> make_value_decoder;
  Make<formats::RowDecoder> make_key_decoder;
  Make<formats::RowEncoder> make_value_encoder;
  Make<formats::RowEncoder> make_key_encoder;
  std::optional<SchemaRegistry::Place> registry;
  Tombstones tombstones = Tombstones::kRefuse;
  bool format_has_tombstones = false;  // debezium

  std::optional<std::size_t> extra(Metadata what) const;
  /// Absent without one.
  std::unique_ptr<SchemaRegistry> MakeRegistry() const {
    return registry ? std::make_unique<SchemaRegistry>(*registry) : nullptr;
  }
};

/// VALIDATION_FAILED names the option, or the column whose type does not do.
/// `topic` is the sink's, for names in a schema registry.
base::Result<ColumnPlan> PlanColumns(const OptionValues& options, SchemaPtr schema, OptionUse use,
                                     const std::string& topic = "");

/// The rows of the option table that PlanColumns reads.
std::vector<OptionSpec> ColumnOptions();

}  // namespace streampark::connectors::kafka
