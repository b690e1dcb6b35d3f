// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/store/connection.h"

namespace streampark::store {

/// One step of the schema. Steps are applied in the order of their numbers; a step that has been
/// released is never changed. Numbers: accounts 1–99, clusters 100–199, jobs 200–299, then by
/// feature.
struct Migration {
  int number;
  std::string_view name;
  std::string_view sql;
};

/// The steps that this program knows.
std::span<const Migration> KnownMigrations();

/// Applies what is missing, each step in a transaction of its own. Before the first one, a database
/// that is not empty is copied to `backup_folder`. SCHEMA_TOO_NEW when a step was applied that is
/// not among `known`.
base::Status Migrate(Connection& connection, std::span<const Migration> known,
                     const std::filesystem::path& backup_folder, const base::Clock& clock);

/// SCHEMA_TOO_NEW as above; ILLEGAL_STATE when a step is missing.
base::Status CheckSchema(Connection& connection, std::span<const Migration> known);

}  // namespace streampark::store
