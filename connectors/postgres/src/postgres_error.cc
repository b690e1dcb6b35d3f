// SPDX-License-Identifier: Apache-2.0
#include "postgres_error.h"

#include <array>
#include <utility>

namespace streampark::connectors::postgres {
namespace {

using base::ErrorCode;

/// A prefix of a SQLSTATE, the longest that fits counts.
constexpr std::array<std::pair<std::string_view, ErrorCode>, 16> kCodes = {{
    {"22", ErrorCode::kValidationFailed},
    {"23", ErrorCode::kValidationFailed},
    {"42501", ErrorCode::kForbidden},
    {"42P01", ErrorCode::kNotFound},
    {"3F000", ErrorCode::kNotFound},
    {"3D000", ErrorCode::kNotFound},
    {"28", ErrorCode::kBadCredentials},
    {"08", ErrorCode::kIoError},
    {"40", ErrorCode::kIoError},
    {"53", ErrorCode::kIoError},
    {"53100", ErrorCode::kStorageFull},
    {"55006", ErrorCode::kIoError},
    {"55P03", ErrorCode::kIoError},
    {"57P", ErrorCode::kIoError},
    {"57014", ErrorCode::kIoError},
    {"", ErrorCode::kInvalidRequest},
}};

ErrorCode CodeOf(std::string_view state) {
  if (state.empty()) {  // libpq itself: the connection
    return ErrorCode::kIoError;
  }
  const std::pair<std::string_view, ErrorCode>* best = &kCodes.back();
  for (const auto& one : kCodes) {
    if (state.starts_with(one.first) && one.first.size() >= best->first.size()) {
      best = &one;
    }
  }
  return best->second;
}

/// `must be superuser or replication role to …`, and since 16 `permission denied to start WAL sender`.
bool MayNotReplicate(const std::string& message) {
  return message.find("replication role") != std::string::npos ||
         message.find("WAL sender") != std::string::npos ||
         message.find("replication slots") != std::string::npos;
}

/// From `permission denied for table orders`.
std::string GrantFor(const std::string& message, std::string_view user) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kThings = {{
      {"table ", "SELECT, INSERT, UPDATE, DELETE ON TABLE "},
      {"view ", "SELECT ON TABLE "},
      {"schema ", "USAGE, CREATE ON SCHEMA "},
      {"sequence ", "USAGE ON SEQUENCE "},
      {"database ", "CONNECT, TEMPORARY ON DATABASE "},
  }};
  constexpr std::string_view kDenied = "permission denied for ";
  if (const auto at = message.find(kDenied); at != std::string::npos) {
    const std::string_view thing = std::string_view(message).substr(at + kDenied.size());
    for (const auto& [kind, grant] : kThings) {
      if (thing.starts_with(kind)) {
        return "GRANT " + std::string(grant) + std::string(thing.substr(kind.size())) + " TO \"" +
               std::string(user) + "\"";
      }
    }
  }
  if (MayNotReplicate(message)) {
    return "ALTER ROLE \"" + std::string(user) + "\" REPLICATION";
  }
  return "the user " + std::string(user) + " lacks a right; its owner or a superuser can grant it";
}

std::string HintFor(std::string_view state, ErrorCode code, const std::string& message,
                    std::string_view user) {
  if (state == "42501") {
    return GrantFor(message, user);
  }
  if (state == "55006") {
    return "somebody else uses it: SELECT * FROM pg_stat_activity WHERE state <> 'idle' shows who";
  }
  if (state == "55P03") {
    return "somebody else holds a lock: SELECT * FROM pg_stat_activity WHERE state <> 'idle' shows "
           "who";
  }
  if (state == "23505") {
    return "rows with this key are there already: 'mode: upsert' replaces them";
  }
  if (code == ErrorCode::kBadCredentials) {
    return "see the options 'username' and 'password', and the server's pg_hba.conf";
  }
  return "";
}

std::string FieldOf(const Libpq& pq, const PGresult* result, int field) {
  const char* text = result != nullptr ? pq.PQresultErrorField(result, field) : nullptr;
  return text != nullptr ? text : "";
}

std::string WithoutLineEnds(std::string text) {
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  for (char& c : text) {
    c = c == '\n' ? ' ' : c;
  }
  return text;
}

}  // namespace

base::Error ErrorOf(std::string_view state, const std::string& message, const std::string& detail,
                    std::string_view user) {
  const ErrorCode code = CodeOf(state);
  return base::Error(code, message)
      .WithCause(detail.empty() ? std::string(state) : std::string(state) + ": " + detail)
      .WithHint(HintFor(state, code, message, user));
}

base::Error ErrorOf(const Libpq& pq, PGconn* connection, const PGresult* result) {
  const char* user = connection != nullptr ? pq.PQuser(connection) : nullptr;
  std::string message = FieldOf(pq, result, PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) {
    const char* said = connection != nullptr ? pq.PQerrorMessage(connection) : nullptr;
    message = WithoutLineEnds(said != nullptr ? said : "no memory");
  }
  // A login is refused before there is a result with a state.
  std::string state = FieldOf(pq, result, PG_DIAG_SQLSTATE);
  if (state.empty() && result == nullptr) {
    if (message.find("authentication failed") != std::string::npos ||
        message.find("no password supplied") != std::string::npos ||
        message.find("pg_hba.conf") != std::string::npos ||
        (message.find("role \"") != std::string::npos &&
         message.find("does not exist") != std::string::npos)) {
      state = "28000";
    } else if (message.find("database \"") != std::string::npos &&
               message.find("does not exist") != std::string::npos) {
      state = "3D000";
    } else if (MayNotReplicate(message)) {
      state = "42501";
    }
  }
  return ErrorOf(state, message, FieldOf(pq, result, PG_DIAG_MESSAGE_DETAIL),
                 user != nullptr ? user : "");
}

}  // namespace streampark::connectors::postgres
