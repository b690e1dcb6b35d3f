// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "libpq.h"

namespace streampark::connectors::postgres {

/// What the server said, with a code by its SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html):
///
/// | SQLSTATE                        | code              | why                                    |
/// |---------------------------------|-------------------|----------------------------------------|
/// | 22, 23                          | VALIDATION_FAILED | values                                 |
/// | 42501                           | FORBIDDEN         | with the GRANT that is missing         |
/// | 42P01, 3F000, 3D000             | NOT_FOUND         | a table, schema or database            |
/// | 28                              | BAD_CREDENTIALS   |                                        |
/// | 08, 40, 53, 55006, 55P03, 57P, none | IO_ERROR      | the network, locks, the server's ends  |
/// | 53100                           | STORAGE_FULL      |                                        |
/// | 42 and others                   | INVALID_REQUEST   | come again when they are tried again   |
base::Error ErrorOf(const Libpq& pq, PGconn* connection, const PGresult* result);

/// The same from its parts. `user` is whom rights are granted to.
base::Error ErrorOf(std::string_view state, const std::string& message, const std::string& detail,
                    std::string_view user);

}  // namespace streampark::connectors::postgres
