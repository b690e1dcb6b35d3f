// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/connectors/connector.h"

/// What tests of connectors share: options and rows as text.
namespace streampark::connectors::testing {

using Given = std::map<std::string, std::string>;
using Strings = std::vector<std::string>;

SchemaPtr SchemaOf(std::string_view text);

/// Each row as DebugText has it.
Strings RowsOf(const Batch& batch);
void AddRows(const Batch& batch, Strings& to);
Strings Sorted(Strings rows);

/// `count` rows from `first` on: `n` in an integer, `row n` in a text, `n.5` in a double, null in every fifth that may be; other types
/// are refused by SP_CHECK. The same n makes the same row.
std::unique_ptr<Batch> NumberedRows(const SchemaPtr& schema, std::int64_t first,
                                    std::int64_t count);
/// The same as text.
Strings NumberedTexts(const SchemaPtr& schema, std::int64_t first, std::int64_t count);

/// The connector's source or sink for these options; a refusal fails the test.
std::unique_ptr<Source> SourceOf(const Connector& connector, const Given& given,
                                 const SchemaPtr& schema);
std::unique_ptr<Sink> SinkOf(const Connector& connector, const Given& given,
                             const SchemaPtr& schema);
/// Why there is none: `VALIDATION_FAILED …`; the empty text when there is one.
std::string SourceRefusal(const Connector& connector, const Given& given, const SchemaPtr& schema);
std::string SinkRefusal(const Connector& connector, const Given& given, const SchemaPtr& schema);

/// A reader's rows until all its splits have ended.
Strings ReadToTheEnd(SplitReader& reader, std::size_t splits);

}  // namespace streampark::connectors::testing
