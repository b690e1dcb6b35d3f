// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/options.h"

/// What changes between the places where a job runs: `application.yml`, and what the command line sets over it.
///
/// | section                           | whose                                                          |
/// |-----------------------------------|----------------------------------------------------------------|
/// | app.*                             | the author's own; app.name is the job's name                   |
/// | native.*                          | the native runtime: job_options.h                              |
/// | CONNECTOR.source.ALIAS.*          | a source of the job: context.Source<T>("ALIAS")                |
/// | CONNECTOR.sink.ALIAS.*            | a sink of the job: stream.SinkTo("ALIAS")                      |
/// | CONNECTOR.ALIAS.*                 | either, whichever the job asks for: `jdbc.delays`              |
/// | flink.*, spark.*, sql.*           | other engines; read there                                      |
///
/// Values may hold `${env:NAME}` and `${secret:NAME}`; they are put in when a value is asked for and shown nowhere.
namespace streampark {

namespace core {
struct Property;
}

/// Gives the value of a `${secret:NAME}`; absent when there is none of that name.
using SecretResolver = std::function<std::optional<std::string>(std::string_view name)>;

class JobConfig {
 public:
  struct Value {
    std::string text;
    std::string origin;  // `application.yml:12`, `command line`
  };

  JobConfig() = default;
  /// Reads YAML: nested or dotted keys, lists joined by commas. JOB_FILE_INVALID with file, line and column.
  static base::Result<JobConfig> Parse(std::string_view yaml, const std::string& file_name);
  /// Reads Java's .properties, in UTF-8. JOB_FILE_INVALID with file and line.
  static base::Result<JobConfig> ParseProperties(std::string_view text,
                                                 const std::string& file_name);
  /// Reads HOCON: core/src/config/hocon.h says what of it. JOB_FILE_INVALID with file, line and column.
  static base::Result<JobConfig> ParseHocon(std::string_view text, const std::string& file_name);
  /// By the file's ending: `.properties`, `.conf` (HOCON), else YAML.
  static base::Result<JobConfig> Load(const std::filesystem::path& file);

  /// Over what is there.
  void Set(std::string key, std::string value, std::string origin);
  void ResolveSecretsBy(SecretResolver resolver) { secrets_ = std::move(resolver); }
  const SecretResolver& secrets() const { return secrets_; }

  const std::map<std::string, Value>& values() const { return values_; }
  bool Has(std::string_view key) const { return values_.contains(std::string(key)); }
  /// One value, resolved. NOT_FOUND names the key and the nearest; VALIDATION_FAILED a variable that is not set.
  base::Result<std::string> Get(std::string_view key) const;
  /// `otherwise` when the key is not set.
  base::Result<std::string> GetOr(std::string_view key, std::string otherwise) const;
  /// The keys below `prefix`, which ends in a dot, without it; resolved.
  base::Result<std::map<std::string, std::string>> Section(std::string_view prefix) const;
  /// The values of a section by its table. The errors name key, file and line.
  base::Result<connectors::OptionValues> Read(std::string_view prefix,
                                              const connectors::OptionTable& table,
                                              connectors::OptionUse use) const;
  /// Where a key of a section was set, for errors: ` (application.yml:12)`; empty when it was not.
  std::string OriginOf(std::string_view key) const;

  /// A line a key with its origin, sorted; what may be a secret is masked.
  std::string Print() const;

 private:
  static base::Result<JobConfig> Of(std::vector<core::Property> properties,
                                    const std::string& file_name);
  base::Result<std::string> Resolve(const std::string& key, const Value& value) const;

  std::map<std::string, Value> values_;
  SecretResolver secrets_;
};

}  // namespace streampark
