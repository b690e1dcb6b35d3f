// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/jobs/job.h"

namespace streampark::console {

/// What to show after `seen` when `shown` was shown before. A number that differs by less than a
/// twentieth stays as it is: everybody who has the list open is told of each change, and rates
/// never stand still. To and from zero, and to and from unknown, is always a change.
Pace Steadied(const Pace& shown, const Pace& seen);

}  // namespace streampark::console
