// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/metrics.h"

#include <fmt/format.h>

namespace streampark::http {

void MetricsWriter::Family(std::string_view name, std::string_view kind, std::string_view help) {
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, kind);
}

void MetricsWriter::Sample(std::string_view name, const Labels& labels, double value) {
  text_.append(name);
  char separator = '{';
  for (const auto& [label, content] : labels) {
    text_.push_back(separator);
    separator = ',';
    text_.append(label).append("=\"");
    for (const char c : content) {
      if (c == '"' || c == '\\') {
        text_.push_back('\\');
      }
      text_ += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    text_.push_back('"');
  }
  if (!labels.empty()) {
    text_.push_back('}');
  }
  text_ += fmt::format(" {}\n", value);
}

void MetricsRegistry::Add(Collector collector) {
  const std::lock_guard lock(mutex_);
  collectors_.push_back(std::move(collector));
}

std::string MetricsRegistry::Collect() const {
  MetricsWriter writer;
  const std::lock_guard lock(mutex_);
  for (const Collector& collector : collectors_) {
    collector(writer);
  }
  return writer.Take();
}

}  // namespace streampark::http
