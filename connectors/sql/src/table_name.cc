// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sql/table_name.h"

#include <algorithm>
#include <vector>

namespace streampark::connectors::sql {
namespace {

base::Error NoTable(std::string_view text, const char* why) {
  return base::Error(base::ErrorCode::kInvalidRequest,
                     "'" + std::string(text) + "' names no table: " + why)
      .WithHint("write orders, sales.orders, or \"Sales\".\"Orders\" where names hold other signs");
}

std::string Written(const std::string& name) {
  if (!name.empty() && name.find_first_of(".\"`") == std::string::npos) {
    return name;
  }
  std::string quoted = "\"";
  for (const char c : name) {
    quoted.append(c == '"' ? 2 : 1, c);
  }
  return quoted + "\"";
}

}  // namespace

base::Result<TableName> TableName::Parse(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0;;) {
    std::string part;
    if (at < text.size() && (text[at] == '"' || text[at] == '`')) {
      const char quote = text[at++];
      for (;; ++at) {
        if (at >= text.size()) {
          return NoTable(text, "a quote is not closed");
        }
        if (text[at] == quote && (at + 1 >= text.size() || text[at + 1] != quote)) {
          ++at;
          break;
        }
        at += text[at] == quote ? 1 : 0;
        part.push_back(text[at]);
      }
    } else {
      const auto end = std::min(text.find('.', at), text.size());
      part = text.substr(at, end - at);
      at = end;
    }
    if (part.empty() || part.find('\0') != std::string::npos) {
      return NoTable(text, "a name is empty");
    }
    parts.push_back(std::move(part));
    if (at >= text.size()) {
      break;
    }
    if (text[at] != '.') {
      return NoTable(text, "a '.' is missing after a quoted name");
    }
    ++at;
  }
  if (parts.size() > 2) {
    return NoTable(text, "it has more than a schema and a name");
  }
  return parts.size() == 1 ? TableName{"", parts[0]} : TableName{parts[0], parts[1]};
}

std::string TableName::ToString() const {
  return schema.empty() ? Written(table) : Written(schema) + "." + Written(table);
}

}  // namespace streampark::connectors::sql
