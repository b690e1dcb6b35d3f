// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "streampark/base/clock.h"
#include "streampark/connectors/sink.h"
#include "streampark/formats/format.h"

#include "byte_stream.h"

namespace streampark::connectors::file {

struct SinkPlan {
  std::shared_ptr<FileStore> store;
  std::string folder;
  std::string ending;  // of published names: `.json.gz`
  std::function<base::Result<std::unique_ptr<formats::RowEncoder>>()> make_encoder;
  Compression compression = Compression::kNone;
  const base::Clock* clock = nullptr;
  // When a part is ended before its checkpoint ends it.
  std::int64_t roll_size = 0;
  std::optional<std::int64_t> roll_rows;
  std::optional<base::Millis> roll_interval;
};

/// Exactly once: parts are written aside, made durable when they are prepared, and renamed when they are committed.
std::unique_ptr<Sink> MakeFileSink(SinkPlan plan);

}  // namespace streampark::connectors::file
