// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "streampark/base/check.h"
#include "streampark/base/json.h"
#include "streampark/base/spelling.h"

namespace streampark::connectors {
namespace {

std::string_view KindName(OptionKind kind) {
  switch (kind) {
    case OptionKind::kString:
      return "string";
    case OptionKind::kSecret:
      return "secret";
    case OptionKind::kInteger:
      return "integer";
    case OptionKind::kNumber:
      return "number";
    case OptionKind::kBoolean:
      return "boolean";
    case OptionKind::kDuration:
      return "duration";
    case OptionKind::kSize:
      return "size";
    case OptionKind::kChoice:
      return "choice";
    case OptionKind::kList:
      return "list";
  }
  return "";
}

std::string_view KindHint(OptionKind kind) {
  switch (kind) {
    case OptionKind::kInteger:
      return "a whole number";
    case OptionKind::kNumber:
      return "a number";
    case OptionKind::kBoolean:
      return "true or false";
    case OptionKind::kDuration:
      return "a number with a unit: 250ms, 10s, 5m, 1h";
    case OptionKind::kSize:
      return "a number of bytes, or one with a unit: 64KiB, 10MiB, 1GiB";
    default:
      return "";
  }
}

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string Join(const std::vector<std::string>& parts, std::string_view between) {
  std::string joined;
  for (const std::string& part : parts) {
    joined.append(joined.empty() ? "" : between).append(part);
  }
  return joined;
}

/// The whole text as a number; absent when it is none or too large.
template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

std::optional<std::int64_t> ParseSize(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t bytes;
  };
  constexpr Unit kUnits[] = {
      {"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}, {"TiB", 1LL << 40},
      {"kb", 1LL << 10},  {"mb", 1LL << 20},  {"gb", 1LL << 30},  {"b", 1}};
  std::int64_t factor = 1;
  for (const Unit& unit : kUnits) {
    if (text.ends_with(unit.name)) {
      factor = unit.bytes;
      text.remove_suffix(unit.name.size());
      break;
    }
  }
  const auto number = ParseNumber<std::int64_t>(Trim(text));
  std::int64_t bytes = 0;
  if (!number || *number < 0 || __builtin_mul_overflow(*number, factor, &bytes)) {
    return std::nullopt;
  }
  return bytes;
}

struct Fault {
  std::string message;
  std::string hint;
};

std::string Bound(OptionKind kind, std::int64_t value) {
  return kind == OptionKind::kDuration ? base::FormatDuration(base::Millis(value))
                                       : std::to_string(value);
}

std::optional<Fault> CheckBounds(const OptionSpec& spec, std::int64_t value) {
  if (spec.least && value < *spec.least) {
    return Fault{"is less than " + Bound(spec.kind, *spec.least), ""};
  }
  if (spec.most && value > *spec.most) {
    return Fault{"is more than " + Bound(spec.kind, *spec.most), ""};
  }
  return std::nullopt;
}

std::optional<Fault> CheckChoice(const OptionSpec& spec, const std::string& text) {
  if (spec.choices.empty() ||
      std::find(spec.choices.begin(), spec.choices.end(), text) != spec.choices.end()) {
    return std::nullopt;
  }
  std::string hint = "one of " + Join(spec.choices, ", ");
  if (const auto near = base::ClosestMatch(text, spec.choices)) {
    hint = "did you mean '" + *near + "'? It is " + hint;
  }
  return Fault{"'" + text + "' is none of its values", std::move(hint)};
}

bool UsedBy(const OptionSpec& spec, OptionUse use) {
  return use == OptionUse::kBoth || spec.use == OptionUse::kBoth || spec.use == use;
}

std::string Pointer(std::string_view name) {
  std::string pointer = "/";
  for (const char c : name) {
    c == '~' ? pointer.append("~0") : c == '/' ? pointer.append("~1") : pointer.append(1, c);
  }
  return pointer;
}

const std::string* PrefixOf(const std::vector<std::string>& prefixes, std::string_view name) {
  const auto found = std::find_if(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) {
    return name.size() > prefix.size() && name.starts_with(prefix);
  });
  return found == prefixes.end() ? nullptr : &*found;
}

std::string EscapedForRegex(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped.append(c == '.' ? "\\" : "").push_back(c);
  }
  return escaped;
}

std::string EscapedForTable(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped.append(c == '|' ? "\\" : "").push_back(c == '\n' ? ' ' : c);
  }
  return escaped;
}

}  // namespace

/// Fills `value` from what people wrote.
struct OptionTable::Reader {
  static std::optional<Fault> Read(const OptionSpec& spec, const std::string& given,
                                   OptionValues::Value& value) {
    value.present = true;
    value.text = given;
    const std::string_view trimmed = Trim(given);
    switch (spec.kind) {
      case OptionKind::kString:
      case OptionKind::kSecret:
        return std::nullopt;
      case OptionKind::kChoice:
        value.text = trimmed;
        return CheckChoice(spec, value.text);
      case OptionKind::kList:
        return ReadList(spec, trimmed, value);
      case OptionKind::kNumber: {
        const auto number = ParseNumber<double>(trimmed);
        value.number = number.value_or(0);
        return number && std::isfinite(*number) ? std::nullopt : NotOfKind(spec, given);
      }
      default: {
        const auto whole = ReadWhole(spec.kind, trimmed);
        value.whole = whole.value_or(0);
        return whole ? CheckBounds(spec, *whole) : NotOfKind(spec, given);
      }
    }
  }

