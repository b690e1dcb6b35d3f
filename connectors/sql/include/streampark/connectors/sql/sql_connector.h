// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "streampark/connectors/connector.h"
#include "streampark/connectors/sql/address.h"
#include "streampark/connectors/sql/session.h"

namespace streampark::connectors::sql {

/// What makes a connector of a database.
struct SqlConnectorParts {
  std::string name;
  std::string text;
  DatabaseKind kind = DatabaseKind::kPostgres;
  /// Connects to nothing yet.
  std::function<base::Result<DatabasePtr>(Address)> open;
  /// Makes the source of `mode: changes`; empty where there is none. The address is of `kind`.
  std::function<base::Result<std::unique_ptr<Source>>(Address, const Setup&)> changes = {};
  /// Whether rows may be read and written as the bytes of its bulk protocol.
  bool copies = false;
  /// Options of that mode, beside those that all databases have; refused in the other.
  std::vector<OptionSpec> change_options = {};
};

std::unique_ptr<Connector> MakeSqlConnector(SqlConnectorParts parts);

/// What all databases have: those of the connector `jdbc`, too.
std::vector<OptionSpec> SqlOptions();
/// Of those that read and write rows as their bulk protocol has them.
OptionSpec EncodingOption();
/// Whether that option is there and says so.
bool AsksForCopies(const OptionValues& options);

}  // namespace streampark::connectors::sql
