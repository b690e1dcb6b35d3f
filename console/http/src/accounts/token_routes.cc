// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/json.h"
#include "streampark/http/body.h"

#include "account_json.h"

namespace streampark::http {
namespace {

base::Result<Response> ListTokens(const AccountServices& services, const Request& request) {
  json::array items;
  for (const console::Token& token : services.access.TokensOf(request.caller.user_id())) {
    items.push_back(TokenJson(token));
  }
  return Response::Json({{"items", std::move(items)}});
}

base::Result<Response> CreateToken(const AccountServices& services, const Request& request) {
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  console::TokenDraft draft;
  draft.name = in.Name("name");
  draft.team_ids = in.Texts("teamIds");
  if (in.Has("role")) {
    draft.role = console::ParseRole(in.OneOf("role", api::kRoleNames));
  } else {
    in.Value("role");
  }
  draft.expires_in = in.Duration("expiresIn");
  SP_TRY(in.Finish());
  const auto created = SP_TRY(services.access.CreateToken(request.caller, draft));
  json::object answer;
  answer["token"] = TokenJson(created.token);
  answer["secret"] = created.secret;
  return Response::Json(answer, 201).WithAudit(created.token.id);
}

}  // namespace

void RegisterTokenRoutes(Router& router, const AccountServices& services) {
  router.Bind(
      "listTokens", [=](const Request& request) { return ListTokens(services, request); },
      Execution::kInline);
  router.Bind("createToken",
              [=](const Request& request) { return CreateToken(services, request); });
  router.Bind("revokeToken", [=](const Request& request) -> base::Result<Response> {
    SP_TRY(services.access.RevokeToken(request.caller.user_id(), request.PathParameter("tokenId")));
    return Response::NoContent();
  });
}

}  // namespace streampark::http
