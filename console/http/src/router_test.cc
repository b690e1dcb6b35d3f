// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/router.h"

#include <set>

#include <gtest/gtest.h>

namespace streampark::http {
namespace {

using api::Permission;
using api::Role;
using api::Scope;
using base::ErrorCode;
using console::Caller;
using console::CallerVia;

constexpr std::string_view kTeam = "TEAM";
constexpr std::string_view kOtherTeam = "OTHER";

struct Who {
  bool platform_admin = false;
  std::optional<Role> role;  // in kTeam
  bool password_change_required = false;
};

Caller CallerLike(const Who& who) {
  Caller::Identity identity;
  identity.via = CallerVia::kWeb;
  identity.user_id = "USER";
  identity.user_name = "someone";
  identity.password_change_required = who.password_change_required;
  identity.rights.platform_admin = who.platform_admin;
  if (who.role) {
    identity.rights.memberships.push_back({std::string(kTeam), *who.role});
  }
  return Caller(std::make_shared<const Caller::Identity>(std::move(identity)));
}

std::vector<std::string> ParametersOf(std::string_view path) {
  std::vector<std::string> names;
  for (std::size_t open = path.find('{'); open != std::string_view::npos;
       open = path.find('{', open + 1)) {
    names.emplace_back(path.substr(open + 1, path.find('}', open) - open - 1));
  }
  return names;
}

/// All routes of the contract, bound to a handler that says yes; every {parameter} belongs to
/// kTeam, unless its value says otherwise.
class ContractTest : public testing::Test {
 protected:
  ContractTest() {
    std::set<std::string> parameters;
    for (const api::Route& route : api::kRoutes) {
      router_.Bind(route.operation_id,
                   [](const Request&) -> base::Result<Response> { return Response::NoContent(); });
      for (std::string& name : ParametersOf(route.path)) {
        parameters.insert(std::move(name));
      }
    }
    for (const std::string& name : parameters) {
      router_.ResolveTeam(name, [](std::string_view id) -> base::Result<std::string> {
        if (id == "missing") {
          return base::Error(ErrorCode::kNotFound, "no such row");
        }
        return std::string(id == "others"   ? kOtherTeam
                           : id == "shared" ? std::string_view()
                                            : kTeam);
      });
    }
  }

  /// OK or the code of the error.
  std::string Try(const api::Route& route, const Caller& caller, const std::string& id = "ours") {
    std::string path(route.path);
    for (const std::string& name : ParametersOf(route.path)) {
      path.replace(path.find('{'), name.size() + 2, id);
    }
    auto match = router_.Find(route.method, path);
    if (!match.ok()) {
      return std::string(match.error().traits().code);
    }
    EXPECT_EQ(match->route->operation_id, route.operation_id) << path;
    Request request;
    request.method = route.method;
    request.path_parameters = match->path_parameters;
    request.caller = caller;
    const auto response = router_.Run(*match, request);
    return response.ok() ? "OK" : std::string(response.error().traits().code);
  }
  static bool NamesAThing(const api::Route& route) { return !ParametersOf(route.path).empty(); }