 private:
  static std::optional<Fault> NotOfKind(const OptionSpec& spec, const std::string& given) {
    return Fault{"'" + given + "' is no " + std::string(KindName(spec.kind)),
                 std::string(KindHint(spec.kind))};
  }

  static std::optional<std::int64_t> ReadWhole(OptionKind kind, std::string_view text) {
    switch (kind) {
      case OptionKind::kBoolean:
        return text == "true"    ? std::optional<std::int64_t>(1)
               : text == "false" ? std::optional<std::int64_t>(0)
                                 : std::nullopt;
      case OptionKind::kDuration: {
        const auto duration = base::ParseDuration(text);
        return duration ? std::optional<std::int64_t>(duration->count()) : std::nullopt;
      }
      case OptionKind::kSize:
        return ParseSize(text);
      default:
        return ParseNumber<std::int64_t>(text);
    }
  }

  static std::optional<Fault> ReadList(const OptionSpec& spec, std::string_view text,
                                       OptionValues::Value& value) {
    while (!text.empty()) {
      const auto comma = text.find(',');
      const std::string item(Trim(text.substr(0, comma)));
      text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
      if (item.empty()) {
        return Fault{"has an empty item", "write a,b,c"};
      }
      if (auto fault = CheckChoice(spec, item)) {
        return fault;
      }
      value.items.push_back(item);
    }
    return std::nullopt;
  }
};

bool OptionValues::Has(std::string_view name) const {
  const auto found = values_.find(name);
  SP_CHECK(found != values_.end());
  return found->second.present;
}

const OptionValues::Value& OptionValues::Present(std::string_view name,
                                                 std::initializer_list<OptionKind> kinds) const {
  const auto found = values_.find(name);
  SP_CHECK(found != values_.end());
  SP_CHECK(std::find(kinds.begin(), kinds.end(), found->second.kind) != kinds.end());
  SP_CHECK(found->second.present || found->second.kind == OptionKind::kList);
  return found->second;
}

const std::string& OptionValues::String(std::string_view name) const {
  return Present(name, {OptionKind::kString, OptionKind::kSecret, OptionKind::kChoice}).text;
}

std::int64_t OptionValues::Integer(std::string_view name) const {
  return Present(name, {OptionKind::kInteger}).whole;
}

double OptionValues::Number(std::string_view name) const {
  return Present(name, {OptionKind::kNumber}).number;
}

bool OptionValues::Boolean(std::string_view name) const {
  return Present(name, {OptionKind::kBoolean}).whole != 0;
}

base::Millis OptionValues::Duration(std::string_view name) const {
  return base::Millis(Present(name, {OptionKind::kDuration}).whole);
}

std::int64_t OptionValues::Size(std::string_view name) const {
  return Present(name, {OptionKind::kSize}).whole;
}

const std::vector<std::string>& OptionValues::List(std::string_view name) const {
  return Present(name, {OptionKind::kList}).items;
}

const std::map<std::string, std::string>& OptionValues::Passed(std::string_view prefix) const {
  const auto found = passed_.find(prefix);
  SP_CHECK(found != passed_.end());
  return found->second;
}

OptionTable::OptionTable(std::vector<OptionSpec> specs, std::vector<std::string> passed_prefixes)
    : specs_(std::move(specs)), passed_prefixes_(std::move(passed_prefixes)) {
  std::set<std::string> names;
  for (const OptionSpec& spec : specs_) {
    SP_CHECK(names.insert(spec.name).second);
    for (const std::string& alias : spec.aliases) {
      SP_CHECK(names.insert(alias).second);
    }
    OptionValues::Value value;
    SP_CHECK(!spec.fallback || !Reader::Read(spec, *spec.fallback, value));
    SP_CHECK(spec.kind != OptionKind::kChoice || !spec.choices.empty());
  }
}

OptionTable OptionTable::With(std::vector<OptionSpec> specs) const {
  std::vector<OptionSpec> all = specs_;
  all.insert(all.end(), std::make_move_iterator(specs.begin()),
             std::make_move_iterator(specs.end()));
  return OptionTable(std::move(all), passed_prefixes_);
}

