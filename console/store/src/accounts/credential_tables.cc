// SPDX-License-Identifier: Apache-2.0
#include "streampark/store/accounts/account_tables.h"

namespace streampark::store {
namespace {

using console::Session;
using console::Token;

constexpr std::string_view kSessionColumns =
    "SELECT id, digest, user_id, csrf_token, created_at, last_used_at, expires_at, address, "
    "user_agent FROM sessions";
constexpr std::string_view kTokenColumns =
    "SELECT id, digest, user_id, name, prefix, role, team_ids, created_at, expires_at, "
    "last_used_at FROM tokens";

Session SessionOf(const Row& row) {
  Session session;
  session.id = row.text(0);
  session.digest = row.text(1);
  session.user_id = row.text(2);
  session.csrf_token = row.text(3);
  session.created_at = row.time(4);
  session.last_used_at = row.time(5);
  session.expires_at = row.time(6);
  session.address = row.text(7);
  session.user_agent = row.text(8);
  return session;
}

Token TokenOf(const Row& row) {
  Token token;
  token.id = row.text(0);
  token.digest = row.text(1);
  token.user_id = row.text(2);
  token.name = row.text(3);
  token.prefix = row.text(4);
  if (const auto role = row.optional_text(5)) {
    // A limit that is not understood must not become none.
    token.role = console::ParseRole(*role).value_or(api::Role::kViewer);
  }
  const std::string teams = row.text(6);
  for (std::size_t start = 0; start < teams.size();) {
    const std::size_t end = std::min(teams.find(' ', start), teams.size());
    token.team_ids.push_back(teams.substr(start, end - start));
    start = end + 1;
  }
  token.created_at = row.time(7);
  token.expires_at = row.optional_time(8);
  token.last_used_at = row.optional_time(9);
  return token;
}

base::Status Done(base::Result<std::int64_t> rows) {
  SP_TRY(std::move(rows));
  return base::Ok();
}

}  // namespace

base::Result<std::vector<Session>> CredentialTables::LoadSessions() {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(kSessionColumns, SessionOf);
}

base::Result<std::vector<Token>> CredentialTables::LoadTokens() {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(kTokenColumns, TokenOf);
}

base::Result<std::optional<Session>> CredentialTables::FindSession(std::string_view digest) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(std::string(kSessionColumns) + " WHERE digest = ?", SessionOf, digest);
}

base::Result<std::optional<Token>> CredentialTables::FindToken(std::string_view digest) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(std::string(kTokenColumns) + " WHERE digest = ?", TokenOf, digest);
}

base::Status CredentialTables::InsertSession(const Session& session) {
  return Done(database_.Execute(
      "INSERT INTO sessions (id, digest, user_id, csrf_token, created_at, last_used_at, "
      "expires_at, address, "
      "user_agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      session.id, session.digest, session.user_id, session.csrf_token, session.created_at,
      session.last_used_at, session.expires_at, session.address, session.user_agent));
}

base::Status CredentialTables::DeleteSession(std::string_view id) {
  return Done(database_.Execute("DELETE FROM sessions WHERE id = ?", id));
}

base::Status CredentialTables::DeleteSessionsOf(std::string_view user_id, std::string_view kept) {
  return Done(
      database_.Execute("DELETE FROM sessions WHERE user_id = ? AND id <> ?", user_id, kept));
}

base::Status CredentialTables::DeleteCredentialsOf(std::string_view user_id) {
  Transaction transaction = SP_TRY(database_.Begin());
  SP_TRY(transaction->Execute("DELETE FROM sessions WHERE user_id = ?", user_id));
  SP_TRY(transaction->Execute("DELETE FROM tokens WHERE user_id = ?", user_id));
  return transaction.Commit();
}

base::Status CredentialTables::DeleteExpired(base::Timestamp now) {
  Transaction transaction = SP_TRY(database_.Begin());
  SP_TRY(transaction->Execute("DELETE FROM sessions WHERE expires_at <= ?", now));
  SP_TRY(transaction->Execute("DELETE FROM tokens WHERE expires_at <= ?", now));
  return transaction.Commit();
}

base::Status CredentialTables::InsertToken(const Token& token) {
  std::string teams;
  for (const std::string& id : token.team_ids) {
    teams.append(teams.empty() ? "" : " ").append(id);
  }
  const auto role =
      token.role ? std::optional<std::string_view>(console::RoleName(*token.role)) : std::nullopt;
  return Done(
      database_.Execute("INSERT INTO tokens (id, digest, user_id, name, prefix, role, team_ids, "
                        "created_at, expires_at, last_used_at) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        token.id, token.digest, token.user_id, token.name, token.prefix, role,
                        teams, token.created_at, token.expires_at, token.last_used_at));
}

base::Status CredentialTables::DeleteToken(std::string_view id) {
  return Done(database_.Execute("DELETE FROM tokens WHERE id = ?", id));
}

base::Status CredentialTables::RecordUse(
    const std::vector<std::pair<std::string, base::Timestamp>>& uses) {
  Transaction transaction = SP_TRY(database_.Begin());
  for (const auto& [id, at] : uses) {
    SP_TRY(transaction->Execute("UPDATE sessions SET last_used_at = ? WHERE id = ?", at, id));
    SP_TRY(transaction->Execute("UPDATE tokens SET last_used_at = ? WHERE id = ?", at, id));
  }
  return transaction.Commit();
}

}  // namespace streampark::store
