// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "split_file.h"

namespace streampark::connectors::file {

/// A split of a format that is a stream. A range that begins later than the file does goes past the first line end at its first byte or
/// after the byte before it, and every one reads its last record to the end.
base::Result<std::unique_ptr<SplitFile>> OpenSplitStream(const ReadPlan& plan, SplitPlace place,
                                                         BatchBuilder& rows);

}  // namespace streampark::connectors::file
