// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "streampark/connectors/sink.h"
#include "streampark/formats/format.h"
#include "streampark/formats/json_slices.h"

#include "endpoint.h"

namespace streampark::connectors::http {

struct SinkPlan {
  /// What the body of a request is.
  enum class Body : std::uint8_t {
    kArray,   // a JSON array of rows
    kLines,   // a stream of the format: a row a line
    kSingle,  // one row
  };

  Access access;
  std::string url;
  std::string method;
  std::string content_type;
  SchemaPtr schema;
  std::function<base::Result<std::unique_ptr<formats::RowEncoder>>()> make_encoder;
  Body body = Body::kArray;
  std::int64_t batch_rows = 500;
  std::size_t batch_bytes = 1U << 20U;
  base::Millis batch_age{0};  // how long rows wait for others
  std::string key_header;     // empty: none
  std::optional<formats::JsonPointer> rejected;
  base::Millis retry_for{0};
  const base::Clock* clock = nullptr;
};

std::unique_ptr<Sink> MakeHttpSink(SinkPlan plan);

}  // namespace streampark::connectors::http
