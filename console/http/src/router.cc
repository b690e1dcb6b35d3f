// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/router.h"

#include <algorithm>
#include <unordered_map>

#include "streampark/base/check.h"
#include "streampark/console/names.h"

#include "decoded_text.h"

namespace streampark::http {
namespace {

/// What somebody may do who has not yet changed the first password.
constexpr std::string_view kBeforePasswordChange[] = {"getSession", "signOut", "changePassword",
                                                      "getAbout"};
/// Requests by another method than GET that change nothing, beside those that only need a view
/// permission.
constexpr std::string_view kChangesNothing[] = {"checkClusterSpec", "validateSql", "explainSql",
                                                "getSqlVocabulary"};

template <typename Names>
bool Holds(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

std::vector<std::string_view> SegmentsOf(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t start = 1; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    segments.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  return segments;
}

bool IsParameter(std::string_view segment) { return segment.starts_with('{'); }

std::string_view ParameterName(std::string_view segment) {
  return segment.substr(1, segment.size() - 2);
}

/// "jobId" → "job", for messages.
std::string ThingOf(std::string_view parameter) {
  return std::string(parameter.ends_with("Id") ? parameter.substr(0, parameter.size() - 2)
                                               : parameter);
}

/// One wording whether a thing is not there or not his to see.
base::Error NoSuch(std::string_view parameter, std::string_view id) {
  return base::Error(base::ErrorCode::kNotFound,
                     "there is no " + ThingOf(parameter) + " '" + std::string(id) + "'");
}

bool ChangesSomething(const api::Route& route) {
  return route.method != "GET" && !console::PermissionName(route.permission).ends_with(":view") &&
         !Holds(kChangesNothing, route.operation_id);
}

}  // namespace

struct Router::Entry {
  std::vector<std::string_view> segments;
  Handler handler;
  Execution execution = Execution::kPool;
};

Router::Router() : Router(api::kRoutes) {}

Router::Router(std::span<const api::Route> routes) : routes_(routes), entries_(routes.size()) {
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    entries_[i].segments = SegmentsOf(routes_[i].path);
  }
}

Router::~Router() = default;

void Router::Bind(std::string_view operation_id, Handler handler, Execution execution) {
  const auto it = std::find_if(routes_.begin(), routes_.end(), [&](const api::Route& route) {
    return route.operation_id == operation_id;
  });
  SP_CHECK(it != routes_.end());
  Entry& entry = entries_[static_cast<std::size_t>(it - routes_.begin())];
  SP_CHECK(!entry.handler);
  // What changes something is written to the audit trail, which takes the database.
  SP_CHECK(execution == Execution::kPool || !ChangesSomething(*it));
  entry.handler = std::move(handler);
  entry.execution = execution;
}

void Router::ResolveTeam(std::string_view parameter, TeamResolver resolver) {
  const bool added = resolvers_.emplace(parameter, std::move(resolver)).second;
  SP_CHECK(added);
}

void Router::OnOutcome(std::function<void(const Outcome&)> listener) {
  on_outcome_ = std::move(listener);
}

base::Status Router::CheckComplete() const {
  std::string missing;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const Entry& entry = entries_[i];
    const bool has_parameter =
        std::any_of(entry.segments.begin(), entry.segments.end(), IsParameter);
    const bool has_resolver =
        std::any_of(entry.segments.begin(), entry.segments.end(), [&](std::string_view segment) {
          return IsParameter(segment) && resolvers_.contains(ParameterName(segment));
        });
    if (!entry.handler) {
      missing.append(missing.empty() ? "" : ", ")
          .append(routes_[i].operation_id)
          .append(" has no handler");
    }
    if (routes_[i].scope == api::Scope::kTeam && has_parameter && !has_resolver) {
      missing.append(missing.empty() ? "" : ", ")
          .append(routes_[i].operation_id)
          .append(" has no team");
    }
  }
  if (!missing.empty()) {
    return base::Error(base::ErrorCode::kConfigInvalid, "the routes are incomplete: " + missing);
  }
  return base::Ok();
}