  Router router_;
};

TEST_F(ContractTest, IsComplete) { EXPECT_TRUE(router_.CheckComplete().ok()); }

TEST_F(ContractTest, NobodyReachesMoreThanThePublicRoutes) {
  const std::set<std::string_view> meant_public = {"getHealth", "getReadiness", "getOpenapi",
                                                   "signIn"};
  for (const api::Route& route : api::kRoutes) {
    EXPECT_EQ(route.scope == Scope::kPublic, meant_public.contains(route.operation_id))
        << route.operation_id;
    EXPECT_EQ(Try(route, Caller()), route.scope == Scope::kPublic ? "OK" : "UNAUTHENTICATED")
        << route.operation_id;
  }
}

TEST_F(ContractTest, EachRoleReachesExactlyWhatTheTableGrants) {
  for (const api::Route& route : api::kRoutes) {
    for (const Role role : {Role::kAdmin, Role::kDeveloper, Role::kOperator, Role::kViewer}) {
      std::string expected = "OK";
      if (route.scope == Scope::kPlatform && route.permission != Permission::kNone) {
        expected = "FORBIDDEN";
      } else if (route.scope == Scope::kTeam && !api::Allows(role, route.permission)) {
        expected = "FORBIDDEN";
      }
      EXPECT_EQ(Try(route, CallerLike({.role = role})), expected)
          << route.operation_id << " as " << console::RoleName(role);
    }
    EXPECT_EQ(Try(route, CallerLike({.platform_admin = true})), "OK") << route.operation_id;
  }
}

TEST_F(ContractTest, AThingOfAnotherTeamDoesNotExist) {
  for (const api::Route& route : api::kRoutes) {
    if (route.scope != Scope::kTeam || !NamesAThing(route)) {
      continue;
    }
    // Whether it is there or not, whatever the role is: the same answer.
    for (const Role role : {Role::kAdmin, Role::kViewer}) {
      EXPECT_EQ(Try(route, CallerLike({.role = role}), "others"), "NOT_FOUND")
          << route.operation_id;
      EXPECT_EQ(Try(route, CallerLike({.role = role}), "missing"), "NOT_FOUND")
          << route.operation_id;
    }
  }
}

TEST_F(ContractTest, SharedThingsAreChangedOnThePlatformAlone) {
  for (const api::Route& route : api::kRoutes) {
    if (route.scope != Scope::kTeam || !NamesAThing(route)) {
      continue;
    }
    const bool views = console::PermissionName(route.permission).ends_with(":view");
    const std::string expected =
        views && api::Allows(Role::kAdmin, route.permission) ? "OK" : "FORBIDDEN";
    EXPECT_EQ(Try(route, CallerLike({.role = Role::kAdmin}), "shared"), expected)
        << route.operation_id;
    EXPECT_EQ(Try(route, CallerLike({.platform_admin = true}), "shared"), "OK")
        << route.operation_id;
  }
}

TEST_F(ContractTest, WhoIsInNoTeamReachesNothingOfTeams) {
  for (const api::Route& route : api::kRoutes) {
    if (route.scope == Scope::kTeam) {
      EXPECT_EQ(Try(route, CallerLike({})), NamesAThing(route) ? "NOT_FOUND" : "FORBIDDEN")
          << route.operation_id;
    }
  }
}

TEST_F(ContractTest, TheFirstPasswordIsChangedFirst) {
  const std::set<std::string_view> meant = {"getSession", "signOut", "changePassword", "getAbout"};
  for (const api::Route& route : api::kRoutes) {
    if (route.scope != Scope::kPublic) {
      EXPECT_EQ(Try(route, CallerLike({.platform_admin = true, .password_change_required = true})),
                meant.contains(route.operation_id) ? "OK" : "PASSWORD_CHANGE_REQUIRED")
          << route.operation_id;
    }
  }
}

TEST_F(ContractTest, EveryChangeIsHeardOf) {
  std::vector<std::string> heard;
  router_.OnOutcome([&](const Outcome& outcome) {
    heard.push_back(std::string(outcome.route->operation_id) + " " + std::string(outcome.code) +
                    " " + std::string(outcome.target));
  });
  for (const api::Route& route : api::kRoutes) {
    heard.clear();
    Try(route, CallerLike({.platform_admin = true}));
    const bool only_looks =
        route.method == "GET" || console::PermissionName(route.permission).ends_with(":view") ||
        route.operation_id == "checkClusterSpec" || route.operation_id == "validateSql" ||
        route.operation_id == "explainSql" || route.operation_id == "getSqlVocabulary";
    EXPECT_EQ(heard.size(), only_looks ? 0U : 1U) << route.operation_id;
  }
  heard.clear();
  const auto& update =
      *std::find_if(api::kRoutes.begin(), api::kRoutes.end(),
                    [](const api::Route& route) { return route.operation_id == "updateTeam"; });
  Try(update, CallerLike({.role = Role::kViewer}));
  EXPECT_EQ(heard, std::vector<std::string>{"updateTeam FORBIDDEN ours"});
}

constexpr api::Route kFewRoutes[] = {
    {"listJobs", "GET", "/api/v1/jobs", Permission::kJobView, Scope::kTeam},
    {"countJobs", "GET", "/api/v1/jobs/counts", Permission::kJobView, Scope::kTeam},
    {"getJob", "GET", "/api/v1/jobs/{jobId}", Permission::kJobView, Scope::kTeam},
};

TEST(RouterTest, PrefersWordsToParameters) {
  const Router router(kFewRoutes);
  EXPECT_EQ(router.Find("GET", "/api/v1/jobs/counts")->route->operation_id, "countJobs");
  EXPECT_EQ(router.Find("GET", "/api/v1/jobs/x")->route->operation_id, "getJob");
}

TEST(RouterTest, TellsAWrongMethodFromAWrongPath) {
  const Router router(kFewRoutes);
  EXPECT_EQ(router.Find("DELETE", "/api/v1/jobs").error().code(), ErrorCode::kMethodNotAllowed);
  for (const char* path :
       {"/", "/api/v1/job", "/api/v1/jobs/", "/api/v1/jobs/a/b", "/api/v1//jobs", "/API/v1/jobs"}) {
    EXPECT_EQ(router.Find("GET", path).error().code(), ErrorCode::kNotFound) << path;
  }
}

TEST(RouterTest, DecodesParameters) {
  const Router router(kFewRoutes);
  EXPECT_EQ(router.Find("GET", "/api/v1/jobs/a%2Fb%20%c3%bc")->path_parameters.front().second,
            "a/b ü");
  for (const char* path : {"/api/v1/jobs/%", "/api/v1/jobs/%4", "/api/v1/jobs/%zz",
                           "/api/v1/jobs/%00", "/api/v1/jobs/%ff"}) {
    EXPECT_EQ(router.Find("GET", path).error().code(), ErrorCode::kInvalidRequest) << path;
  }
}

TEST(RouterTest, NamesWhatIsNotBound) {
  Router router(kFewRoutes);
  router.Bind("listJobs",
              [](const Request&) -> base::Result<Response> { return Response::NoContent(); });
  const base::Status complete = router.CheckComplete();
  ASSERT_FALSE(complete.ok());
  EXPECT_EQ(complete.error().message().find("listJobs"), std::string::npos);
  EXPECT_NE(complete.error().message().find("countJobs has no handler"), std::string::npos);
  EXPECT_NE(complete.error().message().find("getJob has no team"), std::string::npos);
}

TEST(RouterTest, WhatIsNotInTheContractIsADefect) {
  Router router(kFewRoutes);
  const Handler handler = [](const Request&) -> base::Result<Response> {
    return Response::NoContent();
  };
  EXPECT_DEATH(router.Bind("nonsense", handler), "check failed");
  router.Bind("listJobs", handler);
  EXPECT_DEATH(router.Bind("listJobs", handler), "check failed");
}

}  // namespace
}  // namespace streampark::http
