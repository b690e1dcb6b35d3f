// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/accounts/account.h"

namespace streampark::console {

/// Users and teams as other slices see them: from memory. Thread-safe.
class Directory {
 public:
  virtual ~Directory() = default;
  /// By id or, failing that, by name. Absent when there is none.
  virtual std::optional<Team> FindTeam(std::string_view id_or_name) const = 0;
  virtual std::optional<User> FindUser(std::string_view id_or_name) const = 0;
  /// In order of names.
  virtual std::vector<Team> Teams() const = 0;
  /// The name, or the id itself when it is gone: for lists.
  virtual std::string TeamName(std::string_view id) const = 0;
  virtual std::string UserName(std::string_view id) const = 0;
};

/// The team that `id_or_name` means to this caller: NOT_FOUND when he does not see one, FORBIDDEN
/// when he lacks the permission there. For `?team=` and for what is created in a team.
base::Result<Team> RequireTeam(const Directory& directory, const Caller& caller,
                               api::Permission permission, std::string_view id_or_name);

}  // namespace streampark::console
