// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/json.h"
#include "streampark/http/body.h"

#include "account_json.h"

namespace streampark::http {
namespace {

/// The cookie's name is in the contract.
std::string SessionCookie(const Request& request, std::string_view secret,
                          long long max_age_seconds) {
  std::string cookie =
      "streampark_session=" + std::string(secret) +
      "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(max_age_seconds);
  if (request.secure) {
    cookie += "; Secure";
  }
  return cookie;
}

base::Result<Response> SignIn(const AccountServices& services, const Request& request) {
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  const std::string name = in.Text("name", {.required = true, .longest = 200});
  const std::string password = in.Text("password", {.required = true, .longest = 1024});
  SP_TRY(in.Finish());
  const auto signed_in =
      SP_TRY(services.access.SignIn(name, password, request.address, request.Header("user-agent")));
  const auto life = std::chrono::duration_cast<std::chrono::seconds>(signed_in.session.expires_at -
                                                                     signed_in.session.created_at);
  return Response::Json(SP_TRY(SessionJson(services, signed_in.caller)))
      .WithHeader("Set-Cookie", SessionCookie(request, signed_in.secret, life.count()))
      .WithAudit(signed_in.caller.user_name());
}

base::Result<Response> SignOut(const AccountServices& services, const Request& request) {
  if (request.caller.via() == console::CallerVia::kWeb) {
    SP_TRY(services.access.EndSession(request.caller.credential_id()));
  }
  return Response::NoContent().WithHeader("Set-Cookie", SessionCookie(request, "", 0));
}

base::Result<Response> ChangePassword(const AccountServices& services, const Request& request) {
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  const std::string current = in.Text("current", {.required = true, .longest = 1024});
  const std::string replacement = in.Text("replacement", {.required = true, .longest = 1024});
  SP_TRY(in.Finish());
  SP_TRY(services.accounts.ChangePassword(request.caller.user_id(), current, replacement));
  SP_TRY(services.access.EndSessionsOf(request.caller.user_id(), request.caller.credential_id()));
  return Response::NoContent();
}

base::Result<Response> UpdateProfile(const AccountServices& services, const Request& request) {
  const json::object body = SP_TRY(JsonBody(request));
  const auto user = services.accounts.FindUser(request.caller.user_id());
  FieldReader in(body);
  const std::string display_name =
      in.Text("displayName", {.longest = 200, .fallback = user ? user->display_name : ""});
  const std::string email = in.Text("email", {.longest = 200, .fallback = user ? user->email : ""});
  SP_TRY(in.Finish());
  // Whose profile it is, is who he is: there is no name in the request to trust.
  SP_TRY(services.accounts.UpdateProfile(request.caller.user_id(), display_name, email));
  return Response::Json(SP_TRY(SessionJson(services, request.caller)));
}

base::Result<Response> ListOwnSessions(const AccountServices& services, const Request& request) {
  json::array items;
  for (const console::Session& session : services.access.SessionsOf(request.caller.user_id())) {
    items.push_back({{"id", session.id},
                     {"current", session.id == request.caller.credential_id()},
                     {"createdAt", base::FormatTimestamp(session.created_at)},
                     {"lastUsedAt", base::FormatTimestamp(session.last_used_at)},
                     {"address", session.address},
                     {"userAgent", session.user_agent}});
  }
  return Response::Json({{"items", std::move(items)}});
}

base::Result<Response> EndOwnSession(const AccountServices& services, const Request& request) {
  const std::string& id = request.PathParameter("sessionId");
  const auto session = services.access.FindSession(id);
  if (!session || session->user_id != request.caller.user_id()) {
    return base::Error(base::ErrorCode::kNotFound, "there is no session '" + id + "'");
  }
  SP_TRY(services.access.EndSession(id));
  return Response::NoContent();
}

}  // namespace

void RegisterSessionRoutes(Router& router, const AccountServices& services) {
  router.Bind("signIn", [=](const Request& request) { return SignIn(services, request); });
  router.Bind(
      "getSession",
      [=](const Request& request) -> base::Result<Response> {
        return Response::Json(SP_TRY(SessionJson(services, request.caller)));
      },
      Execution::kInline);
  router.Bind("signOut", [=](const Request& request) { return SignOut(services, request); });
  router.Bind("changePassword",
              [=](const Request& request) { return ChangePassword(services, request); });
  router.Bind("updateProfile",
              [=](const Request& request) { return UpdateProfile(services, request); });
  router.Bind(
      "listOwnSessions", [=](const Request& request) { return ListOwnSessions(services, request); },
      Execution::kInline);
  router.Bind("endOwnSession",
              [=](const Request& request) { return EndOwnSession(services, request); });
}

}  // namespace streampark::http
