// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "streampark/core/function_source.h"
#include "streampark/core/plan.h"
#include "streampark/core/stream.h"

namespace streampark {

/// Where a job's body begins: makes sources, and holds the plan that grows from them. Used by one thread; the body may run again on
/// every machine and must make the same plan each time.
class StreamContext {
 public:
  explicit StreamContext(std::string job_name) { plan_.name = std::move(job_name); }
  StreamContext(const StreamContext&) = delete;
  StreamContext& operator=(const StreamContext&) = delete;

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
    core::PlanBuilder builder(plan_);
    auto& node = builder.Add(core::NodeKind::kSource, "generator", std::move(name),
                             core::Node::State::kOperator);
    node.make = [count, make] { return std::make_unique<core::FunctionSource<T, F>>(count, make); };
    return DataStream<T>(
        builder,
        {.from = {{node.id, ""}}, .partitioning = core::Partitioning::kForward, .make_router = {}});
  }

  const core::Plan& plan() const { return plan_; }

 private:
  core::Plan plan_;
};

}  // namespace streampark
