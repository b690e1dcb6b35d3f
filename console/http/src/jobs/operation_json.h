// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/fwd.hpp>

#include "streampark/console/operations/operation.h"

namespace streampark::http {

/// Operation of the API: of a job, a cluster or an installation.
/// What was asked for, with secrets masked.
boost::json::object ShownParameters(const console::Operation& operation);
boost::json::object OperationToJson(const console::Operation& operation);

}  // namespace streampark::http
