// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "streampark/base/result.h"

namespace streampark::base {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kText, kJson };

/// One named value of a log line. Never pass a secret.
class LogField {
 public:
  LogField(std::string_view name, std::string_view value) : name_(name), text_(value) {}
  LogField(std::string_view name, const char* value) : name_(name), text_(value) {}
  LogField(std::string_view name, const std::string& value) : name_(name), text_(value) {}
  template <typename Integer, typename = std::enable_if_t<std::is_integral_v<Integer>>>
  LogField(std::string_view name, Integer value)
      : name_(name), text_(std::to_string(value)), quoted_(false) {}
  LogField(std::string_view name, const Error& error) : name_(name), text_(error.ToString()) {}

  std::string_view name() const { return name_; }
  const std::string& text() const { return text_; }
  bool quoted() const { return quoted_; }

 private:
  std::string_view name_;
  std::string text_;
  bool quoted_ = true;
};

/// Sets where lines go: to stderr, or to `file` (rotated at 16 MiB, five kept). Once, before threads
/// start. IO_ERROR when the file cannot be opened.
Status ConfigureLog(LogLevel least, LogFormat format, const std::filesystem::path& file = {});

/// Whether lines of this level are written: to spare making ones that are not.
bool IsLogged(LogLevel level);

/// Writes one structured line: time, level, `event` (a fixed phrase in lower case), fields.
/// Thread-safe.
void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

inline void LogInfo(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kInfo, event, fields);
}
inline void LogWarn(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kWarn, event, fields);
}
inline void LogError(std::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kError, event, fields);
}

}  // namespace streampark::base
