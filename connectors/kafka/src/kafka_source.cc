// SPDX-License-Identifier: Apache-2.0
#include "kafka_enumerator.h"
#include "kafka_reader.h"
#include "source_plan.h"

namespace streampark::connectors::kafka {
namespace {

class KafkaSource final : public Source {
 public:
  explicit KafkaSource(SourcePlan plan) : plan_(std::move(plan)) {}

  SchemaPtr schema() const override { return plan_.columns.schema; }
  Boundedness boundedness() const override {
    return plan_.end ? Boundedness::kBounded : Boundedness::kUnbounded;
  }
  std::optional<base::Millis> discovery_interval() const override {
    return plan_.end ? std::nullopt : std::optional(plan_.discovery);
  }
  base::Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      std::optional<std::string> restored) override {
    return MakeKafkaEnumerator(plan_, std::move(restored));
  }
  base::Result<std::unique_ptr<SplitReader>> MakeReader(int /*subtask*/) override {
    return MakeKafkaReader(plan_);
  }

 private:
  const SourcePlan plan_;
};

}  // namespace

std::unique_ptr<Source> MakeKafkaSource(SourcePlan plan) {
  return std::make_unique<KafkaSource>(std::move(plan));
}

}  // namespace streampark::connectors::kafka
