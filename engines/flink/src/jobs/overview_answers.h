// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/fwd.hpp>

#include "streampark/base/result.h"
#include "streampark/engines/engine.h"
#include "streampark/engines/observation.h"

/// Readers for what a cluster says about itself and its jobs. They take any JSON: members that are
/// missing or of another kind are read as absent; only an answer without its main member is an
/// ENGINE_ERROR.
namespace streampark::flink {

/// GET /jobs/overview
base::Result<std::vector<engines::JobObservation>> ReadJobs(const boost::json::value& answer);

/// GET /overview, into `observation` (everything but the jobs and the time).
base::Status ReadCluster(const boost::json::value& answer,
                         engines::ClusterObservation& observation);

/// GET /taskmanagers
base::Result<std::vector<engines::TaskManagerObservation>> ReadTaskManagers(
    const boost::json::value& answer);
/// GET /taskmanagers/ID: the heap in use.
void ReadTaskManagerHeap(const boost::json::value& answer, engines::TaskManagerObservation& into);

/// GET /jobmanager/config; values of keys that look like secrets are masked.
base::Result<engines::Options> ReadOptions(const boost::json::value& answer);

/// GET /jobs/ID/config: the global parameters of the job's program.
base::Result<engines::Options> ReadLabels(const boost::json::value& answer);

/// Flink's own default of web.refresh-interval.
inline constexpr base::Millis kRefreshInterval{3'000};
/// GET /config: for how long the answers about one job are cached, the default when it is not said.
base::Millis ReadRefreshInterval(const boost::json::value& answer);

/// GET /jobmanager/logs and /taskmanagers/ID/logs: names, sizes and times alone.
base::Result<std::vector<engines::LogFile>> ReadLogList(const boost::json::value& answer);

}  // namespace streampark::flink
