// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "streampark/connectors/source.h"
#include "streampark/formats/format.h"

#include "cursor.h"
#include "endpoint.h"
#include "pages.h"

namespace streampark::connectors::http {

struct SourcePlan {
  /// What the body of an answer is: one text with records in it, or a stream of the format.
  enum class Body : std::uint8_t { kDocument, kStream };

  Access access;
  /// Addresses by the names of their splits: the address without its query, and which one of these it is where there are several.
  struct Target {
    std::string id;
    std::string url;
  };
  std::vector<Target> targets;
  SchemaPtr schema;
  std::function<base::Result<std::unique_ptr<formats::RowDecoder>>()> make_decoder;
  Body body = Body::kDocument;
  bool is_json = true;           // of a document: it has records, else it is one
  formats::JsonPointer records;  // where they are
  Paging paging;
  std::optional<CursorColumn> cursor;
  std::string cursor_parameter;
  std::string cursor_start;
  bool skips_seen = true;
  std::optional<base::Millis> poll;  // between two rounds; absent: one round
  base::Millis retry_for{0};
  const base::Clock* clock = nullptr;
};

std::unique_ptr<Source> MakeHttpSource(SourcePlan plan);
/// The plan outlives it.
base::Result<std::unique_ptr<SplitReader>> MakeHttpReader(const SourcePlan& plan);

}  // namespace streampark::connectors::http
