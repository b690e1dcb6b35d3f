// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/accounts/team_belongings.h"

namespace streampark::console {

std::optional<TeamBelongings::Owned> TeamBelongings::Find(std::string_view team_id) const {
  if (const std::size_t jobs = Jobs(team_id); jobs > 0) {
    return Owned{"jobs", jobs};
  }
  for (const auto& [what, count] : others_) {
    if (const std::size_t owned = count(team_id); owned > 0) {
      return Owned{what, owned};
    }
  }
  return std::nullopt;
}

}  // namespace streampark::console
