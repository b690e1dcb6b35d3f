// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/operations/operation_store.h"
#include "streampark/store/connection.h"

/// Rows of `operations`, for whoever holds a connection: several stores write them in transactions
/// of their own.
namespace streampark::store {

/// Columns in the order that ReadOperation expects.
extern const char* const kOperationColumns;
console::Operation ReadOperation(const Row& row);

/// As OperationStore::Begin, inside the caller's transaction.
base::Result<console::Operation> BeginOperation(Connection& connection,
                                                const console::Operation& operation);
base::Status SaveOperation(Connection& connection, const console::Operation& operation);
base::Result<std::optional<console::Operation>> FindOperation(Connection& connection,
                                                              std::string_view operation_id);

}  // namespace streampark::store
