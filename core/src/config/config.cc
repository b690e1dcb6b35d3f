// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/config.h"

#include <algorithm>
#include <cstdlib>

#include <yaml-cpp/yaml.h>

#include "streampark/base/files.h"
#include "streampark/base/secret_keys.h"
#include "streampark/base/spelling.h"

#include "config/hocon.h"
#include "config/properties.h"

namespace streampark {

namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20;
constexpr int kDeepest = 32;

base::Error Invalid(const std::string& file, const YAML::Mark& mark, std::string message) {
  const auto where =
      file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
  return {base::ErrorCode::kJobFileInvalid, where + ": " + std::move(message)};
}

base::Status Flatten(const YAML::Node& node, const std::string& key, const std::string& file,
                     int depth, std::map<std::string, JobConfig::Value>& into) {
  if (depth > kDeepest) {
    return Invalid(file, node.Mark(), "Nested more than " + std::to_string(kDeepest) + " deep.");
  }
  const auto origin = file + ":" + std::to_string(node.Mark().line + 1);
  switch (node.Type()) {
    case YAML::NodeType::Null:
    case YAML::NodeType::Undefined:
      return base::Ok();
    case YAML::NodeType::Scalar:
      if (!into.emplace(key, JobConfig::Value{node.Scalar(), origin}).second) {
        return Invalid(file, node.Mark(), "'" + key + "' is set twice.");
      }
      return base::Ok();
    case YAML::NodeType::Sequence: {
      std::string joined;
      for (const auto& item : node) {
        if (!item.IsScalar()) {
          return Invalid(file, item.Mark(),
                         "The items of the list '" + key + "' must be plain values.");
        }
        joined += (joined.empty() ? "" : ",") + item.Scalar();
      }
      into.insert_or_assign(key, JobConfig::Value{std::move(joined), origin});
      return base::Ok();
    }
    case YAML::NodeType::Map:
      for (const auto& entry : node) {
        if (!entry.first.IsScalar()) {
          return Invalid(file, entry.first.Mark(), "A key must be a plain text.");
        }
        SP_TRY(Flatten(entry.second,
                       key.empty() ? entry.first.Scalar() : key + "." + entry.first.Scalar(), file,
                       depth + 1, into));
      }
      return base::Ok();
  }
  return base::Ok();
}

/// `jdbc:postgresql://user:password@host` without the password.
std::string MaskUserInfo(std::string text) {
  const auto scheme = text.find("://");
  const auto at = text.find('@', scheme == std::string::npos ? 0 : scheme + 3);
  if (scheme == std::string::npos || at == std::string::npos) {
    return text;
  }
  const auto colon = text.find(':', scheme + 3);
  if (colon < at) {
    text.replace(colon + 1, at - colon - 1, base::kMask);
  }
  return text;
}

}  // namespace

base::Result<JobConfig> JobConfig::Parse(std::string_view yaml, const std::string& file_name) {
  JobConfig config;
  try {
    const auto root = YAML::Load(std::string(yaml));
    if (root.IsDefined() && !root.IsNull() && !root.IsMap()) {
      return Invalid(file_name, root.Mark(), "The file must hold keys and values.");
    }
    SP_TRY(Flatten(root, "", file_name, 0, config.values_));
  } catch (const YAML::Exception& thrown) {
    return Invalid(file_name, thrown.mark, thrown.msg + ".");
  }
  return config;
}

base::Result<JobConfig> JobConfig::ParseProperties(std::string_view text,
                                                   const std::string& file_name) {
  return Of(SP_TRY(core::ParseProperties(text, file_name)), file_name);
}

base::Result<JobConfig> JobConfig::ParseHocon(std::string_view text, const std::string& file_name) {
  return Of(SP_TRY(core::ParseHocon(text, file_name)), file_name);
}

base::Result<JobConfig> JobConfig::Of(std::vector<core::Property> properties,
                                      const std::string& file_name) {
  JobConfig config;
  for (core::Property& property : properties) {
    const std::string origin = file_name + ":" + std::to_string(property.line);
    if (config.Has(property.key)) {
      return base::Error(base::ErrorCode::kJobFileInvalid,
                         origin + ": '" + property.key + "' is set twice.");
    }
    config.Set(std::move(property.key), std::move(property.value), origin);
  }
  return config;
}

