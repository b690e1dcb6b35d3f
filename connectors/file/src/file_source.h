// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "streampark/connectors/source.h"

#include "split_file.h"

namespace streampark::connectors::file {

struct SourcePlan {
  ReadPlan reading;
  std::string pattern;
  std::optional<base::Millis> watch;
  std::int64_t split_size = 0;
  bool splits_in_ranges = false;  // of files that are not compressed
};

std::unique_ptr<Source> MakeFileSource(SourcePlan plan);

}  // namespace streampark::connectors::file
