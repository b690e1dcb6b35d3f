// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/fwd.hpp>

#include "streampark/base/error.h"

namespace streampark::flink {

/// The `error` of an agent's reply as an error of ours.
base::Error ErrorOfAgent(const boost::json::object& error);

}  // namespace streampark::flink
