// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/code/job_file.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include <yaml-cpp/yaml.h>

#include "streampark/api/job_schema.h"
#include "streampark/base/json.h"
#include "streampark/console/code/schema_check.h"
#include "streampark/console/code/yaml_document.h"
#include "streampark/console/names.h"

namespace streampark::console {
namespace {

using base::Error;
using base::ErrorCode;
using base::FieldError;
using base::Result;
using base::TextRange;

const json::value& JobSchema() {
  static const json::value kSchema =
      boost::json::parse(boost::json::string_view(api::kJobSchema.data(), api::kJobSchema.size()));
  return kSchema;
}

/// An unknown key is marked where the key stands, everything else where the value stands.
FieldError Placed(FieldError error, const YamlDocument& document) {
  const bool about_key = error.message.starts_with("unknown key");
  const TextRange at =
      about_key ? document.LocateKey(error.pointer) : document.Locate(error.pointer);
  if (at.line > 0) {
    error.message = "line " + std::to_string(at.line) + ", column " + std::to_string(at.column) +
                    ": " + error.message;
  }
  return error;
}

std::string OptionText(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

std::optional<AskedState> ParseAskedState(std::string_view text) {
  if (text == "running") {
    return AskedState::kRunning;
  }
  if (text == "suspended") {
    return AskedState::kSuspended;
  }
  return text == "stopped" ? std::optional(AskedState::kStopped) : std::nullopt;
}

/// Files say `flink` where the API says `FLINK`.
std::string UpperCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}
std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

void Emit(const json::value& value, YAML::Emitter& out) {
  if (value.is_object()) {
    out << YAML::BeginMap;
    for (const auto& [key, member] : value.get_object()) {
      out << YAML::Key << std::string(key) << YAML::Value;
      Emit(member, out);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    out << YAML::BeginSeq;
    for (const json::value& item : value.get_array()) {
      Emit(item, out);
    }
    out << YAML::EndSeq;
  } else if (value.is_null()) {
    out << YAML::Null;
  } else {
    out << OptionText(value);
  }
}

/// A pump is a section of the file, and a text where it is kept.
std::string PumpText(const json::object& spec) {
  const json::value* section = spec.if_contains("pump");
  if (section == nullptr || section->is_string()) {
    return json::StringOr(spec, "pump");
  }
  YAML::Emitter out;
  Emit(*section, out);
  return std::string(out.c_str()) + "\n";
}

JobSpec ReadSpec(const json::object& in) {
  JobSpec spec;
  spec.version = json::StringOr(in, "version");
  spec.parallelism = static_cast<int>(json::IntegerOr(in, "parallelism", spec.parallelism));
  spec.engine = UpperCase(json::StringOr(in, "engine"));
  spec.type = UpperCase(json::StringOr(in, "type"));
  spec.sql = json::StringOr(in, "sql");
  spec.library = json::StringOr(in, "library");
  spec.config = json::StringOr(in, "config");
  spec.pump = PumpText(in);
  spec.stateless = json::FindBool(in, "stateless").value_or(false);
  if (const json::object* dependencies = json::FindObject(in, "dependencies")) {
    spec.maven = json::StringsOf(*dependencies, "maven");
    spec.resources = json::StringsOf(*dependencies, "resources");
  }
  if (const json::object* options = json::FindObject(in, "options")) {
    for (const auto& option : *options) {
      spec.options[std::string(option.key())] = OptionText(option.value());
    }
  }
  if (const json::object* upgrade = json::FindObject(in, "upgrade")) {
    if (json::StringOr(*upgrade, "mode") == "last-state") {
      spec.upgrade_mode = UpgradeMode::kLastState;
    }
    spec.rollback = json::FindBool(*upgrade, "rollback").value_or(true);
    spec.stable_after =
        base::ParseDuration(json::StringOr(*upgrade, "stableAfter")).value_or(spec.stable_after);
    spec.upgrade_patience =
        base::ParseDuration(json::StringOr(*upgrade, "timeout")).value_or(spec.upgrade_patience);
  }
  if (const json::object* restart = json::FindObject(in, "restart")) {
    spec.restart_attempts =
        static_cast<int>(json::IntegerOr(*restart, "attempts", spec.restart_attempts));
    spec.restart_backoff = json::StringOr(*restart, "backoff", spec.restart_backoff);
  }
  return spec;
}

JobFile ReadFile(const json::object& root) {
  JobFile file;
  const json::object& metadata = root.at("metadata").as_object();
  file.name = json::StringOr(metadata, "name");
  file.team = json::StringOr(metadata, "team");
  file.description = json::StringOr(metadata, "description");
  file.tags = json::StringsOf(metadata, "tags");
  const json::object& spec = root.at("spec").as_object();
  file.cluster = json::StringOr(spec.at("target").as_object(), "cluster");
  file.spec = ReadSpec(spec);
  file.state = ParseAskedState(json::StringOr(spec, "state"));
  return file;
}

/// Rules of the domain that the schema cannot say, placed like the schema's.
std::vector<FieldError> CheckNames(const JobFile& file) {
  std::vector<FieldError> errors;
  const std::pair<const char*, const std::string*> names[] = {
      {"/metadata/name", &file.name},
      {"/metadata/team", &file.team},
      {"/spec/target/cluster", &file.cluster}};
  for (const auto& [pointer, name] : names) {
    if (!IsName(*name)) {
      errors.push_back(
          {pointer, "`" + *name + "` is not a name",
           "letters, digits, space, dot, dash and underscore; a letter or digit first and last"});
    }
  }
  return errors;
}

/// What a job of each type has, and what it has not.
std::vector<FieldError> CheckKind(const json::object& spec) {
  const std::string type = json::StringOr(spec, "type");
  std::vector<FieldError> errors;
  if ((type == "sql") != (json::StringOr(spec, "engine") == "flink")) {
    errors.push_back({"/spec/type", "is not what the engine runs",
                      "type: sql runs on flink, type: cpp and type: pump on native"});
  }
  const char* needed = type == "cpp" ? "library" : type == "pump" ? "pump" : "sql";
  if (!spec.contains(needed)) {
    errors.push_back({"/spec", std::string("`") + needed + "` is missing",
                      type == "cpp" ? "upload the library and name it here" : ""});
  }
  constexpr std::pair<const char*, const char*> kOwners[] = {{"sql", "sql"},
                                                             {"library", "cpp"},
                                                             {"dependencies", "sql"},
                                                             {"config", "cpp"},
                                                             {"pump", "pump"}};
  for (const auto& [member, owner] : kOwners) {
    if (spec.contains(member) && type != owner) {
      errors.push_back({std::string("/spec/") + member,
                        std::string("`") + member + "` belongs to jobs of the type " + owner, ""});
    }
  }
  return errors;
}

void WriteTexts(YAML::Emitter& out, const char* key, const std::vector<std::string>& texts) {
  if (!texts.empty()) {
    out << YAML::Key << key << YAML::Value << YAML::Flow << texts;
  }
}

void WriteQuoted(YAML::Emitter& out, const char* key, const std::string& text) {
  out << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << text;
}

/// A block cannot begin with white space, keeps neither tabs nor carriage returns, and ends with
/// one line feed or none: another text goes into quotes.
bool FitsBlock(const std::string& text) {
  return !text.empty() && text.front() != ' ' && text.front() != '\n' &&
         text.find_first_of("\r\t") == std::string::npos && !text.ends_with("\n\n");
}

const char* ScriptKey(const JobSpec& spec) {
  return spec.type == "CPP" ? "config" : spec.type == "PUMP" ? "pump" : "sql";
}

/// A pump's section; absent when its text is none, as a draft's may be.
std::optional<YAML::Node> SectionOf(const JobSpec& spec) {
  if (spec.type != "PUMP") {
    return std::nullopt;
  }
  try {
    const YAML::Node section = YAML::Load(spec.pump);
    return section.IsMap() ? std::optional(section) : std::nullopt;
  } catch (const YAML::Exception&) {
    return std::nullopt;
  }
}

/// The emitter writes every block as `|`, which reads back with a line feed at its end; `|-` has
/// none. The first `sql: |` is the real one: no text before it holds a raw line feed.
void KeepEndOfScript(std::string& yaml, const JobSpec& spec) {
  const std::string block = std::string("\n  ") + ScriptKey(spec) + ": |\n";
  const std::size_t at = yaml.find(block);
  if (at != std::string::npos && !spec.script().ends_with('\n')) {
    yaml.insert(at + block.size() - 1, "-");
  }
}

void WriteMetadata(YAML::Emitter& out, const JobFile& file) {
  out << YAML::Key << "metadata" << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "name" << YAML::Value << file.name;
  out << YAML::Key << "team" << YAML::Value << file.team;
  if (!file.description.empty()) {
    WriteQuoted(out, "description", file.description);
  }
  WriteTexts(out, "tags", file.tags);
  out << YAML::EndMap;
}

void WriteUpgrade(YAML::Emitter& out, const JobSpec& spec) {
  const JobSpec defaults;
  if (spec.upgrade_mode == defaults.upgrade_mode && spec.rollback == defaults.rollback &&
      spec.stable_after == defaults.stable_after &&
      spec.upgrade_patience == defaults.upgrade_patience) {
    return;
  }
  out << YAML::Key << "upgrade" << YAML::Value << YAML::BeginMap;
  if (spec.upgrade_mode != defaults.upgrade_mode) {
    out << YAML::Key << "mode" << YAML::Value << "last-state";
  }
  if (spec.rollback != defaults.rollback) {
    out << YAML::Key << "rollback" << YAML::Value << spec.rollback;
  }
  if (spec.stable_after != defaults.stable_after) {
    out << YAML::Key << "stableAfter" << YAML::Value << base::FormatDuration(spec.stable_after);
  }
  if (spec.upgrade_patience != defaults.upgrade_patience) {
    out << YAML::Key << "timeout" << YAML::Value << base::FormatDuration(spec.upgrade_patience);
  }
  out << YAML::EndMap;
}

void WriteSpec(YAML::Emitter& out, const JobFile& file) {
  const JobSpec defaults;
  const JobSpec& spec = file.spec;
  out << YAML::Key << "spec" << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "engine" << YAML::Value << LowerCase(spec.engine);
  out << YAML::Key << "type" << YAML::Value << LowerCase(spec.type);
  if (!spec.version.empty()) {
    WriteQuoted(out, "version", spec.version);
  }
  out << YAML::Key << "target" << YAML::Value << YAML::BeginMap << YAML::Key << "cluster"
      << YAML::Value << file.cluster << YAML::EndMap;
  out << YAML::Key << "parallelism" << YAML::Value << spec.parallelism;
  if (spec.type == "CPP") {
    out << YAML::Key << "library" << YAML::Value << spec.library;
  }
  out << YAML::Key << ScriptKey(spec) << YAML::Value;
  if (const auto section = SectionOf(spec)) {
    out << *section;
  } else {
    out << (FitsBlock(spec.script()) ? YAML::Literal : YAML::DoubleQuoted) << spec.script();
  }
  if (!spec.maven.empty() || !spec.resources.empty()) {
    out << YAML::Key << "dependencies" << YAML::Value << YAML::BeginMap;
    WriteTexts(out, "maven", spec.maven);
    WriteTexts(out, "resources", spec.resources);
    out << YAML::EndMap;
  }
  if (!spec.options.empty()) {
    out << YAML::Key << "options" << YAML::Value << YAML::BeginMap;
    for (const auto& [key, value] : spec.options) {
      WriteQuoted(out, key.c_str(), value);
    }
    out << YAML::EndMap;
  }
  if (spec.stateless && spec.type != "PUMP") {
    out << YAML::Key << "stateless" << YAML::Value << true;
  }
  if (file.state) {
    constexpr const char* kWords[] = {"running", "suspended", "stopped"};
    out << YAML::Key << "state" << YAML::Value << kWords[static_cast<int>(*file.state)];
  }
  WriteUpgrade(out, spec);
  if (spec.restart_attempts != defaults.restart_attempts ||
      spec.restart_backoff != defaults.restart_backoff) {
    out << YAML::Key << "restart" << YAML::Value << YAML::BeginMap;
    out << YAML::Key << "attempts" << YAML::Value << spec.restart_attempts;
    out << YAML::Key << "backoff" << YAML::Value << spec.restart_backoff;
    out << YAML::EndMap;
  }
  out << YAML::EndMap;
}

}  // namespace

Result<std::vector<JobFile>> ParseJobFiles(std::string_view yaml) {
  const std::vector<YamlDocument> documents = SP_TRY(YamlDocument::Parse(yaml));
  if (documents.empty()) {
    return Error(ErrorCode::kJobFileInvalid, "the file is empty")
        .WithHint("begin with `apiVersion: streampark/v1`");
  }
  std::vector<JobFile> files;
  std::vector<FieldError> errors;
  for (const YamlDocument& document : documents) {
    std::vector<FieldError> found = CheckAgainstSchema(document.root(), JobSchema());
    if (found.empty()) {
      files.push_back(ReadFile(document.root().as_object()));
      found = CheckNames(files.back());
      const std::vector<FieldError> kind =
          CheckKind(document.root().as_object().at("spec").as_object());
      found.insert(found.end(), kind.begin(), kind.end());
    }
    for (FieldError& error : found) {
      errors.push_back(Placed(std::move(error), document));
    }
  }
  if (!errors.empty()) {
    const std::string count =
        errors.size() == 1 ? "one thing is" : std::to_string(errors.size()) + " things are";
    return Error(ErrorCode::kJobFileInvalid, count + " wrong with the job file")
        .WithFields(std::move(errors));
  }
  return files;
}

std::string WriteJobFile(const JobFile& file) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  out << YAML::Key << "apiVersion" << YAML::Value << "streampark/v1";
  out << YAML::Key << "kind" << YAML::Value << "Job";
  WriteMetadata(out, file);
  WriteSpec(out, file);
  out << YAML::EndMap;
  std::string yaml = std::string(out.c_str()) + "\n";
  KeepEndOfScript(yaml, file.spec);
  return yaml;
}

}  // namespace streampark::console
