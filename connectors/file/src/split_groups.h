// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "split_file.h"

namespace streampark::connectors::file {

/// A split of a format that is read at places: the row groups that begin in it.
base::Result<std::unique_ptr<SplitFile>> OpenSplitGroups(const ReadPlan& plan, SplitPlace place);

}  // namespace streampark::connectors::file
