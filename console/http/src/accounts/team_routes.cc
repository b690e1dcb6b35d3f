// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/json.h"
#include "streampark/http/body.h"
#include "streampark/http/paging.h"

#include "account_json.h"

namespace streampark::http {
namespace {

base::Result<console::TeamDraft> ReadTeamDraft(const Request& request) {
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  console::TeamDraft draft;
  draft.name = in.Name("name");
  draft.description = in.Text("description", {.longest = 2000});
  SP_TRY(in.Finish());
  return draft;
}

base::Result<console::Team> TeamInPath(const AccountServices& services, const Request& request) {
  auto team = services.accounts.FindTeam(request.PathParameter("teamId"));
  if (!team) {
    return base::Error(base::ErrorCode::kNotFound,
                       "there is no team '" + request.PathParameter("teamId") + "'");
  }
  return *std::move(team);
}

base::Result<Response> ListTeams(const AccountServices& services, const Request& request) {
  const console::TeamSet visible = request.caller.TeamsWith(api::Permission::kTeamView);
  json::array items;
  for (const console::Team& team : services.accounts.Teams()) {
    if (visible.Contains(team.id)) {
      items.push_back(TeamJson(team, services.accounts));
    }
  }
  return Response::Json({{"items", std::move(items)}});
}

Response TeamAnswer(const AccountServices& services, const console::Team& team, int status = 200) {
  return Response::Json(TeamJson(team, services.accounts), status)
      .WithETag(std::to_string(team.version));
}

base::Result<Response> UpdateTeam(const AccountServices& services, const Request& request) {
  const console::Team team = SP_TRY(TeamInPath(services, request));
  SP_TRY(CheckIfMatch(request, std::to_string(team.version)));
  const console::TeamDraft draft = SP_TRY(ReadTeamDraft(request));
  return TeamAnswer(services, SP_TRY(services.accounts.UpdateTeam(team.id, draft, team.version)));
}

base::Result<Response> ListMembers(const AccountServices& services, const Request& request) {
  json::array items;
  for (const console::Membership& membership :
       services.accounts.snapshot()->MembersOf(request.team_id)) {
    items.push_back(MemberJson(membership, services.accounts));
  }
  return Response::Json({{"items", std::move(items)}});
}

base::Result<Response> PutMember(const AccountServices& services, const Request& request) {
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  const std::string role = in.OneOf("role", api::kRoleNames);
  SP_TRY(in.Finish());
  const auto membership = SP_TRY(services.accounts.PutMember(
      request.team_id, request.PathParameter("userId"), *console::ParseRole(role)));
  return Response::Json(MemberJson(membership, services.accounts));
}

}  // namespace

void RegisterTeamRoutes(Router& router, const AccountServices& services) {
  router.ResolveTeam("teamId", [=](std::string_view id) -> base::Result<std::string> {
    const auto team = services.accounts.FindTeam(id);
    if (!team) {
      return base::Error(base::ErrorCode::kNotFound, "there is no team '" + std::string(id) + "'");
    }
    return team->id;
  });
  router.Bind(
      "listTeams", [=](const Request& request) { return ListTeams(services, request); },
      Execution::kInline);
  router.Bind("createTeam", [=](const Request& request) -> base::Result<Response> {
    const console::Team team = SP_TRY(services.accounts.CreateTeam(SP_TRY(ReadTeamDraft(request))));
    return TeamAnswer(services, team, 201).WithAudit(team.id, team.id);
  });
  router.Bind(
      "getTeam",
      [=](const Request& request) -> base::Result<Response> {
        return TeamAnswer(services, SP_TRY(TeamInPath(services, request)));
      },
      Execution::kInline);
  router.Bind("updateTeam", [=](const Request& request) { return UpdateTeam(services, request); });
  router.Bind("deleteTeam", [=](const Request& request) -> base::Result<Response> {
    SP_TRY(services.accounts.DeleteTeam(SP_TRY(TeamInPath(services, request)).id));
    return Response::NoContent();
  });
  router.Bind(
      "listMembers", [=](const Request& request) { return ListMembers(services, request); },
      Execution::kInline);
  router.Bind("putMember", [=](const Request& request) { return PutMember(services, request); });
  router.Bind("removeMember", [=](const Request& request) -> base::Result<Response> {
    SP_TRY(services.accounts.RemoveMember(request.team_id, request.PathParameter("userId")));
    return Response::NoContent();
  });
  const auto roles = std::make_shared<const std::string>(json::serialize(RoleTableJson()));
  router.Bind(
      "listRoles",
      [roles](const Request&) -> base::Result<Response> { return Response::Json(roles); },
      Execution::kInline);
}

}  // namespace streampark::http
