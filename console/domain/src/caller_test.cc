// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/caller.h"

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

using api::Permission;
using api::Role;

Caller With(Rights rights) {
  Caller::Identity identity;
  identity.via = CallerVia::kWeb;
  identity.user_id = "U";
  identity.rights = std::move(rights);
  return Caller(std::make_shared<const Caller::Identity>(std::move(identity)));
}

Caller Developer() {
  return With({.memberships = {{"A", Role::kDeveloper}, {"B", Role::kViewer}}});
}

TEST(CallerTest, NobodyMayDoNothing) {
  const Caller nobody;
  EXPECT_TRUE(nobody.anonymous());
  for (std::size_t i = 0; i < api::kPermissionNames.size(); ++i) {
    const auto permission = static_cast<Permission>(i);
    EXPECT_FALSE(nobody.Can(permission, "A"));
    EXPECT_FALSE(nobody.Can(permission, ""));
    EXPECT_FALSE(nobody.CanOnPlatform(permission));
    EXPECT_FALSE(nobody.CanInSomeTeam(permission));
  }
  EXPECT_EQ(nobody.Require(Permission::kJobView, "A").error().code(),
            base::ErrorCode::kUnauthenticated);
}

TEST(CallerTest, ARoleCountsInItsTeamAlone) {
  const Caller caller = Developer();
  EXPECT_TRUE(caller.Can(Permission::kJobEdit, "A"));
  EXPECT_FALSE(caller.Can(Permission::kJobEdit, "B"));
  EXPECT_TRUE(caller.Can(Permission::kJobView, "B"));
  EXPECT_FALSE(caller.Can(Permission::kJobView, "C"));
  EXPECT_FALSE(caller.Can(Permission::kTeamEdit, "A"));
  EXPECT_EQ(caller.TeamsWith(Permission::kJobEdit), TeamSet::Of({"A"}));
  EXPECT_EQ(caller.TeamsWith(Permission::kJobView), TeamSet::Of({"B", "A"}));
  EXPECT_TRUE(caller.TeamsWith(Permission::kClusterEdit).empty());
}

TEST(CallerTest, ATeamOfOthersDoesNotExist) {
  const Caller caller = Developer();
  EXPECT_EQ(caller.Require(Permission::kJobView, "C", "the job").error().code(),
            base::ErrorCode::kNotFound);
  EXPECT_EQ(caller.Require(Permission::kJobEdit, "B").error().code(), base::ErrorCode::kForbidden);
  EXPECT_TRUE(caller.Require(Permission::kJobEdit, "A").ok());
}

TEST(CallerTest, SharedThingsAreSeenByMembersAndChangedOnThePlatform) {
  const Caller caller = Developer();
  EXPECT_TRUE(caller.Can(Permission::kClusterView, ""));
  EXPECT_FALSE(caller.Can(Permission::kJobEdit, ""));
  EXPECT_EQ(caller.Require(Permission::kClusterEdit, "").error().code(),
            base::ErrorCode::kForbidden);
  const Caller stranger = With({});
  EXPECT_FALSE(stranger.Can(Permission::kClusterView, ""));
  EXPECT_EQ(stranger.Require(Permission::kClusterView, "").error().code(),
            base::ErrorCode::kNotFound);
}

TEST(CallerTest, ATeamsAdminIsNoPlatformAdmin) {
  const Caller caller = With({.memberships = {{"A", Role::kAdmin}}});
  EXPECT_TRUE(caller.Can(Permission::kUserEdit, "A"));
  EXPECT_FALSE(caller.CanOnPlatform(Permission::kUserEdit));
  EXPECT_FALSE(caller.Can(Permission::kClusterEdit, ""));
}

TEST(CallerTest, APlatformAdminMayDoEverything) {
  const Caller caller = With({.platform_admin = true});
  EXPECT_TRUE(caller.Can(Permission::kJobEdit, "anything"));
  EXPECT_TRUE(caller.CanOnPlatform(Permission::kSettingsEdit));
  EXPECT_TRUE(caller.TeamsWith(Permission::kJobView).all());
  EXPECT_EQ(caller.RoleIn("A"), Role::kAdmin);
}

TEST(CallerTest, ATokenIsNeverMoreThanItsLimits) {
  const Caller caller =
      With({.platform_admin = true, .at_most = Role::kOperator, .only_teams = {"A"}});
  EXPECT_TRUE(caller.Can(Permission::kJobOperate, "A"));
  EXPECT_FALSE(caller.Can(Permission::kJobEdit, "A"));
  EXPECT_FALSE(caller.Can(Permission::kJobView, "B"));
  EXPECT_FALSE(caller.Sees("B"));
  EXPECT_FALSE(caller.CanOnPlatform(Permission::kSettingsView));
  EXPECT_EQ(caller.TeamsWith(Permission::kJobView), TeamSet::Of({"A"}));
  EXPECT_EQ(caller.RoleIn("A"), Role::kOperator);

  const Caller viewer = With({.memberships = {{"A", Role::kViewer}}, .at_most = Role::kAdmin});
  EXPECT_FALSE(viewer.Can(Permission::kJobEdit, "A"));
}

TEST(CallerTest, NamesOfRoles) {
  EXPECT_EQ(ParseRole("ADMIN"), Role::kAdmin);
  EXPECT_EQ(ParseRole("admin"), std::nullopt);
  EXPECT_EQ(RoleName(Role::kViewer), "VIEWER");
  EXPECT_EQ(PermissionName(Permission::kJobView), "job:view");
}

}  // namespace
}  // namespace streampark::console
