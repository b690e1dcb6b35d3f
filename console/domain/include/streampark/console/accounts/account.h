// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/console/caller.h"

namespace streampark::console {

/// Somebody who may sign in. Passwords are not here: no list of users can leak one.
struct User {
  std::string id;
  std::string name;  // unique without regard to case
  std::string display_name;
  std::string email;
  bool platform_admin = false;
  bool locked = false;
  bool password_change_required = false;
  base::Timestamp created_at;
  std::optional<base::Timestamp> last_sign_in_at;
  std::int64_t version = 1;  // the ETag
};

/// The unit of ownership and permission.
struct Team {
  std::string id;
  std::string name;  // unique without regard to case
  std::string description;
  base::Timestamp created_at;
  std::int64_t version = 1;
};

struct Membership {
  std::string team_id;
  std::string user_id;
  api::Role role = api::Role::kViewer;
  base::Timestamp since;
};

/// What a person says about a user or a team.
struct UserDraft {
  std::string name;
  std::string display_name;
  std::string email;
  bool platform_admin = false;
  bool locked = false;
};

struct TeamDraft {
  std::string name;
  std::string description;
};

}  // namespace streampark::console
