// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "streampark/core/collector.h"

namespace streampark {

/// Names a side stream and the type of its rows. Give it to the function that writes it and to DataStream::Side.
template <typename T>
struct SideOutput {
  std::string tag;
};

namespace core {

/// The side streams that an operator writes.
class SideCollectors {
 public:
  explicit SideCollectors(OperatorContext& context) : context_(context) {}

  template <typename T>
  Collector<T>& Of(const SideOutput<T>& side) {
    auto& kept = collectors_[side.tag];
    if (!kept) {
      auto made = std::make_unique<Typed<T>>();
      made->collector.Open(context_.side_output(side.tag));
      kept = std::move(made);
    }
    return static_cast<Typed<T>&>(*kept).collector;
  }
  void Flush() {
    for (const auto& [tag, collector] : collectors_) {
      collector->Flush();
    }
  }

 private:
  struct Any {
    virtual ~Any() = default;
    virtual void Flush() = 0;
  };
  template <typename T>
  struct Typed final : Any {
    Collector<T> collector;
    void Flush() override { collector.Flush(); }
  };

  OperatorContext& context_;
  std::map<std::string, std::unique_ptr<Any>, std::less<>> collectors_;
};

}  // namespace core
}  // namespace streampark
