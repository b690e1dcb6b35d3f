// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/fwd.hpp>

#include "streampark/http/jobs/job_routes.h"
#include "streampark/http/request.h"

/// What belongs to a job, in the API's shapes.
namespace streampark::http {

boost::json::object RevisionToJson(const console::Revision& revision,
                                   const std::vector<int>& released,
                                   const std::vector<int>& deployed);
boost::json::object ReleaseToJson(const console::Release& release);
boost::json::object SnapshotToJson(const console::Snapshot& snapshot,
                                   const std::vector<std::string>& held_by);
boost::json::object CountsToJson(const console::JobCounts& counts);
boost::json::object GraphToJson(const std::string& attempt_id, const engines::JobGraph& graph);
boost::json::object TasksToJson(const engines::TaskCounts& tasks);
boost::json::object ResourceToJson(const console::Resource& resource,
                                   const std::vector<std::string>& used_by);

/// JobDraft of the API. VALIDATION_FAILED, UNKNOWN_FIELD.
base::Result<console::JobDraft> DraftFromJson(const boost::json::object& body);

/// The job of the path. NOT_FOUND.
base::Result<console::JobViewPtr> JobOf(const JobRouteServices& services, const Request& request);
}  // namespace streampark::http
