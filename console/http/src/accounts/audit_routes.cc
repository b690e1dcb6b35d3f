// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/json.h"
#include "streampark/base/log.h"
#include "streampark/http/paging.h"

#include "account_json.h"

namespace streampark::http {
namespace {

/// Attempts by nobody and floods of guesses would let anyone fill the trail.
bool IsWorthKeeping(const Outcome& outcome) {
  return outcome.code != "UNAUTHENTICATED" && outcome.code != "RATE_LIMITED" &&
         outcome.code != "UNAVAILABLE";
}

/// Who did it; of a sign-in that failed, the name that was tried.
std::string ActorOf(const Outcome& outcome) {
  if (!outcome.request->caller.anonymous()) {
    return outcome.request->caller.user_name();
  }
  if (outcome.code == "OK") {
    return std::string(outcome.target);
  }
  constexpr std::size_t kLongestActor = 200;
  const auto body = json::Parse(outcome.request->body);
  return body.ok() && body->is_object()
             ? json::StringOr(body->get_object(), "name").substr(0, kLongestActor)
             : "";
}

void Record(const AccountServices& services, const Outcome& outcome) {
  if (!IsWorthKeeping(outcome)) {
    return;
  }
  constexpr std::size_t kLongestTarget = 200;
  console::AuditEvent event;
  event.id = services.ids.Next();
  event.at = services.clock.Now();
  event.actor = ActorOf(outcome);
  event.action = outcome.route->operation_id;
  event.target = outcome.target.substr(0, kLongestTarget);
  event.team_id = outcome.team_id;
  event.outcome = outcome.code;
  event.address = outcome.request->address;
  if (const base::Status written = services.audit.Append(event); !written.ok()) {
    base::LogError("audit event not written", {{"action", event.action},
                                               {"actor", event.actor},
                                               {"target", event.target},
                                               {"error", written.error()}});
  }
}

base::Result<Response> ListAuditEvents(const AccountServices& services, const Request& request) {
  console::AuditQuery query;
  query.part = request.Query("q").value_or("");
  query.teams = request.caller.TeamsWith(api::Permission::kAuditView);
  std::string team_id;
  if (const auto team = request.Query("team"); team && !team->empty()) {
    team_id =
        SP_TRY(RequireTeam(services.accounts, request.caller, api::Permission::kAuditView, *team))
            .id;
    query.teams = console::TeamSet::Of({team_id});
  }
  const std::string order = team_id + "/" + query.part;
  const Page page = SP_TRY(PageOf(request, order));
  query.before_id = page.after.empty() ? "" : page.after.front();
  query.limit = page.limit + 1;
  auto events = SP_TRY(services.audit.List(query));
  std::string next;
  if (events.size() > page.limit) {
    events.resize(page.limit);
    next = EncodeCursor(order, {events.back().id});
  }
  json::array items;
  for (const console::AuditEvent& event : events) {
    json::object item = AuditEventJson(event);
    if (!event.team_id.empty()) {
      item["team"] = services.accounts.TeamName(event.team_id);
    }
    items.push_back(std::move(item));
  }
  return Response::Json(PageJson(std::move(items), next));
}

}  // namespace

void RegisterAuditRoutes(Router& router, const AccountServices& services) {
  router.Bind("listAuditEvents",
              [=](const Request& request) { return ListAuditEvents(services, request); });
  router.OnOutcome([=](const Outcome& outcome) { Record(services, outcome); });
}

void RegisterAccountRoutes(Router& router, const AccountServices& services) {
  RegisterSessionRoutes(router, services);
  RegisterTokenRoutes(router, services);
  RegisterUserRoutes(router, services);
  RegisterTeamRoutes(router, services);
  RegisterSettingsRoutes(router, services);
  RegisterAuditRoutes(router, services);
}

}  // namespace streampark::http
