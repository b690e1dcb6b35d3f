// SPDX-License-Identifier: Apache-2.0
#include "streampark/formats/json_slices.h"

#include <charconv>

#include "json_cursor.h"

namespace streampark::formats {
namespace {

base::Error NoJson(const JsonCursor& cursor) {
  const char* const fault = cursor.fault() != nullptr ? cursor.fault() : "is no JSON";
  return base::Error(base::ErrorCode::kInvalidRequest,
                     std::string(fault) + " (at byte " + std::to_string(cursor.offset()) + ")");
}

/// To the member of that name; false when there is none or the object is none, which `fault` tells apart.
bool EnterMember(JsonCursor& cursor, std::string_view name) {
  cursor.Take('{');
  std::string scratch;
  if (cursor.Take('}')) {
    return false;
  }
  for (;;) {
    std::string_view found;
    if (!cursor.Expect('"', "has a member without a name") || !cursor.ReadString(scratch, found)) {
      return false;
    }
    const bool wanted = found == name;
    if (!cursor.Expect(':', "has a name without a value")) {
      return false;
    }
    cursor.Peek();
    if (wanted) {
      return true;
    }
    if (!cursor.SkipValue() || cursor.Take('}') ||
        !cursor.Expect(',', "has members that no comma parts")) {
      return false;
    }
    cursor.Peek();
  }
}

bool EnterElement(JsonCursor& cursor, std::string_view place) {
  std::size_t left = 0;
  const auto read = std::from_chars(place.data(), place.data() + place.size(), left);
  const bool good = read.ec == std::errc() && read.ptr == place.data() + place.size();
  cursor.Take('[');
  if (!good || cursor.Peek() == ']') {
    return false;
  }
  for (; left > 0; --left) {
    if (!cursor.SkipValue() || cursor.Take(']') ||
        !cursor.Expect(',', "has elements that no comma parts")) {
      return false;
    }
    cursor.Peek();
  }
  return true;
}

}  // namespace

std::optional<JsonPointer> JsonPointer::Parse(std::string_view text) {
  JsonPointer pointer;
  while (!text.empty()) {
    if (text.front() != '/') {
      return std::nullopt;
    }
    text.remove_prefix(1);
    const std::string_view step = text.substr(0, text.find('/'));
    text.remove_prefix(step.size());
    std::string& name = pointer.steps_.emplace_back();
    for (std::size_t i = 0; i < step.size(); ++i) {
      if (step[i] != '~') {
        name.push_back(step[i]);
        continue;
      }
      if (++i == step.size() || (step[i] != '0' && step[i] != '1')) {
        return std::nullopt;
      }
      name.push_back(step[i] == '0' ? '~' : '/');
    }
  }
  return pointer;
}

base::Result<std::optional<std::string_view>> FindJson(std::string_view text,
                                                       const JsonPointer& pointer) {
  JsonCursor cursor(text);
  for (const std::string& step : pointer.steps()) {
    const char opens = cursor.Peek();
    const bool inside = opens == '{'   ? EnterMember(cursor, step)
                        : opens == '[' ? EnterElement(cursor, step)
                                       : cursor.SkipValue() && false;
    if (!inside && cursor.fault() != nullptr) {
      return NoJson(cursor);
    }
    if (!inside) {
      return std::optional<std::string_view>();
    }
  }
  cursor.Peek();
  const std::size_t begin = cursor.offset();
  if (!cursor.SkipValue()) {
    return NoJson(cursor);
  }
  return std::optional(text.substr(begin, cursor.offset() - begin));
}

base::Result<std::vector<std::string_view>> JsonElements(std::string_view text) {
  JsonCursor cursor(text);
  std::vector<std::string_view> elements;
  const auto take = [&] {
    cursor.Peek();
    const std::size_t begin = cursor.offset();
    const bool whole = cursor.SkipValue();
    if (whole) {
      elements.push_back(text.substr(begin, cursor.offset() - begin));
    }
    return whole;
  };
  bool good = true;
  if (cursor.Peek() != '[') {
    good = take();
    if (good && elements[0] == "null") {
      elements.clear();
    }
  } else {
    cursor.Take('[');
    if (!cursor.Take(']')) {
      do {
        good = take();
      } while (good && cursor.Take(','));
      good = good && cursor.Expect(']', "has a list that does not end");
    }
  }
  if (!good || !cursor.AtEnd()) {
    return NoJson(cursor);
  }
  return elements;
}

std::optional<std::string> JsonText(std::string_view text) {
  JsonCursor cursor(text);
  const char first = cursor.Peek();
  if (first == '"') {
    std::string scratch;
    std::string_view read;
    cursor.Take('"');
    return cursor.ReadString(scratch, read) && cursor.AtEnd() ? std::optional(std::string(read))
                                                              : std::nullopt;
  }
  const std::size_t begin = cursor.offset();
  if (first == '{' || first == '[' || first == 'n' || !cursor.SkipValue()) {
    return std::nullopt;
  }
  const std::string_view value = text.substr(begin, cursor.offset() - begin);
  return cursor.AtEnd() ? std::optional(std::string(value)) : std::nullopt;
}

}  // namespace streampark::formats
