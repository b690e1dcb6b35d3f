// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/accounts/directory.h"

namespace streampark::console {

base::Result<Team> RequireTeam(const Directory& directory, const Caller& caller,
                               api::Permission permission, std::string_view id_or_name) {
  const std::string named = "the team '" + std::string(id_or_name) + "'";
  std::optional<Team> team = directory.FindTeam(id_or_name);
  if (!team) {
    return base::Error(base::ErrorCode::kNotFound, named + " does not exist");
  }
  SP_TRY(caller.Require(permission, team->id, named));
  return *std::move(team);
}

}  // namespace streampark::console
