// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

namespace streampark::faults {

/// Every point at which the sources of the jobs slice pass to the outside or to the journal, read
/// from those sources: `Look("FIND", …)` is FIND.before and FIND.after, and an intent has eight. A
/// call whose name does not stand there as a literal is listed as itself, so that it is missed.
std::set<std::string> PointsInSources();

}  // namespace streampark::faults
