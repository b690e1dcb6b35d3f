// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "source_plan.h"

namespace streampark::connectors::redis {
namespace {

class RedisSource final : public Source {
 public:
  explicit RedisSource(SourcePlan plan) : plan_(std::move(plan)) {}

  SchemaPtr schema() const override { return plan_.columns.schema; }
  Boundedness boundedness() const override {
    return plan_.bounded() ? Boundedness::kBounded : Boundedness::kUnbounded;
  }
  std::optional<base::Millis> discovery_interval() const override {
    return plan_.bounded() || plan_.patterns.empty() ? std::nullopt
                                                     : std::optional(plan_.discovery);
  }
  base::Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      std::optional<std::string> restored) override {
    return redis::MakeEnumerator(plan_, std::move(restored));
  }
  base::Result<std::unique_ptr<SplitReader>> MakeReader(int /*subtask*/) override {
    return plan_.bounded() ? MakePageReader(plan_) : MakeStreamReader(plan_);
  }

 private:
  const SourcePlan plan_;
};

}  // namespace

std::unique_ptr<Source> MakeRedisSource(SourcePlan plan) {
  return std::make_unique<RedisSource>(std::move(plan));
}

}  // namespace streampark::connectors::redis
