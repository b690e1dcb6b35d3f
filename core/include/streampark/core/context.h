// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/error.h"
#include "streampark/connectors/connector.h"
#include "streampark/core/config.h"
#include "streampark/core/connector_operators.h"
#include "streampark/core/function_source.h"
#include "streampark/core/plan.h"
#include "streampark/core/stream.h"

namespace streampark {

/// The body of a job asks for what cannot be: an alias that the configuration lacks, an option that is wrong. Ends the making of the
/// plan.
class InvalidJob : public std::runtime_error {
 public:
  explicit InvalidJob(base::Error error)
      : std::runtime_error(error.ToString()), error_(std::move(error)) {}
  const base::Error& error() const { return error_; }

 private:
  base::Error error_;
};

/// Where a job's body begins: makes sources, and holds the plan that grows from them. Used by one thread; the body may run again on
/// every machine and must make the same plan each time.
class StreamContext {
 public:
  struct Setup {
    std::string name;
    JobConfig config;
    /// Outlives the context and whatever runs its plan; null: a job without connectors.
    const connectors::ConnectorRegistry* connectors = nullptr;
    const base::Clock* clock = nullptr;
    /// Null: a dirty record fails the job.
    std::shared_ptr<core::DirtyRecords> dirty;
    /// For tests: what every source and sink is, whatever the configuration says. Its option `alias` has the name.
    const connectors::Connector* stand_in = nullptr;
  };

  explicit StreamContext(std::string name) : StreamContext(Setup{.name = std::move(name)}) {}
  explicit StreamContext(Setup setup);
  StreamContext(const StreamContext&) = delete;
  StreamContext& operator=(const StreamContext&) = delete;

  /// The rows of a connector, as configured under `CONNECTOR.source.ALIAS`. InvalidJob.
  template <core::Record T>
  DataStream<T> Source(std::string alias) {
    auto found = FindSource(alias, core::SchemaOf<T>());
    core::PlanBuilder builder(plan_, &outside_);
    auto& node = builder.Add(core::NodeKind::kSource, found.type, std::move(alias),
                             core::Node::State::kOperator);
    auto source = std::move(found.source);
    auto watermarks = std::make_shared<core::SourceWatermarks<T>>();
    node.make = [source, watermarks, dirty = outside_.dirty]() -> std::unique_ptr<core::Operator> {
      return std::make_unique<core::ConnectorSource<T>>(
          source->Get(), dirty,
          watermarks->assign_times ? std::optional(*watermarks) : std::nullopt);
    };
    node.make_enumerator = [source](std::optional<std::string> restored,
                                    const std::string& /*lineage*/) {
      return source->Get()->MakeEnumerator(std::move(restored));
    };
    node.discovery_interval = [source] { return source->Get()->discovery_interval(); };
    return DataStream<T>(builder,
                         {.from = {{node.id, ""}}, .source_watermarks = std::move(watermarks)});
  }

  /// The rows of a collection, in one subtask.
  template <typename T>
  DataStream<T> From(std::string name, std::vector<T> rows) {
    auto kept = std::make_shared<const std::vector<T>>(std::move(rows));
    return Generate<T>(
               std::move(name), static_cast<std::int64_t>(kept->size()),
               [kept](std::int64_t n, T& row) { row = (*kept)[static_cast<std::size_t>(n)]; })
        .Parallelism(1);
  }
  /// Rows 0 … count-1 of a function that fills them: `make(n, row)`. The same n must give the same row.
  template <typename T, typename F>
  DataStream<T> Generate(std::string name, std::int64_t count, F make) {
    static_assert(std::invocable<F&, std::int64_t, T&>,
                  "Generate takes a function of (std::int64_t n, Row& row) that fills the row");
    core::PlanBuilder builder(plan_, &outside_);
    auto& node = builder.Add(core::NodeKind::kSource, "generator", std::move(name),
                             core::Node::State::kOperator);
    node.make = [count, make] { return std::make_unique<core::FunctionSource<T, F>>(count, make); };
    return DataStream<T>(builder, {.from = {{node.id, ""}}});
  }

  /// The author's own values: `app.*`, without the prefix. InvalidJob when it is not there.
  std::string App(std::string_view key) const;
  std::string App(std::string_view key, std::string otherwise) const;
  const JobConfig& config() const { return outside_.config; }
  const core::Plan& plan() const { return plan_; }
  /// For modules that bring operators of their own.
  core::PlanBuilder builder() { return {plan_, &outside_}; }

 private:
  struct Found {
    std::string type;
    std::shared_ptr<core::LazySource> source;
  };
  Found FindSource(const std::string& alias, connectors::SchemaPtr schema) const;

  core::Plan plan_;
  core::Outside outside_;
};

}  // namespace streampark
