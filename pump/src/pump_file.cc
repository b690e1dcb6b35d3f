// SPDX-License-Identifier: Apache-2.0
#include "streampark/pump/pump_file.h"

#include <algorithm>
#include <functional>
#include <optional>

#include <yaml-cpp/yaml.h>

#include "streampark/base/files.h"
#include "streampark/base/spelling.h"
#include "streampark/expressions/expression.h"

namespace streampark::pump {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20U;
constexpr int kDeepest = 16;

/// A node with its place, for errors.
class Place {
 public:
  Place(YAML::Node node, std::string path, const std::string& file)
      : node_(std::move(node)), path_(std::move(path)), file_(&file) {}

  const YAML::Node& node() const { return node_; }
  const std::string& path() const { return path_; }
  /// For errors: `job.yaml:12:15: 'pump.sink'`.
  std::string place() const {
    return origin() + ":" + std::to_string(node_.Mark().column + 1) + ": '" + path_ + "'";
  }
  std::string origin() const { return *file_ + ":" + std::to_string(node_.Mark().line + 1); }
  base::Error Wrong(const std::string& what) const {
    return {base::ErrorCode::kJobFileInvalid, place() + " " + what};
  }
  Place Of(const std::string& key, YAML::Node value) const {
    return {std::move(value), path_.empty() ? key : path_ + "." + key, *file_};
  }

  base::Result<std::string> Text() const {
    if (!node_.IsScalar()) {
      return Wrong("must be a plain value");
    }
    return node_.Scalar();
  }
  base::Result<bool> Boolean() const {
    const std::string text = SP_TRY(Text());
    if (text != "true" && text != "false") {
      return Wrong("is '" + text + "', and must be true or false");
    }
    return text == "true";
  }
  /// A list, or one plain value.
  base::Result<std::vector<std::string>> Texts() const {
    std::vector<std::string> texts;
    if (node_.IsSequence()) {
      for (const YAML::Node& item : node_) {
        texts.push_back(SP_TRY(Place(item, path_, *file_).Text()));
      }
      return texts;
    }
    texts.push_back(SP_TRY(Text()));
    return texts;
  }

  /// The readers of a mapping's keys.
  using Keys = std::map<std::string, std::function<base::Status(const Place&)>>;
  /// Each key by its reader; `rest` takes those that have none, and null refuses them.
  base::Status Read(
      const Keys& keys,
      const std::function<base::Status(const std::string&, const Place&)>& rest = nullptr) const {
    if (!node_.IsMap()) {
      return Wrong("must be a mapping");
    }
    for (const auto& entry : node_) {
      const std::string key = SP_TRY(Of("", entry.first).Text());
      const Place value = Of(key, entry.second);
      if (const auto found = keys.find(key); found != keys.end()) {
        SP_TRY(found->second(value));
      } else if (rest) {
        SP_TRY(rest(key, value));
      } else {
        return Unknown(key, entry.first, keys);
      }
    }
    return base::Ok();
  }

 private:
  base::Error Unknown(const std::string& key, const YAML::Node& at, const Keys& keys) const {
    std::vector<std::string> names;
    std::string listed;
    for (const auto& [name, reader] : keys) {
      names.push_back(name);
      listed += (listed.empty() ? "" : ", ") + name;
    }
    const auto near = base::ClosestMatch(key, names);
    return Of(key, at)
        .Wrong("is unknown")
        .WithHint(near ? "did you mean '" + *near + "'?" : "there are: " + listed);
  }