base::Result<JobConfig> JobConfig::Load(const std::filesystem::path& file) {
  const std::string text = SP_TRY(base::ReadFile(file, kLargestFile));
  const std::string name = file.filename().string();
  if (file.extension() == ".properties") {
    return ParseProperties(text, name);
  }
  return file.extension() == ".conf" ? ParseHocon(text, name) : Parse(text, name);
}

void JobConfig::Set(std::string key, std::string value, std::string origin) {
  values_.insert_or_assign(std::move(key), Value{std::move(value), std::move(origin)});
}

base::Result<std::string> JobConfig::Resolve(const std::string& key, const Value& value) const {
  std::string resolved;
  std::string_view rest = value.text;
  while (true) {
    const auto open = rest.find("${");
    const auto close = open == std::string_view::npos ? open : rest.find('}', open);
    if (close == std::string_view::npos) {
      resolved += rest;
      return resolved;
    }
    resolved += rest.substr(0, open);
    const auto inside = rest.substr(open + 2, close - open - 2);
    rest.remove_prefix(close + 1);
    const auto failed = [&](std::string why) {
      return base::Error(base::ErrorCode::kValidationFailed,
                         "'" + key + "' (" + value.origin + ") needs ${" + std::string(inside) +
                             "}, " + std::move(why) + ".");
    };
    if (inside.starts_with("env:")) {
      const char* found = std::getenv(std::string(inside.substr(4)).c_str());
      if (found == nullptr) {
        return failed("and no such variable is in the environment");
      }
      resolved += found;
    } else if (inside.starts_with("secret:")) {
      const auto found = secrets_ ? secrets_(inside.substr(7)) : std::nullopt;
      if (!found) {
        return failed("and no secret has that name");
      }
      resolved += *found;
    } else {
      return failed("which is neither ${env:NAME} nor ${secret:NAME}");
    }
  }
}

base::Result<std::string> JobConfig::Get(std::string_view key) const {
  const auto found = values_.find(std::string(key));
  if (found == values_.end()) {
    std::vector<std::string> names;
    for (const auto& [name, value] : values_) {
      names.push_back(name);
    }
    const auto nearest = base::ClosestMatch(key, names);
    return base::Error(base::ErrorCode::kNotFound,
                       "The configuration has no '" + std::string(key) + "'.")
        .WithHint(nearest ? "did you mean '" + *nearest + "'?" : "set it in application.yml");
  }
  return Resolve(found->first, found->second);
}

base::Result<std::string> JobConfig::GetOr(std::string_view key, std::string otherwise) const {
  return Has(key) ? Get(key) : base::Result<std::string>(std::move(otherwise));
}

base::Result<std::map<std::string, std::string>> JobConfig::Section(std::string_view prefix) const {
  std::map<std::string, std::string> section;
  for (auto found = values_.lower_bound(std::string(prefix));
       found != values_.end() && found->first.starts_with(prefix); ++found) {
    section.emplace(found->first.substr(prefix.size()),
                    SP_TRY(Resolve(found->first, found->second)));
  }
  return section;
}

base::Result<connectors::OptionValues> JobConfig::Read(std::string_view prefix,
                                                       const connectors::OptionTable& table,
                                                       connectors::OptionUse use) const {
  auto read = table.Read(SP_TRY(Section(prefix)), use);
  if (read.ok()) {
    return read;
  }
  auto fields = read.error().fields();
  std::string message;
  std::string hint = read.error().hint();
  for (auto& field : fields) {
    auto name = field.pointer.starts_with("/") ? field.pointer.substr(1) : field.pointer;
    const auto key = std::string(prefix) + name;
    field.pointer = "/" + key;
    if (message.empty()) {
      message = key + OriginOf(key) + ": " + field.message;
      hint = field.hint.empty() ? hint : field.hint;
    }
  }
  if (message.empty()) {
    message = std::string(prefix) + "*: " + read.error().message();
  }
  return base::Error(read.error().code(), std::move(message))
      .WithHint(std::move(hint))
      .WithFields(std::move(fields));
}

std::string JobConfig::OriginOf(std::string_view key) const {
  const auto found = values_.find(std::string(key));
  return found == values_.end() ? "" : " (" + found->second.origin + ")";
}

std::string JobConfig::Print() const {
  std::string text;
  for (const auto& [key, value] : values_) {
    text += key + ": " +
            (base::IsSecretKey(key) ? std::string(base::kMask) : MaskUserInfo(value.text)) +
            "  # " + value.origin + "\n";
  }
  return text;
}

}  // namespace streampark
