// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "streampark/connectors/sql/session.h"

namespace streampark::connectors::sql::testing {

/// What a query gives, each row as `a|b|NULL`; a failure fails the test.
std::vector<std::string> RowsOf(Session& session, const std::string& query);

}  // namespace streampark::connectors::sql::testing