  YAML::Node node_;
  std::string path_;
  const std::string* file_;
};

using Keys = Place::Keys;

Keys::mapped_type Into(std::string& text) {
  return [&text](const Place& at) -> base::Status {
    text = SP_TRY(at.Text());
    return base::Ok();
  };
}
Keys::mapped_type Into(std::vector<std::string>& texts) {
  return [&texts](const Place& at) -> base::Status {
    texts = SP_TRY(at.Texts());
    return base::Ok();
  };
}
Keys::mapped_type Into(bool& value) {
  return [&value](const Place& at) -> base::Status {
    value = SP_TRY(at.Boolean());
    return base::Ok();
  };
}
base::Status Ignore(const Place& /*at*/) { return base::Ok(); }

Keys::mapped_type Setting(PumpFile& file, std::string key) {
  return [&file, key = std::move(key)](const Place& at) -> base::Status {
    file.config.Set(key, SP_TRY(at.Text()), at.origin());
    return base::Ok();
  };
}

/// An option of a connector or of the runtime: nested names are joined by dots, lists by commas.
base::Status SetOption(PumpFile& file, const std::string& key, const Place& at, int depth = 0) {
  if (depth > kDeepest) {
    return at.Wrong("is nested too deep");
  }
  if (at.node().IsMap()) {
    return at.Read({}, [&](const std::string& name, const Place& value) {
      return SetOption(file, key + "." + name, value, depth + 1);
    });
  }
  std::string joined;
  for (const std::string& text : SP_TRY(at.Texts())) {
    joined += (joined.empty() ? "" : ",") + text;
  }
  file.config.Set(key, joined, at.origin());
  return base::Ok();
}

base::Result<Computed> ComputedAt(const std::string& column, const Place& at) {
  std::string text = SP_TRY(at.Text());
  return Computed{
      .column = column, .text = std::move(text), .place = at.place(), .origin = at.origin()};
}

base::Result<Computed> ExpressionAt(const std::string& column, const Place& at) {
  Computed computed = SP_TRY(ComputedAt(column, at));
  if (const auto checked = expressions::Expression::CheckSyntax(computed.text); !checked.ok()) {
    return base::Error(base::ErrorCode::kJobFileInvalid,
                       computed.place + " " + checked.error().message());
  }
  return computed;
}

/// A mapping of columns to what `read` makes of their values.
Keys::mapped_type IntoComputed(std::vector<Computed>& into,
                               base::Result<Computed> (*read)(const std::string&, const Place&)) {
  return [&into, read](const Place& at) {
    return at.Read({}, [&](const std::string& column, const Place& value) -> base::Status {
      into.push_back(SP_TRY(read(column, value)));
      return base::Ok();
    });
  };
}

base::Status ReadCount(const Place& at, std::int64_t& count) {
  const std::string text = SP_TRY(at.Text());
  if (text.empty() || text.size() > 4 ||
      text.find_first_not_of("0123456789") != std::string::npos) {
    return at.Wrong("is '" + text + "', and must be a count of characters");
  }
  count = std::stoi(text);
  return base::Ok();
}

/// `null`, or one of {constant: …}, {keepFirst: …, keepLast: …, with: …}, {hash: sha256, salt: …}.
base::Status ReadMask(const std::string& column, const Place& at, PumpFile& file, TableRule& rule) {
  Mask mask{.column = column, .place = at.place(), .origin = at.origin()};
  if (at.node().IsNull()) {
    mask.kind = Mask::Kind::kNull;
    rule.masks.push_back(std::move(mask));
    return base::Ok();
  }
  std::string hash;
  std::string salt;
  std::string with = "*";
  bool constant = false;
  bool cover = false;
  const Keys keys{{"constant",
                   [&](const Place& value) {
                     constant = true;
                     return Into(mask.text)(value);
                   }},
                  {"keepFirst",
                   [&](const Place& value) {
                     cover = true;
                     return ReadCount(value, mask.first);
                   }},
                  {"keepLast",
                   [&](const Place& value) {
                     cover = true;
                     return ReadCount(value, mask.last);
                   }},
                  {"with", Into(with)},
                  {"hash", Into(hash)},
                  {"salt", Into(salt)}};
  if (!at.node().IsMap()) {
    return at.Wrong("says no mask")
        .WithHint(
            "null, {constant: …}, {keepFirst: 2, keepLast: 2, with: '*'} or {hash: sha256, salt: "
            "…}");
  }
  SP_TRY(at.Read(keys));
  if ((constant ? 1 : 0) + (cover ? 1 : 0) + (hash.empty() ? 0 : 1) != 1) {
    return at.Wrong("must say one of constant, keepFirst and keepLast, hash");
  }
  if (!hash.empty() && hash != "sha256") {
    return at.Wrong("asks for the hash '" + hash + "', and there is sha256");
  }
  if (!hash.empty() && salt.empty()) {
    return at.Wrong("has a hash without a salt, which can be guessed")
        .WithHint("salt: ${secret:NAME}");
  }
  if (cover) {
    mask.kind = Mask::Kind::kCover;
    mask.text = with;
  } else if (constant) {
    mask.kind = Mask::Kind::kConstant;
  } else {
    mask.kind = Mask::Kind::kHash;
    mask.salt = "pump.transforms." + std::to_string(file.rules.size()) + "." + column + ".secret";
    file.config.Set(mask.salt, salt, mask.origin);
  }
  rule.masks.push_back(std::move(mask));
  return base::Ok();
}

/// A mapping of columns to masks, or a list of columns.
base::Status ReadMasks(const Place& at, PumpFile& file, TableRule& rule) {
  if (at.node().IsMap()) {
    return at.Read({}, [&](const std::string& column, const Place& value) {
      return ReadMask(column, value, file, rule);
    });
  }
  for (const std::string& column : SP_TRY(at.Texts())) {
    rule.masks.push_back({.column = column, .place = at.place(), .origin = at.origin()});
  }
  return base::Ok();
}

base::Status ReadRule(const Place& at, PumpFile& file) {
  TableRule rule{.origin = at.origin()};
  const Keys keys{
      {"tables", Into(rule.tables)},
      {"columns", Into(rule.columns)},
      {"where", Into(rule.where)},
      {"route", Into(rule.route)},
      {"cast", IntoComputed(rule.casts, ComputedAt)},
      {"set", IntoComputed(rule.sets, ExpressionAt)},
      {"filter",
       [&](const Place& value) -> base::Status {
         rule.filter = SP_TRY(ExpressionAt("", value));
         return base::Ok();
       }},
      {"mask", [&](const Place& value) { return ReadMasks(value, file, rule); }},
      {"drop", Into(rule.drop)},
      {"rename",
       [&](const Place& renamed) {
         return renamed.Read({}, [&](const std::string& from, const Place& to) -> base::Status {
           rule.rename[from] = SP_TRY(to.Text());
           return base::Ok();
         });
       }},
  };
  SP_TRY(at.Read(keys));
  if (rule.tables.empty()) {
    rule.tables = "*.*";
  }
  file.rules.push_back(std::move(rule));
  return base::Ok();
}

base::Status ReadRules(const Place& at, PumpFile& file) {
  if (!at.node().IsSequence()) {
    return at.Wrong("must be a list");
  }
  for (const YAML::Node& item : at.node()) {
    SP_TRY(ReadRule(at.Of("-", item), file));
  }
  return base::Ok();
}

base::Status ReadPump(const Place& at, PumpFile& file) {
  const Keys source{{"connector", Into(file.source)}, {"tables", Into(file.tables)}};
  const Keys sink{{"connector", Into(file.sink)},
                  {"schema", Into(file.schema)},
                  {"create", Into(file.create)},
                  {"indexes", Into(file.indexes)}};
  const auto options_of = [&](const std::string& side) {
    return [&file, side](const std::string& key, const Place& value) {
      return SetOption(file, side + "." + key, value);
    };
  };
  const Keys split{{"parallelism", Setting(file, "native.parallelism")},
                   {"rows", Setting(file, "source.split.rows")}};
  const Keys dirty{{"keep",
                    [&](const Place& value) -> base::Status {
                      file.config.Set("native.dirty.action", "keep", value.origin());
                      file.config.Set("native.dirty.file", SP_TRY(value.Text()), value.origin());
                      return base::Ok();
                    }},
                   {"stopAfter", Setting(file, "native.dirty.most")}};
  const Keys keys{
      {"source", [&](const Place& value) { return value.Read(source, options_of("source")); }},
      {"sink", [&](const Place& value) { return value.Read(sink, options_of("sink")); }},
      {"transforms", [&](const Place& value) { return ReadRules(value, file); }},
      {"split", [&](const Place& value) { return value.Read(split); }},
      {"dirty", [&](const Place& value) { return value.Read(dirty); }},
  };
  SP_TRY(at.Read(keys));
  for (const auto& [side, connector] : {std::pair("source", &file.source), {"sink", &file.sink}}) {
    if (connector->empty()) {
      return at.Wrong(std::string("has no '") + side + ".connector'")
          .WithHint("`streampark connector list` shows what there is");
    }
  }
  return base::Ok();
}

base::Status ReadOptions(const Place& at, PumpFile& file) {
  return at.Read({}, [&](const std::string& key, const Place& value) -> base::Status {
    if (key != "native" && !key.starts_with("native.")) {
      return value.Wrong("is no option of this engine")
          .WithHint("options of the native runtime begin with `native.`");
    }
    return SetOption(file, key, value);
  });
}

base::Status ReadSpec(const Place& at, PumpFile& file) {
  std::string engine = "native";
  std::string type = "pump";
  bool pump = false;
  const Keys keys{{"engine", Into(engine)},
                  {"type", Into(type)},
                  {"target", Ignore},
                  {"parallelism", Setting(file, "native.parallelism")},
                  {"options", [&](const Place& value) { return ReadOptions(value, file); }},
                  {"pump", [&](const Place& value) {
                     pump = true;
                     return ReadPump(value, file);
                   }}};
  SP_TRY(at.Read(keys));
  if (engine != "native") {
    return at.Wrong("asks for the engine '" + engine + "', and a pump job runs on 'native' so far");
  }
  if (type != "pump" || !pump) {
    return at.Wrong("is no pump job").WithHint("write `type: pump` and a section `pump`");
  }
  return base::Ok();
}

base::Status ReadFile(const Place& root, PumpFile& file) {
  std::string version;
  std::string kind;
  bool found = false;
  const Keys metadata{
      {"name", Into(file.name)}, {"team", Ignore}, {"description", Ignore}, {"tags", Ignore}};
  const Keys keys{{"apiVersion", Into(version)},
                  {"kind", Into(kind)},
                  {"metadata", [&](const Place& value) { return value.Read(metadata); }},
                  {"spec",
                   [&](const Place& value) {
                     found = true;
                     return ReadSpec(value, file);
                   }},
                  {"name", Into(file.name)},
                  {"options", [&](const Place& value) { return ReadOptions(value, file); }},
                  {"pump", [&](const Place& value) {
                     found = true;
                     return ReadPump(value, file);
                   }}};
  if (root.node().IsMap() && root.node()["source"] && root.node()["sink"]) {
    return ReadPump(root, file);
  }
  SP_TRY(root.Read(keys));
  if (!found) {
    return base::Error(base::ErrorCode::kJobFileInvalid, root.origin() + ": this is no pump job")
        .WithHint(
            "it needs `source` and `sink`, in a section `pump` or alone, or is a whole job file "
            "with `spec.pump`");
  }
  if ((!version.empty() && version != "streampark/v1") || (!kind.empty() && kind != "Job")) {
    return base::Error(base::ErrorCode::kJobFileInvalid,
                       root.origin() + ": a job file says apiVersion: streampark/v1, kind: Job");
  }
  return base::Ok();
}

}  // namespace

std::string TableRule::looks_into_rows() const {
  return !casts.empty()         ? "cast"
         : !filter.text.empty() ? "filter"
         : !sets.empty()        ? "set"
         : !masks.empty()       ? "mask"
                                : "";
}

base::Result<PumpFile> PumpFile::Parse(std::string_view yaml, const std::string& file_name) {
  PumpFile file;
  file.name = std::filesystem::path(file_name).stem().string();
  try {
    SP_TRY(ReadFile(Place(YAML::Load(std::string(yaml)), "", file_name), file));
  } catch (const YAML::Exception& wrong) {
    return base::Error(base::ErrorCode::kJobFileInvalid,
                       file_name + ":" + std::to_string(wrong.mark.line + 1) + ":" +
                           std::to_string(wrong.mark.column + 1) + ": " + wrong.msg);
  }
  file.config.Set("app.name", file.name, file_name);
  return file;
}

base::Result<PumpFile> PumpFile::Load(const std::filesystem::path& file) {
  return Parse(SP_TRY(base::ReadFile(file, kLargestFile)), file.string());
}

}  // namespace streampark::pump