base::Result<Router::Match> Router::Find(std::string_view method, std::string_view path) const {
  const std::vector<std::string_view> segments = SegmentsOf(path);
  const Entry* best = nullptr;
  std::size_t best_parameters = 0;
  std::string allowed;
  for (const Entry& entry : entries_) {
    if (entry.segments.size() != segments.size()) {
      continue;
    }
    std::size_t parameters = 0;
    bool matches = true;
    for (std::size_t i = 0; matches && i < segments.size(); ++i) {
      if (IsParameter(entry.segments[i])) {
        ++parameters;
        matches = !segments[i].empty();
      } else {
        matches = entry.segments[i] == segments[i];
      }
    }
    if (!matches) {
      continue;
    }
    const api::Route& route = routes_[static_cast<std::size_t>(&entry - entries_.data())];
    if (route.method != method) {
      allowed.append(allowed.empty() ? "" : ", ").append(route.method);
    } else if (best == nullptr || parameters < best_parameters) {
      // A literal segment goes before a parameter: /jobs/counts is no job.
      best = &entry;
      best_parameters = parameters;
    }
  }
  if (best == nullptr) {
    if (!allowed.empty()) {
      return base::Error(base::ErrorCode::kMethodNotAllowed,
                         std::string(method) + " is not possible on " + std::string(path))
          .WithHint("possible here: " + allowed);
    }
    return base::Error(base::ErrorCode::kNotFound, "there is nothing at " + std::string(path));
  }
  Match match;
  match.index = static_cast<std::size_t>(best - entries_.data());
  match.route = &routes_[match.index];
  match.handler = &best->handler;
  match.execution = best->execution;
  for (std::size_t i = 0; best_parameters > 0 && i < segments.size(); ++i) {
    if (IsParameter(best->segments[i])) {
      auto text = DecodedText(segments[i], base::Plus::kIsPlus);
      if (!text) {
        return base::Error(base::ErrorCode::kInvalidRequest, "the path is not well encoded");
      }
      match.path_parameters.emplace_back(ParameterName(best->segments[i]), *std::move(text));
    }
  }
  return match;
}

base::Status Router::Permit(const api::Route& route, Request& request) const {
  const console::Caller& caller = request.caller;
  if (route.scope == api::Scope::kPublic) {
    return base::Ok();
  }
  if (caller.anonymous()) {
    return base::Error(base::ErrorCode::kUnauthenticated, "this needs a signed-in user or a token");
  }
  if (caller.identity().password_change_required &&
      !Holds(kBeforePasswordChange, route.operation_id)) {
    return base::Error(base::ErrorCode::kPasswordChangeRequired,
                       "the password was given to you; choose your own first");
  }
  const auto forbidden = [&](std::string hint) {
    return base::Error(base::ErrorCode::kForbidden,
                       "this needs the permission " +
                           std::string(console::PermissionName(route.permission)))
        .WithHint(std::move(hint));
  };
  switch (route.scope) {
    case api::Scope::kPublic:
      return base::Ok();
    case api::Scope::kSelf:
      if (route.permission == api::Permission::kNone || caller.CanInSomeTeam(route.permission)) {
        return base::Ok();
      }
      return forbidden("ask an administrator of your team");
    case api::Scope::kPlatform:
      if (caller.CanOnPlatform(route.permission)) {
        return base::Ok();
      }
      return forbidden("ask a platform administrator");
    case api::Scope::kTeam:
      break;
  }
  for (const auto& [parameter, id] : request.path_parameters) {
    const auto resolver = resolvers_.find(parameter);
    if (resolver == resolvers_.end()) {
      continue;
    }
    base::Result<std::string> team = resolver->second(id);
    if (!team.ok()) {
      return team.error().code() == base::ErrorCode::kNotFound ? NoSuch(parameter, id)
                                                               : team.error();
    }
    request.team_id = std::move(team).value();
    base::Status permitted = caller.Require(route.permission, request.team_id);
    if (!permitted.ok() && permitted.error().code() == base::ErrorCode::kNotFound) {
      return NoSuch(parameter, id);
    }
    return permitted;
  }
  if (!caller.CanInSomeTeam(route.permission)) {
    return forbidden("ask an administrator of your team, or to be made a member of one");
  }
  return base::Ok();
}

base::Result<Response> Router::Run(const Match& match, Request& request) const {
  const base::Status permitted = Permit(*match.route, request);
  base::Result<Response> response =
      permitted.ok() ? (*match.handler)(request) : base::Result<Response>(permitted.error());
  if (!on_outcome_ || !ChangesSomething(*match.route)) {
    return response;
  }
  Outcome outcome{.route = match.route,
                  .request = &request,
                  .target = {},
                  .team_id = request.team_id,
                  .code = "OK"};
  if (!request.path_parameters.empty()) {
    outcome.target = request.path_parameters.back().second;
  }
  if (!response.ok()) {
    outcome.code = response.error().traits().code;
  } else {
    if (!response->audit_target.empty()) {
      outcome.target = response->audit_target;
    }
    if (!response->audit_team.empty()) {
      outcome.team_id = response->audit_team;
    }
  }
  on_outcome_(outcome);
  return response;
}

}  // namespace streampark::http
