// SPDX-License-Identifier: Apache-2.0
#include "mariadb_error.h"

#include <array>
#include <utility>

namespace streampark::connectors::mariadb {
namespace {

using base::ErrorCode;

constexpr std::array<std::pair<unsigned, ErrorCode>, 22> kNumbers = {{
    {1264, ErrorCode::kValidationFailed}, {1265, ErrorCode::kValidationFailed},
    {1292, ErrorCode::kValidationFailed}, {1366, ErrorCode::kValidationFailed},
    {1406, ErrorCode::kValidationFailed}, {1525, ErrorCode::kValidationFailed},
    {1142, ErrorCode::kForbidden},        {1143, ErrorCode::kForbidden},
    {1044, ErrorCode::kForbidden},        {1227, ErrorCode::kForbidden},
    {1370, ErrorCode::kForbidden},        {1146, ErrorCode::kNotFound},
    {1049, ErrorCode::kNotFound},         {1045, ErrorCode::kBadCredentials},
    {1698, ErrorCode::kBadCredentials},   {1205, ErrorCode::kIoError},
    {1213, ErrorCode::kIoError},          {1040, ErrorCode::kIoError},
    {1053, ErrorCode::kIoError},          {1158, ErrorCode::kIoError},
    {1021, ErrorCode::kStorageFull},      {1114, ErrorCode::kStorageFull},
}};

constexpr unsigned kFirstOfClient = 2000;
constexpr unsigned kLastOfClient = 2999;

ErrorCode CodeOf(unsigned number, std::string_view state) {
  for (const auto& [known, code] : kNumbers) {
    if (known == number) {
      return code;
    }
  }
  if ((number >= kFirstOfClient && number <= kLastOfClient) || state.starts_with("08") ||
      state.starts_with("40")) {
    return ErrorCode::kIoError;
  }
  if (state.starts_with("22") || state.starts_with("23")) {
    return ErrorCode::kValidationFailed;
  }
  return ErrorCode::kInvalidRequest;
}

std::string_view Between(std::string_view text, std::string_view before, std::string_view after) {
  const auto begin = text.find(before);
  if (begin == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(begin + before.size());
  return text.substr(0, after.empty() ? std::string_view::npos : text.find(after));
}

/// From `INSERT command denied to user 'ann'@'db' for table `shop`.`orders``, or from `Access denied for user 'ann'@'db' to database 'shop'`.
std::string GrantFor(const std::string& message) {
  constexpr std::string_view kDenied = " command denied to user ";
  if (const auto user = Between(message, kDenied, " for "); !user.empty()) {
    const auto table = Between(message, "for table ", "");
    return "GRANT " + message.substr(0, message.find(kDenied)) + " ON " + std::string(table) +
           " TO " + std::string(user);
  }
  if (const auto database = Between(message, "to database '", "'"); !database.empty()) {
    return "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP ON `" + std::string(database) +
           "`.* TO " + std::string(Between(message, "for user ", " to database"));
  }
  return "the user lacks a right; SHOW GRANTS tells those that there are";
}

std::string HintFor(unsigned number, ErrorCode code, const std::string& message) {
  if (code == ErrorCode::kForbidden) {
    return GrantFor(message);
  }
  if (number == 1062) {
    return "rows with this key are there already: 'mode: upsert' replaces them";
  }
  if (number == 1205) {
    return "somebody else holds a lock: SELECT * FROM information_schema.INNODB_TRX shows who";
  }
  if (code == ErrorCode::kBadCredentials) {
    return "see the options 'username' and 'password'";
  }
  return "";
}

}  // namespace

base::Error ErrorOf(unsigned number, std::string_view state, const std::string& message) {
  const ErrorCode code = CodeOf(number, state);
  return base::Error(code, message)
      .WithCause(std::to_string(number) + ", " + std::string(state))
      .WithHint(HintFor(number, code, message));
}

base::Error ErrorOf(const Libmariadb& my, MYSQL* connection) {
  return ErrorOf(my.mysql_errno(connection), my.mysql_sqlstate(connection),
                 my.mysql_error(connection));
}

base::Error ErrorOf(const Libmariadb& my, MYSQL_STMT* statement) {
  return ErrorOf(my.mysql_stmt_errno(statement), my.mysql_stmt_sqlstate(statement),
                 my.mysql_stmt_error(statement));
}

}  // namespace streampark::connectors::mariadb
