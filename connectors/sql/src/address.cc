// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sql/address.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace streampark::connectors::sql {
namespace {

constexpr std::array<std::pair<std::string_view, DatabaseKind>, 4> kSchemes = {{
    {"postgres", DatabaseKind::kPostgres},
    {"postgresql", DatabaseKind::kPostgres},
    {"mariadb", DatabaseKind::kMariadb},
    {"mysql", DatabaseKind::kMariadb},
}};

base::Error Wrong(std::string what) {
  return base::Error(base::ErrorCode::kInvalidRequest,
                     "the address of the database " + std::move(what))
      .WithHint(
          "write postgres://user@host:5432/database, mariadb://user@host:3306/database or "
          "sqlite:/folder/file.db, and the password as the option 'password'");
}

std::optional<std::string> Unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain.push_back(text[i]);
      continue;
    }
    unsigned code = 0;
    const char* const begin = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(begin, begin + 2, code, 16).ptr != begin + 2 ||
        code == 0) {
      return std::nullopt;
    }
    plain.push_back(static_cast<char>(code));
    i += 2;
  }
  return plain;
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

/// What stands before `end`, which is taken too; all of it when there is none.
std::string_view TakeUntil(std::string_view& text, char end) {
  const auto at = text.find(end);
  const auto head = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return head;
}

base::Status ReadParameters(std::string_view text, Address& into) {
  while (!text.empty()) {
    auto value = TakeUntil(text, '&');
    const auto name = Unescape(TakeUntil(value, '='));
    const auto plain = Unescape(value);
    if (!name || name->empty() || !plain) {
      return Wrong("has a parameter that is none");
    }
    if (*name == "user") {
      into.user = *plain;
    } else if (*name == "password") {
      into.password = *plain;
    } else if (*name == "host" && into.kind == DatabaseKind::kPostgres) {
      into.host = *plain;
    } else {
      into.parameters[*name] = *plain;
    }
  }
  return base::Ok();
}

base::Status ReadAuthority(std::string_view authority, Address& into) {
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    auto secret = authority.substr(0, at);
    const auto user = Unescape(TakeUntil(secret, ':'));
    const auto password = Unescape(secret);
    if (!user || !password) {
      return Wrong("has a user or password with a '%' that begins no %XX");
    }
    into.user = *user;
    into.password = *password;
    authority.remove_prefix(at + 1);
  }
  std::string_view host = authority;
  std::string_view port;
  if (host.starts_with('[')) {  // IPv6
    const auto close = host.find(']');
    if (close == std::string_view::npos) {
      return Wrong("has a '[' without its ']'");
    }
    port = host.substr(close + 1);
    host = host.substr(1, close - 1);
    TakePrefix(port, ":");
  } else {
    port = host;
    host = TakeUntil(port, ':');
  }
  const auto plain = Unescape(host);
  if (!plain) {
    return Wrong("has a host with a '%' that begins no %XX");
  }
  into.host = *plain;
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), into.port);
    if (error != std::errc() || end != port.data() + port.size() || into.port < 1 ||
        into.port > 65'535) {
      return Wrong("has the port '" + std::string(port) + "', which is none");
    }
  }
  return base::Ok();
}

}  // namespace

std::string Address::ToString() const {
  switch (kind) {
    case DatabaseKind::kSqlite:
      return "sqlite:" + database;
    case DatabaseKind::kPostgres:
    case DatabaseKind::kMariadb:
      break;
  }
  std::string text = kind == DatabaseKind::kPostgres ? "postgres://" : "mariadb://";
  text += user.empty() ? "" : user + "@";
  text += host.empty() ? "localhost" : host;
  text += port == 0 ? "" : ":" + std::to_string(port);
  return text + "/" + database;
}

base::Result<Address> ParseAddress(std::string_view url) {
  Address address;
  TakePrefix(url, "jdbc:");
  if (TakePrefix(url, "sqlite:")) {
    TakePrefix(url, "//");
    address.kind = DatabaseKind::kSqlite;
    const auto path = TakeUntil(url, '?');
    if (path.empty()) {
      return Wrong("names no file");
    }
    address.database = path;
    SP_TRY(ReadParameters(url, address));
    return address;
  }
  const auto colon = url.find("://");
  const auto* scheme = kSchemes.begin();
  while (scheme != kSchemes.end() && scheme->first != url.substr(0, colon)) {
    ++scheme;
  }
  if (colon == std::string_view::npos || scheme == kSchemes.end()) {
    return Wrong("does not begin as one");
  }
  address.kind = scheme->second;
  url.remove_prefix(colon + 3);
  // A password may hold a slash; a question mark in it has to be written as %3F.
  auto place = TakeUntil(url, '?');
  const auto secret_ends = place.rfind('@');
  const auto slash = place.find('/', secret_ends == std::string_view::npos ? 0 : secret_ends);
  const auto database =
      Unescape(slash == std::string_view::npos ? std::string_view() : place.substr(slash + 1));
  if (!database) {
    return Wrong("has a database with a '%' that begins no %XX");
  }
  address.database = *database;
  SP_TRY(ReadAuthority(place.substr(0, slash), address));
  SP_TRY(ReadParameters(url, address));
  return address;
}

}  // namespace streampark::connectors::sql
