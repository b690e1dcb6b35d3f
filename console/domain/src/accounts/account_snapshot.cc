// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "streampark/console/accounts/accounts.h"
#include "streampark/console/names.h"

namespace streampark::console {
namespace {

template <typename Thing>
void SortByName(std::vector<Thing>& things) {
  std::sort(things.begin(), things.end(),
            [](const Thing& a, const Thing& b) { return NameKey(a.name) < NameKey(b.name); });
}

}  // namespace

AccountSnapshot::AccountSnapshot(AccountBook book) : book_(std::move(book)) {
  SortByName(book_.users);
  SortByName(book_.teams);
  std::sort(book_.memberships.begin(), book_.memberships.end(),
            [](const Membership& a, const Membership& b) {
              return std::tie(a.team_id, a.user_id) < std::tie(b.team_id, b.user_id);
            });
  for (std::size_t i = 0; i < book_.users.size(); ++i) {
    users_by_id_.emplace(book_.users[i].id, i);
    users_by_key_.emplace(NameKey(book_.users[i].name), i);
  }
  for (std::size_t i = 0; i < book_.teams.size(); ++i) {
    teams_by_id_.emplace(book_.teams[i].id, i);
    teams_by_key_.emplace(NameKey(book_.teams[i].name), i);
  }
}

const User* AccountSnapshot::FindUser(std::string_view id_or_name) const {
  if (const auto it = users_by_id_.find(id_or_name); it != users_by_id_.end()) {
    return &book_.users[it->second];
  }
  const auto it = users_by_key_.find(NameKey(id_or_name));
  return it == users_by_key_.end() ? nullptr : &book_.users[it->second];
}

const Team* AccountSnapshot::FindTeam(std::string_view id_or_name) const {
  if (const auto it = teams_by_id_.find(id_or_name); it != teams_by_id_.end()) {
    return &book_.teams[it->second];
  }
  const auto it = teams_by_key_.find(NameKey(id_or_name));
  return it == teams_by_key_.end() ? nullptr : &book_.teams[it->second];
}

std::vector<Membership> AccountSnapshot::MembersOf(std::string_view team_id) const {
  std::vector<Membership> members;
  std::copy_if(book_.memberships.begin(), book_.memberships.end(), std::back_inserter(members),
               [&](const Membership& membership) { return membership.team_id == team_id; });
  return members;
}

std::vector<Membership> AccountSnapshot::MembershipsOf(std::string_view user_id) const {
  std::vector<Membership> memberships;
  std::copy_if(book_.memberships.begin(), book_.memberships.end(), std::back_inserter(memberships),
               [&](const Membership& membership) { return membership.user_id == user_id; });
  return memberships;
}

Rights AccountSnapshot::RightsOf(const User& user) const {
  Rights rights;
  if (user.locked) {
    return rights;
  }
  rights.platform_admin = user.platform_admin;
  for (const Membership& membership : MembershipsOf(user.id)) {
    rights.memberships.push_back({membership.team_id, membership.role});
  }
  return rights;
}

}  // namespace streampark::console
