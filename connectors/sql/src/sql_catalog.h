// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "streampark/connectors/catalog.h"
#include "streampark/connectors/sql/session.h"

namespace streampark::connectors::sql {

/// The tables of a database. `family`: see Catalog. Connects when it is first asked.
std::unique_ptr<Catalog> MakeSqlCatalog(std::string family, DatabasePtr database);

}  // namespace streampark::connectors::sql
