// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "streampark/base/files.h"
#include "streampark/base/temporary_folder.h"

#include "accounts/accounts_slice.h"

namespace streampark::server {
namespace {

using api::Permission;
using api::Role;
using base::ErrorCode;
using base::Millis;
using console::Caller;

/// The whole slice on a real database.
class AccountsTest : public testing::Test {
 protected:
  AccountsTest() { EXPECT_TRUE(slice_->EnsureFirstUser(password_file_).ok()); }

  console::Accounts& accounts() { return slice_->accounts(); }
  console::Access& access() { return slice_->access(); }
  std::string FirstPassword() {
    std::string text = base::ReadFile(password_file_).value();
    text.pop_back();
    return text;
  }
  console::User Admin() { return accounts().FindUser("admin").value(); }
  /// A user who has chosen the password "long enough 1".
  console::User Somebody(const std::string& name) {
    const auto created =
        accounts().CreateUser({.name = name, .display_name = {}, .email = {}}).value();
    EXPECT_TRUE(
        accounts().ChangePassword(created.user.id, created.one_time_password, kPassword).ok());
    return created.user;
  }
  console::Access::SignedIn SignIn(const std::string& name, std::string_view password = kPassword) {
    return access().SignIn(name, password, "127.0.0.1", "test").value();
  }
  console::UserDraft DraftOf(const console::User& user) {
    return {user.name, user.display_name, user.email, user.platform_admin, user.locked};
  }

