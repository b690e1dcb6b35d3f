// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/jobs/job_store.h"

namespace streampark::console {

/// Where a snapshot lies, written in one way: file:///a/b, file:/a//b/ and /a/b/_metadata are the
/// same place, and so are s3a://x/y and s3://x/y. Links on this machine are followed.
std::string PlaceOf(std::string_view path);

/// Rows of all jobs that stand for the place of `path`.
base::Result<std::vector<Snapshot>> SnapshotsAt(JobStore& store, std::string_view path);

}  // namespace streampark::console
