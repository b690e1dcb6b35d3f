// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streampark::http {

/// Writes Prometheus' text format. Names and help stand once a family.
class MetricsWriter {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

  /// `kind` is counter, gauge or histogram.
  void Family(std::string_view name, std::string_view kind, std::string_view help);
  void Sample(std::string_view name, const Labels& labels, double value);
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

/// What is asked at each scrape. Add() before serving; collectors run on the pool and must not
/// block.
class MetricsRegistry {
 public:
  using Collector = std::function<void(MetricsWriter&)>;
  void Add(Collector collector);
  std::string Collect() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Collector> collectors_;
};

}  // namespace streampark::http
