// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/json.h"
#include "streampark/console/names.h"
#include "streampark/http/body.h"
#include "streampark/http/paging.h"

#include "account_json.h"

namespace streampark::http {
namespace {

/// The user whose id stands in the path; names do not do there.
base::Result<console::User> UserInPath(const AccountServices& services, const Request& request) {
  const std::string& id = request.PathParameter("userId");
  auto user = services.accounts.FindUser(id);
  if (!user || user->id != id) {
    return base::Error(base::ErrorCode::kNotFound, "there is no user '" + id + "'");
  }
  return *std::move(user);
}

base::Result<console::UserDraft> ReadUserDraft(const Request& request) {
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  console::UserDraft draft;
  draft.name = in.Name("name");
  draft.display_name = in.Text("displayName", {.longest = 200});
  draft.email = in.Text("email", {.longest = 200});
  draft.platform_admin = in.Flag("admin");
  draft.locked = in.Flag("locked");
  SP_TRY(in.Finish());
  return draft;
}

base::Result<std::int64_t> ExpectedVersion(const Request& request) {
  const std::string tag = SP_TRY(IfMatch(request));
  std::int64_t version = 0;
  for (const char c : tag) {
    if (c < '0' || c > '9' || version > 1'000'000'000'000) {
      return base::Error(base::ErrorCode::kStaleEdit, "'" + tag + "' is no version of this");
    }
    version = version * 10 + (c - '0');
  }
  return version;
}

json::value WithPassword(const console::Accounts::UserWithPassword& created) {
  json::object answer;
  answer["user"] = UserJson(created.user);
  answer["oneTimePassword"] = created.one_time_password;
  return answer;
}

base::Result<Response> ListUsers(const AccountServices& services, const Request& request) {
  const std::string part = console::NameKey(request.Query("q").value_or(""));
  const Page page = SP_TRY(PageOf(request, part));
  const auto snapshot = services.accounts.snapshot();
  json::array items;
  std::string next;
  std::string last_key;
  for (const console::User& user : snapshot->users()) {
    const std::string key = console::NameKey(user.name);
    if (!page.after.empty() && key <= page.after.front()) {
      continue;
    }
    if (key.find(part) == std::string::npos &&
        console::NameKey(user.display_name).find(part) == std::string::npos) {
      continue;
    }
    if (items.size() == page.limit) {
      next = EncodeCursor(part, {last_key});
      break;
    }
    items.push_back(UserJson(user));
    last_key = key;
  }
  return Response::Json(PageJson(std::move(items), next));
}

base::Result<Response> CreateUser(const AccountServices& services, const Request& request) {
  const auto created = SP_TRY(services.accounts.CreateUser(SP_TRY(ReadUserDraft(request))));
  return Response::Json(WithPassword(created), 201).WithAudit(created.user.id);
}

base::Result<Response> UpdateUser(const AccountServices& services, const Request& request) {
  const std::int64_t version = SP_TRY(ExpectedVersion(request));
  const console::UserDraft draft = SP_TRY(ReadUserDraft(request));
  const auto user =
      SP_TRY(services.accounts.UpdateUser(request.PathParameter("userId"), draft, version));
  if (user.locked) {
    SP_TRY(services.access.EndSessionsOf(user.id));
  }
  return Response::Json(UserJson(user)).WithETag(std::to_string(user.version));
}

base::Result<Response> ResetPassword(const AccountServices& services, const Request& request) {
  const auto reset = SP_TRY(services.accounts.ResetPassword(request.PathParameter("userId")));
  SP_TRY(services.access.EndCredentialsOf(reset.user.id));
  return Response::Json(WithPassword(reset));
}

}  // namespace

void RegisterUserRoutes(Router& router, const AccountServices& services) {
  router.Bind(
      "listUsers", [=](const Request& request) { return ListUsers(services, request); },
      Execution::kInline);
  router.Bind("createUser", [=](const Request& request) { return CreateUser(services, request); });
  router.Bind(
      "getUser",
      [=](const Request& request) -> base::Result<Response> {
        const console::User user = SP_TRY(UserInPath(services, request));
        return Response::Json(UserJson(user)).WithETag(std::to_string(user.version));
      },
      Execution::kInline);
  router.Bind("updateUser", [=](const Request& request) { return UpdateUser(services, request); });
  router.Bind("deleteUser", [=](const Request& request) -> base::Result<Response> {
    const console::User user = SP_TRY(UserInPath(services, request));
    SP_TRY(services.accounts.DeleteUser(user.id));
    SP_TRY(services.access.EndSessionsOf(user.id));
    return Response::NoContent();
  });
  router.Bind("resetPassword",
              [=](const Request& request) { return ResetPassword(services, request); });
}

}  // namespace streampark::http