  static constexpr std::string_view kPassword = "long enough 1";
  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  std::filesystem::path password_file_ = folder_.path() / "first-password";
  base::ManualClock clock_;
  base::SecureRandom random_;
  base::UlidGenerator ids_{clock_, random_};
  console::TeamBelongings belongings_;
  console::EventBus events_{"boot"};
  std::unique_ptr<store::Database> database_ =
      store::Database::Open(folder_.path() / "a.db", {.backup_folder = folder_.path()}, clock_)
          .value();
  std::unique_ptr<AccountsSlice> slice_ =
      AccountsSlice::Make(*database_, belongings_, events_, clock_, random_, ids_).value();
};

TEST_F(AccountsTest, TheFirstPasswordIsReadableByItsOwnerAndGoesWhenChanged) {
  struct stat status {};
  ASSERT_EQ(::stat(password_file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const std::string password = FirstPassword();
  const auto signed_in = SignIn("admin", password);
  EXPECT_TRUE(signed_in.caller.identity().password_change_required);
  EXPECT_EQ(accounts().ChangePassword(Admin().id, password, "short").error().code(),
            ErrorCode::kValidationFailed);
  EXPECT_EQ(accounts().ChangePassword(Admin().id, password, password).error().code(),
            ErrorCode::kValidationFailed);
  EXPECT_EQ(accounts().ChangePassword(Admin().id, "wrong", kPassword).error().code(),
            ErrorCode::kBadCredentials);
  ASSERT_TRUE(accounts().ChangePassword(Admin().id, password, kPassword).ok());
  EXPECT_FALSE(std::filesystem::exists(password_file_));
  EXPECT_FALSE(access().Refresh(signed_in.caller).identity().password_change_required);
  ASSERT_TRUE(slice_->EnsureFirstUser(password_file_).ok());
  EXPECT_FALSE(std::filesystem::exists(password_file_));
}

TEST_F(AccountsTest, WithoutItsPasswordTheFirstUserIsNotMade) {
  const auto database =
      store::Database::Open(folder_.path() / "b.db", {.backup_folder = folder_.path()}, clock_)
          .value();
  const auto slice =
      AccountsSlice::Make(*database, belongings_, events_, clock_, random_, ids_).value();
  EXPECT_FALSE(slice->EnsureFirstUser(folder_.path() / "nowhere" / "first-password").ok());
  EXPECT_TRUE(slice->accounts().snapshot()->users().empty());
  ASSERT_TRUE(slice->EnsureFirstUser(folder_.path() / "second-try").ok());
  EXPECT_EQ(slice->accounts().Teams().size(), 1U);
  const console::User admin = slice->accounts().FindUser("admin").value();
  EXPECT_EQ(slice->accounts().snapshot()->MembershipsOf(admin.id).size(), 1U);
}

TEST_F(AccountsTest, ATokenWorksBeforeTheFirstPasswordIsChanged) {
  const auto created = access().CreateTokenFor(Admin(), "t", Millis(3'600'000)).value();
  const Caller caller = access().IdentifyToken(created.secret).value();
  EXPECT_FALSE(caller.identity().password_change_required);
  EXPECT_TRUE(caller.CanOnPlatform(Permission::kUserEdit));
}

TEST_F(AccountsTest, WrongNamesAndWrongPasswordsLookTheSame) {
  Somebody("ann");
  const auto wrong = access().SignIn("ann", "wrong", "a", "").error();
  const auto unknown = access().SignIn("nobody", "wrong", "b", "").error();
  EXPECT_EQ(wrong.ToString(), unknown.ToString());
  EXPECT_EQ(wrong.code(), ErrorCode::kBadCredentials);
  // An id is no name to sign in with.
  EXPECT_FALSE(access().SignIn(Admin().id, FirstPassword(), "c", "").ok());
  EXPECT_TRUE(access().SignIn("ANN", kPassword, "d", "").ok());
}

TEST_F(AccountsTest, GuessingIsSlowedDown) {
  Somebody("ann");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(access().SignIn("ann", "wrong", "a", "").error().code(), ErrorCode::kBadCredentials);
  }
  EXPECT_EQ(access().SignIn("ann", kPassword, "a", "").error().code(), ErrorCode::kRateLimited);
  clock_.Advance(Millis(1001));
  EXPECT_TRUE(access().SignIn("ann", kPassword, "a", "").ok());
}

TEST_F(AccountsTest, SigningOutEndsTheSession) {
  Somebody("ann");
  const auto signed_in = SignIn("ann");
  EXPECT_FALSE(access().RecallSession(signed_in.secret)->anonymous());
  ASSERT_TRUE(access().EndSession(signed_in.session.id).ok());
  EXPECT_FALSE(access().IdentifySession(signed_in.secret).ok());
  EXPECT_TRUE(access().Refresh(signed_in.caller).anonymous());
}

TEST_F(AccountsTest, SessionsExpire) {
  Somebody("ann");
  const auto signed_in = SignIn("ann");
  clock_.Advance(slice_->settings().Current()->session_lifetime - Millis(1));
  EXPECT_FALSE(access().RecallSession(signed_in.secret)->anonymous());
  clock_.Advance(Millis(1));
  EXPECT_FALSE(access().IdentifySession(signed_in.secret).ok());
}

TEST_F(AccountsTest, ACookieIsNoTokenAndATokenNoCookie) {
  Somebody("ann");
  const auto signed_in = SignIn("ann");
  EXPECT_FALSE(access().IdentifyToken(signed_in.secret).ok());
  const auto token = access()
                         .CreateToken(signed_in.caller,
                                      {.name = "t", .team_ids = {}, .role = {}, .expires_in = {}})
                         .value();
  EXPECT_FALSE(access().IdentifySession(token.secret).ok());
}

TEST_F(AccountsTest, SecretsAreNotInTheDatabase) {
  Somebody("ann");
  const auto signed_in = SignIn("ann");
  const auto token = access()
                         .CreateToken(signed_in.caller,
                                      {.name = "t", .team_ids = {}, .role = {}, .expires_in = {}})
                         .value();
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    if (entry.path().filename().string().starts_with("a.db")) {
      bytes += base::ReadFile(entry.path()).value();
    }
  }
  EXPECT_NE(bytes.find(token.token.digest), std::string::npos);
  EXPECT_EQ(bytes.find(token.secret), std::string::npos);
  EXPECT_EQ(bytes.find(signed_in.secret), std::string::npos);
  EXPECT_EQ(bytes.find(kPassword), std::string::npos);
}

TEST_F(AccountsTest, LockedUsersAreNobodyAtOnce) {
  const console::User ann = Somebody("ann");
  const auto signed_in = SignIn("ann");
  const auto token = access()
                         .CreateToken(signed_in.caller,
                                      {.name = "t", .team_ids = {}, .role = {}, .expires_in = {}})
                         .value();
  auto draft = DraftOf(*accounts().FindUser("ann"));
  draft.locked = true;
  ASSERT_TRUE(accounts().UpdateUser(ann.id, draft, accounts().FindUser("ann")->version).ok());
  EXPECT_FALSE(access().IdentifySession(signed_in.secret).ok());
  EXPECT_FALSE(access().IdentifyToken(token.secret).ok());
  EXPECT_TRUE(access().Refresh(signed_in.caller).anonymous());
  EXPECT_EQ(access().SignIn("ann", kPassword, "a", "").error().code(), ErrorCode::kBadCredentials);
}

TEST_F(AccountsTest, RightsAreThoseOfThisMoment) {
  const console::User ann = Somebody("ann");
  const console::Team team = accounts().CreateTeam({.name = "blue", .description = {}}).value();
  const Caller caller = SignIn("ann").caller;
  EXPECT_FALSE(access().Refresh(caller).Can(Permission::kJobView, team.id));
  ASSERT_TRUE(accounts().PutMember(team.id, "ann", Role::kDeveloper).ok());
  EXPECT_TRUE(access().Refresh(caller).Can(Permission::kJobEdit, team.id));
  ASSERT_TRUE(accounts().PutMember(team.id, ann.id, Role::kViewer).ok());
  EXPECT_FALSE(access().Refresh(caller).Can(Permission::kJobEdit, team.id));
  ASSERT_TRUE(accounts().RemoveMember(team.id, "ann").ok());
  EXPECT_FALSE(access().Refresh(caller).Can(Permission::kJobView, team.id));
  EXPECT_EQ(accounts().RemoveMember(team.id, "ann").error().code(), ErrorCode::kNotFound);
}

TEST_F(AccountsTest, ChangedRightsAreToldToThatUserAlone) {
  const console::User ann = Somebody("ann");
  const Caller caller = SignIn("ann").caller;
  const Caller admin = SignIn("admin", FirstPassword()).caller;
  int woken = 0;
  const auto reader = events_.Subscribe({}, [&] { ++woken; });
  const auto other = events_.Subscribe({}, [] {});
  const console::Team team = accounts().CreateTeam({.name = "blue", .description = {}}).value();
  ASSERT_TRUE(accounts().PutMember(team.id, "ann", Role::kViewer).ok());
  EXPECT_GT(woken, 0);
  const auto events = reader->Take(access().Refresh(caller), {}, 10);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.front().type, "session");
  EXPECT_TRUE(other->Take(admin, {}, 10).empty());
}

TEST_F(AccountsTest, TheLastAdministratorStays) {
  const console::User admin = Admin();
  auto draft = DraftOf(admin);
  draft.platform_admin = false;
  EXPECT_EQ(accounts().UpdateUser(admin.id, draft, admin.version).error().code(),
            ErrorCode::kIllegalState);
  draft = DraftOf(admin);
  draft.locked = true;
  EXPECT_EQ(accounts().UpdateUser(admin.id, draft, admin.version).error().code(),
            ErrorCode::kIllegalState);
  EXPECT_EQ(accounts().DeleteUser(admin.id).error().code(), ErrorCode::kIllegalState);
  ASSERT_TRUE(
      accounts()
          .CreateUser({.name = "second", .display_name = {}, .email = {}, .platform_admin = true})
          .ok());
  EXPECT_TRUE(accounts().DeleteUser(admin.id).ok());
  EXPECT_FALSE(accounts().FindUser("admin"));
}

TEST_F(AccountsTest, NamesAreTakenWithoutRegardToCase) {
  Somebody("ann");
  EXPECT_EQ(accounts().CreateUser({.name = "Ann", .display_name = {}, .email = {}}).error().code(),
            ErrorCode::kNameTaken);
  ASSERT_TRUE(accounts().CreateTeam({.name = "blue", .description = {}}).ok());
  EXPECT_EQ(accounts().CreateTeam({.name = "BLUE", .description = {}}).error().code(),
            ErrorCode::kNameTaken);
}

TEST_F(AccountsTest, AnEditOfAnOldVersionIsRefused) {
  const console::User ann = Somebody("ann");
  auto draft = DraftOf(ann);
  draft.display_name = "Ann";
  ASSERT_TRUE(accounts().UpdateUser(ann.id, draft, 1).ok());
  EXPECT_EQ(accounts().UpdateUser(ann.id, draft, 1).error().code(), ErrorCode::kStaleEdit);
}

TEST_F(AccountsTest, ATeamThatOwnsSomethingStays) {
  const console::Team team = accounts().CreateTeam({.name = "blue", .description = {}}).value();
  std::size_t jobs = 2;
  belongings_.CountJobs([&](std::string_view) { return jobs; });
  EXPECT_EQ(accounts().DeleteTeam(team.id).error().code(), ErrorCode::kInUse);
  jobs = 0;
  EXPECT_TRUE(accounts().DeleteTeam(team.id).ok());
}

TEST_F(AccountsTest, TokensNeverExceedTheirLimits) {
  Somebody("ann");
  const console::Team blue = accounts().CreateTeam({.name = "blue", .description = {}}).value();
  const console::Team red = accounts().CreateTeam({.name = "red", .description = {}}).value();
  ASSERT_TRUE(accounts().PutMember(blue.id, "ann", Role::kAdmin).ok());
  ASSERT_TRUE(accounts().PutMember(red.id, "ann", Role::kAdmin).ok());
  const Caller ann = SignIn("ann").caller;
  const auto limited =
      access()
          .CreateToken(
              ann, {.name = "ci", .team_ids = {"blue"}, .role = Role::kOperator, .expires_in = {}})
          .value();
  const Caller caller = access().IdentifyToken(limited.secret).value();
  EXPECT_TRUE(caller.Can(Permission::kJobOperate, blue.id));
  EXPECT_FALSE(caller.Can(Permission::kJobEdit, blue.id));
  EXPECT_FALSE(caller.Sees(red.id));
  EXPECT_EQ(access()
                .CreateToken(caller, {.name = "more", .team_ids = {}, .role = {}, .expires_in = {}})
                .error()
                .code(),
            ErrorCode::kForbidden);
  const console::Team green = accounts().CreateTeam({.name = "green", .description = {}}).value();
  EXPECT_FALSE(
      access()
          .CreateToken(ann, {.name = "x", .team_ids = {green.id}, .role = {}, .expires_in = {}})
          .ok());
  // When its one team goes, the token reaches nothing; it does not become unlimited.
  ASSERT_TRUE(accounts().DeleteTeam(blue.id).ok());
  EXPECT_FALSE(access().Refresh(caller).CanInSomeTeam(Permission::kJobView));
}

TEST_F(AccountsTest, TokensAreListedRevokedAndExpire) {
  Somebody("ann");
  const Caller ann = SignIn("ann").caller;
  const auto token =
      access()
          .CreateToken(ann, {.name = "t", .team_ids = {}, .role = {}, .expires_in = Millis(1000)})
          .value();
  EXPECT_TRUE(token.secret.starts_with(token.token.prefix));
  ASSERT_EQ(access().TokensOf(ann.user_id()).size(), 1U);
  EXPECT_EQ(access().RevokeToken(Admin().id, token.token.id).error().code(), ErrorCode::kNotFound);
  EXPECT_TRUE(access().IdentifyToken(token.secret).ok());
  EXPECT_TRUE(access().TokensOf(ann.user_id()).front().last_used_at);
  clock_.Advance(Millis(1000));
  EXPECT_FALSE(access().IdentifyToken(token.secret).ok());
  const auto second =
      access()
          .CreateToken(ann, {.name = "u", .team_ids = {}, .role = {}, .expires_in = {}})
          .value();
  ASSERT_TRUE(access().RevokeToken(ann.user_id(), second.token.id).ok());
  EXPECT_FALSE(access().IdentifyToken(second.secret).ok());
}

TEST_F(AccountsTest, AResetPasswordEndsTokensToo) {
  const console::User ann = Somebody("ann");
  const auto signed_in = SignIn("ann");
  const auto token = access().CreateTokenFor(ann, "t", Millis(3'600'000)).value();
  const auto others = access().CreateTokenFor(Admin(), "t", Millis(3'600'000)).value();
  ASSERT_TRUE(access().EndCredentialsOf(ann.id).ok());
  EXPECT_FALSE(access().IdentifyToken(token.secret).ok());
  EXPECT_FALSE(access().IdentifySession(signed_in.secret).ok());
  EXPECT_TRUE(access().IdentifyToken(others.secret).ok());
}

TEST_F(AccountsTest, WhatAnotherProcessDidIsNoticed) {
  Somebody("ann");
  const auto signed_in = SignIn("ann");
  auto other = AccountsSlice::Make(*database_, belongings_, events_, clock_, random_, ids_).value();
  // A token made elsewhere is found when it is used.
  const auto token = other->access().CreateTokenFor(Admin(), "t", Millis(3'600'000)).value();
  EXPECT_FALSE(access().RecallToken(token.secret));
  EXPECT_TRUE(access().IdentifyToken(token.secret).ok());
  // Sessions ended elsewhere end here at the next tick.
  const console::User ann = *other->accounts().FindUser("ann");
  const auto reset = other->accounts().ResetPassword(ann.id).value();
  ASSERT_TRUE(other->access().EndSessionsOf(ann.id).ok());
  ASSERT_TRUE(other->tables().NoteForeignChange().ok());
  EXPECT_FALSE(access().RecallSession(signed_in.secret)->anonymous());
  access().Tick();
  EXPECT_FALSE(access().IdentifySession(signed_in.secret).ok());
  EXPECT_TRUE(SignIn("ann", reset.one_time_password).caller.identity().password_change_required);
}

TEST_F(AccountsTest, UseIsWrittenLaterAndSurvivesARestart) {
  Somebody("ann");
  const auto signed_in = SignIn("ann");
  clock_.Advance(Millis(31'000));
  EXPECT_FALSE(access().RecallSession(signed_in.secret)->anonymous());
  const base::Timestamp used = clock_.Now();
  access().Tick();
  auto restarted =
      AccountsSlice::Make(*database_, belongings_, events_, clock_, random_, ids_).value();
  const auto sessions = restarted->access().SessionsOf(signed_in.caller.user_id());
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions.front().last_used_at, used);
  EXPECT_FALSE(restarted->access().RecallSession(signed_in.secret)->anonymous());
}

TEST_F(AccountsTest, SettingsHaveVersions) {
  auto wanted = *slice_->settings().Current();
  wanted.agent_limit = 7;
  ASSERT_TRUE(slice_->settings().Update(wanted, 1).ok());
  EXPECT_EQ(slice_->settings().Current()->agent_limit, 7);
  EXPECT_EQ(slice_->settings().Update(wanted, 1).error().code(), ErrorCode::kStaleEdit);
  auto restarted =
      AccountsSlice::Make(*database_, belongings_, events_, clock_, random_, ids_).value();
  EXPECT_EQ(restarted->settings().Current()->agent_limit, 7);
  EXPECT_EQ(restarted->settings().Current()->version, 2);
}

TEST_F(AccountsTest, TheTrailIsReadByPartTeamAndPage) {
  store::AuditTable audit(*database_);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(audit
                    .Append({.id = ids_.Next(),
                             .at = clock_.Now(),
                             .actor = i % 2 == 0 ? "ann" : "b_b",
                             .action = "x",
                             .target = "t" + std::to_string(i),
                             .team_id = i < 3 ? "T" : "",
                             .outcome = "OK",
                             .address = "a"})
                    .ok());
  }
  const auto targets = [&](const console::AuditQuery& query) {
    std::string text;
    for (const auto& event : audit.List(query).value()) {
      text += event.target;
    }
    return text;
  };
  EXPECT_EQ(targets({}), "t4t3t2t1t0");
  EXPECT_EQ(targets({.teams = console::TeamSet::Of({"T"})}), "t2t1t0");
  EXPECT_EQ(targets({.teams = console::TeamSet::Of({})}), "");
  EXPECT_EQ(targets({.part = "ann"}), "t4t2t0");
  EXPECT_EQ(targets({.part = "_"}), "t3t1");
  EXPECT_EQ(targets({.part = "%"}), "");
  EXPECT_EQ(targets({.part = "' OR 1=1 --"}), "");
  EXPECT_EQ(targets({.limit = 2}), "t4t3");
}

}  // namespace
}  // namespace streampark::server
