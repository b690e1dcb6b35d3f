// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <algorithm>
#include <cstdio>

#include "streampark/base/clock.h"
#include "streampark/base/json.h"

namespace streampark::cli {
namespace {

std::size_t WidthOf(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

void PrettyInto(const json::value& value, std::string& out, const std::string& indent) {
  const std::string inner = indent + "  ";
  if (value.is_object() && !value.get_object().empty()) {
    out += "{\n";
    std::size_t left = value.get_object().size();
    for (const auto& member : value.get_object()) {
      out += inner + json::serialize(json::value(member.key())) + ": ";
      PrettyInto(member.value(), out, inner);
      out += --left > 0 ? ",\n" : "\n";
    }
    out += indent + "}";
  } else if (value.is_array() && !value.get_array().empty()) {
    out += "[\n";
    std::size_t left = value.get_array().size();
    for (const json::value& item : value.get_array()) {
      out += inner;
      PrettyInto(item, out, inner);
      out += --left > 0 ? ",\n" : "\n";
    }
    out += indent + "]";
  } else {
    out += json::serialize(value);
  }
}

void Write(std::FILE* to, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), to);
  if (!text.ends_with('\n')) {
    std::fputc('\n', to);
  }
}

}  // namespace

std::string Table::Render() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], WidthOf(row[i]));
    }
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) {
        line.append(widths[i] - WidthOf(row[i]) + 2, ' ');
      }
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string Pretty(const json::value& value) {
  std::string out;
  PrettyInto(value, out, "");
  return out + "\n";
}

void Print(std::string_view text) { Write(stdout, text); }

void PrintNotice(std::string_view text) { Write(stderr, text); }

void PrintError(const base::Error& error) {
  std::string text =
      "error: " + (error.message().empty() ? std::string(error.traits().title) : error.message());
  for (const base::FieldError& field : error.fields()) {
    text += "\n  " + (field.pointer.empty() ? "" : field.pointer + ": ") + field.message;
    text += field.hint.empty() ? "" : " (" + field.hint + ")";
  }
  text += error.cause().empty() ? "" : "\n  cause: " + error.cause();
  text += error.hint().empty() ? "" : "\n  hint: " + error.hint();
  PrintNotice(text + "\n  code: " + std::string(error.traits().code));
}

std::string Ago(std::string_view time) {
  const auto parsed = base::ParseTimestamp(time);
  if (!parsed) {
    return "-";
  }
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(base::SystemClock().Now() - *parsed).count();
  if (seconds < 60) {
    return std::to_string(std::max<long long>(seconds, 0)) + "s ago";
  }
  if (seconds < 3600) {
    return std::to_string(seconds / 60) + "m ago";
  }
  return seconds < 86400 ? std::to_string(seconds / 3600) + "h ago"
                         : std::to_string(seconds / 86400) + "d ago";
}

}  // namespace streampark::cli
