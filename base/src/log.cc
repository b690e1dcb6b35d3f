// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/log.h"

#include <atomic>
#include <memory>

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "streampark/base/clock.h"

namespace streampark::base {
namespace {

constexpr std::size_t kLogFileBytes = 16U << 20U;
constexpr std::size_t kLogFilesKept = 5;

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err};
  return kLevels[static_cast<int>(level)];
}

struct LogTarget {
  LogFormat format = LogFormat::kText;
  std::shared_ptr<spdlog::logger> logger;
};

std::shared_ptr<LogTarget> MakeTarget(LogLevel least, LogFormat format,
                                      const std::filesystem::path& file) {
  spdlog::sink_ptr sink;
  if (file.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else {
    sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), kLogFileBytes,
                                                                  kLogFilesKept - 1);
  }
  auto target = std::make_shared<LogTarget>();
  target->format = format;
  target->logger = std::make_shared<spdlog::logger>("streampark", std::move(sink));
  target->logger->set_pattern("%v");
  target->logger->set_level(SpdlogLevel(least));
  target->logger->flush_on(spdlog::level::info);
  return target;
}

// The log is the process's, as stderr is: the one thing here that is not injected.
std::shared_ptr<LogTarget>& Target() {
  static std::shared_ptr<LogTarget> target = MakeTarget(LogLevel::kInfo, LogFormat::kText, {});
  return target;
}

constexpr std::string_view LevelName(LogLevel level) {
  constexpr std::string_view kNames[] = {"DEBUG", "INFO", "WARN", "ERROR"};
  return kNames[static_cast<int>(level)];
}

void AppendQuoted(std::string& line, std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  line.push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"':
        line.append("\\\"");
        break;
      case '\\':
        line.append("\\\\");
        break;
      case '\n':
        line.append("\\n");
        break;
      case '\r':
        line.append("\\r");
        break;
      case '\t':
        line.append("\\t");
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          line.append("\\u00").push_back(kHexDigits[static_cast<unsigned char>(c) >> 4U]);
          line.push_back(kHexDigits[static_cast<unsigned char>(c) & 15U]);
        } else {
          line.push_back(c);
        }
    }
  }
  line.push_back('"');
}

/// Bare words stay bare in text lines; everything else is quoted, so that a line stays one line.
bool IsBare(std::string_view text) {
  if (text.empty()) {
    return false;
  }
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '=' || c == '\\' || c == 0x7f) {
      return false;
    }
  }
  return true;
}

std::string TextLine(LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields) {
  std::string line = FormatTimestamp(SystemClock().Now());
  const std::string_view name = LevelName(level);
  line.append(" ").append(name).append(6 - name.size(), ' ').append(event);
  for (const LogField& field : fields) {
    line.append(" ").append(field.name()).append("=");
    if (IsBare(field.text())) {
      line.append(field.text());
    } else {
      AppendQuoted(line, field.text());
    }
  }
  return line;
}

std::string JsonLine(LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields) {
  std::string line = "{\"time\":\"" + FormatTimestamp(SystemClock().Now()) + "\",\"level\":\"";
  line.append(LevelName(level)).append("\",\"event\":");
  AppendQuoted(line, event);
  for (const LogField& field : fields) {
    line.push_back(',');
    AppendQuoted(line, field.name());
    line.push_back(':');
    if (field.quoted()) {
      AppendQuoted(line, field.text());
    } else {
      line.append(field.text());
    }
  }
  line.push_back('}');
  return line;
}

}  // namespace

Status ConfigureLog(LogLevel least, LogFormat format, const std::filesystem::path& file) {
  try {
    Target() = MakeTarget(least, format, file);
  } catch (const spdlog::spdlog_ex& failed) {
    return Error(ErrorCode::kIoError, "the log file cannot be written").WithCause(failed.what());
  }
  return Ok();
}

bool IsLogged(LogLevel level) { return Target()->logger->should_log(SpdlogLevel(level)); }

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!IsLogged(level)) {
    return;
  }
  const LogTarget& target = *Target();
  target.logger->log(
      SpdlogLevel(level),
      spdlog::string_view_t(target.format == LogFormat::kText ? TextLine(level, event, fields)
                                                              : JsonLine(level, event, fields)));
}

}  // namespace streampark::base