base::Result<OptionValues> OptionTable::Read(const std::map<std::string, std::string>& given,
                                             OptionUse use) const {
  std::vector<base::FieldError> faults;
  OptionValues read;
  read.given_ = given;
  std::vector<std::string> names;
  std::map<std::string_view, const OptionSpec*> known;
  for (const OptionSpec& spec : specs_) {
    read.values_[spec.name].kind = spec.kind;
    known[spec.name] = &spec;
    for (const std::string& alias : spec.aliases) {
      known[alias] = &spec;
    }
    if (UsedBy(spec, use)) {
      names.push_back(spec.name);
    }
  }
  for (const std::string& prefix : passed_prefixes_) {
    read.passed_[prefix];
  }
  for (const auto& [name, text] : given) {
    const auto found = known.find(name);
    if (found == known.end()) {
      if (const std::string* prefix = PrefixOf(passed_prefixes_, name)) {
        read.passed_[*prefix][name.substr(prefix->size())] = text;
        continue;
      }
      const auto near = base::ClosestMatch(name, names);
      faults.push_back({Pointer(name), "there is no option '" + name + "'",
                        near ? "did you mean '" + *near + "'?" : ""});
      continue;
    }
    const OptionSpec& spec = *found->second;
    OptionValues::Value& value = read.values_.find(spec.name)->second;
    if (!UsedBy(spec, use)) {
      faults.push_back({Pointer(name),
                        "'" + name + "' is an option of a " +
                            (use == OptionUse::kSource ? "sink" : "source") + " alone",
                        ""});
    } else if (value.present) {
      faults.push_back({Pointer(name), "'" + spec.name + "' is given twice, under two names", ""});
    } else if (auto fault = Reader::Read(spec, text, value)) {
      faults.push_back({Pointer(name), std::move(fault->message), std::move(fault->hint)});
    }
  }
  for (const OptionSpec& spec : specs_) {
    OptionValues::Value& value = read.values_.find(spec.name)->second;
    if (value.present || !UsedBy(spec, use)) {
      continue;
    }
    if (spec.fallback) {
      Reader::Read(spec, *spec.fallback, value);
    } else if (spec.presence == OptionSpec::Presence::kRequired) {
      faults.push_back({Pointer(spec.name), "'" + spec.name + "' is missing", spec.text});
    }
  }
  if (!faults.empty()) {
    return base::Error(base::ErrorCode::kValidationFailed, "some options are not valid")
        .WithFields(std::move(faults));
  }
  return read;
}

std::string OptionTable::JsonSchema(OptionUse use) const {
  json::object properties;
  json::array required;
  for (const OptionSpec& spec : specs_) {
    if (!UsedBy(spec, use)) {
      continue;
    }
    json::object one;
    const bool whole = spec.kind == OptionKind::kInteger;
    one["type"] = whole                               ? "integer"
                  : spec.kind == OptionKind::kNumber  ? "number"
                  : spec.kind == OptionKind::kBoolean ? "boolean"
                                                      : "string";
    one["x-kind"] = KindName(spec.kind);
    one["description"] = spec.text;
    if (spec.kind == OptionKind::kChoice) {
      one["enum"] = json::array(spec.choices.begin(), spec.choices.end());
    }
    if (spec.kind == OptionKind::kSecret) {
      one["writeOnly"] = true;
    }
    if (whole && spec.least) {
      one["minimum"] = *spec.least;
    }
    if (whole && spec.most) {
      one["maximum"] = *spec.most;
    }
    if (spec.fallback) {
      const bool bare = one["type"] != "string";
      one["default"] = bare ? json::Parse(*spec.fallback).value() : json::value(*spec.fallback);
    }
    if (!spec.aliases.empty()) {
      one["x-aliases"] = json::array(spec.aliases.begin(), spec.aliases.end());
    }
    properties[spec.name] = std::move(one);
    if (spec.presence == OptionSpec::Presence::kRequired && !spec.fallback) {
      required.emplace_back(spec.name);
    }
  }
  json::object schema;
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["type"] = "object";
  schema["properties"] = std::move(properties);
  if (!passed_prefixes_.empty()) {
    json::object patterns;
    for (const std::string& prefix : passed_prefixes_) {
      patterns["^" + EscapedForRegex(prefix)] = json::object{{"type", "string"}};
    }
    schema["patternProperties"] = std::move(patterns);
  }
  if (!required.empty()) {
    schema["required"] = std::move(required);
  }
  schema["additionalProperties"] = false;
  return json::serialize(schema);
}

std::string OptionTable::Markdown() const {
  std::string table = "| option | kind | default | what |\n|---|---|---|---|\n";
  for (const OptionSpec& spec : specs_) {
    std::string text = spec.text;
    if (!spec.choices.empty()) {
      text += " One of `" + Join(spec.choices, "`, `") + "`.";
    }
    if (spec.use != OptionUse::kBoth) {
      text += spec.use == OptionUse::kSource ? " Source only." : " Sink only.";
    }
    if (!spec.aliases.empty()) {
      text += " Also `" + Join(spec.aliases, "`, `") + "`.";
    }
    const std::string fallback = spec.fallback ? "`" + *spec.fallback + "`"
                                 : spec.presence == OptionSpec::Presence::kRequired ? "required"
                                                                                    : "";
    table += "| `" + spec.name + "` | " + std::string(KindName(spec.kind)) + " | " +
             EscapedForTable(fallback) + " | " + EscapedForTable(text) + " |\n";
  }
  for (const std::string& prefix : passed_prefixes_) {
    table += "| `" + prefix + "*` | string | | Handed on as it is. |\n";
  }
  return table;
}

}  // namespace streampark::connectors
