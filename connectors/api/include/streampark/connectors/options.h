// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"

/// One table of options a connector. From it come parsing, errors with suggestions, the page of documentation, the
/// console's form (a JSON schema) and the options in SQL.
namespace streampark::connectors {

enum class OptionKind : std::uint8_t {
  kString,
  kSecret,   // a string that is never shown
  kInteger,  // within [least, most]
  kNumber,
  kBoolean,   // true or false
  kDuration,  // 250ms, 10s, 5m, 1h
  kSize,      // bytes: 512, 64KiB, 10MiB, 1GiB
  kChoice,    // one of `choices`
  kList,      // a,b,c
};

enum class OptionUse : std::uint8_t { kBoth, kSource, kSink };

struct OptionSpec {
  std::string name;  // dotted, lower case: `start.from.timestamp`
  OptionKind kind = OptionKind::kString;
  /// One or two sentences for the page and the form.
  std::string text;
  /// As people write it; absent and not required: the option may be missing.
  std::optional<std::string> fallback;
  enum class Presence : std::uint8_t { kOptional, kRequired } presence = Presence::kOptional;
  OptionUse use = OptionUse::kBoth;
  std::vector<std::string> choices;  // also of each item of a kList, when there are any
  /// Of kInteger, kDuration (milliseconds) and kSize (bytes).
  std::optional<std::int64_t> least, most;
  /// Other names that are read: the original's.
  std::vector<std::string> aliases;
};

/// Values that a table has checked. Asking for a name that its table lacks, in another kind, or for a value that is
/// not there, is our own bug (SP_CHECK).
class OptionValues {
 public:
  /// Whether it was given or has a fallback.
  bool Has(std::string_view name) const;
  /// kString, kSecret and kChoice.
  const std::string& String(std::string_view name) const;
  std::int64_t Integer(std::string_view name) const;
  double Number(std::string_view name) const;
  bool Boolean(std::string_view name) const;
  base::Millis Duration(std::string_view name) const;
  /// Bytes.
  std::int64_t Size(std::string_view name) const;
  /// Without the spaces around each; empty when it is not there.
  const std::vector<std::string>& List(std::string_view name) const;
  /// What matched a prefix of OptionTable, with the prefix taken off.
  const std::map<std::string, std::string>& Passed(std::string_view prefix) const;
  /// What the table was given: no fallbacks, the names as they were written.
  const std::map<std::string, std::string>& given() const { return given_; }

 private:
  friend class OptionTable;
  /// Of the table's rows, each; what it holds follows from its kind.
  struct Value {
    OptionKind kind = OptionKind::kString;
    bool present = false;
    std::string text;
    std::int64_t whole = 0;  // integer, size, milliseconds, 0 or 1
    double number = 0;
    std::vector<std::string> items;
  };
  const Value& Present(std::string_view name, std::initializer_list<OptionKind> kinds) const;

  std::map<std::string, Value, std::less<>> values_;
  std::map<std::string, std::map<std::string, std::string>, std::less<>> passed_;
  std::map<std::string, std::string> given_;
};

class OptionTable {
 public:
  /// `passed_prefixes`: names that begin so are handed on unseen, as to a client library (`properties.`). SP_CHECK: no
  /// name twice, and each fallback is a value.
  explicit OptionTable(std::vector<OptionSpec> specs,
                       std::vector<std::string> passed_prefixes = {});

  const std::vector<OptionSpec>& specs() const { return specs_; }
  const std::vector<std::string>& passed_prefixes() const { return passed_prefixes_; }
  /// Checks every value and fills in the fallbacks. VALIDATION_FAILED with one field an error: the name, what is
  /// wrong, and the nearest name when it is unknown. No value of a secret is in it.
  base::Result<OptionValues> Read(const std::map<std::string, std::string>& given,
                                  OptionUse use) const;
  /// `specs` and those of this table: what a module adds to its user's table (a format to a connector).
  OptionTable With(std::vector<OptionSpec> specs) const;
  /// JSON Schema (2020-12) of an object with these options.
  std::string JsonSchema(OptionUse use) const;
  /// A table in Markdown: name, kind, default, text.
  std::string Markdown() const;

 private:
  struct Reader;

  std::vector<OptionSpec> specs_;
  std::vector<std::string> passed_prefixes_;
};

}  // namespace streampark::connectors
