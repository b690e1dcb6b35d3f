// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "libmariadb.h"

namespace streampark::connectors::mariadb {

/// What the server or the client library said, with a code by its number, else by its SQLSTATE
/// (https://mariadb.com/kb/en/mariadb-error-code-reference/):
///
/// | number, state                          | code              | why                                       |
/// |----------------------------------------|-------------------|-------------------------------------------|
/// | 1264, 1265, 1292, 1366, 1406; 22, 23   | VALIDATION_FAILED | values                                    |
/// | 1142, 1143, 1044, 1227, 1370           | FORBIDDEN         | with the GRANT that is missing            |
/// | 1146, 1049                             | NOT_FOUND         | a table or database                       |
/// | 1045, 1698                             | BAD_CREDENTIALS   |                                           |
/// | 1205, 1213, 1040, 1053, 2002 … 2055; 08, 40 | IO_ERROR     | the network, locks, the server's ends     |
/// | 1021, 1114                             | STORAGE_FULL      |                                           |
/// | others                                 | INVALID_REQUEST   | come again when they are tried again      |
base::Error ErrorOf(unsigned number, std::string_view state, const std::string& message);
base::Error ErrorOf(const Libmariadb& my, MYSQL* connection);
base::Error ErrorOf(const Libmariadb& my, MYSQL_STMT* statement);

}  // namespace streampark::connectors::mariadb
