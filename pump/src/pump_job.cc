// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "streampark/pump/pump.h"

#include "transfer_operator.h"
#include "transfers.h"

namespace streampark::pump {
namespace {

/// Rows that are written have come to their end: what is left is to count them.
class Counted final : public core::OneInputOperator {
 public:
  void Process(int /*input*/, core::AnyRows& /*rows*/) override {}
};

}  // namespace

void AddPump(StreamContext& context, const PumpFile& file,
             const connectors::ConnectorRegistry& connectors, const base::Clock& clock) {
  auto planner = TablePlanner::Make(file, connectors, clock);
  if (!planner.ok()) {
    throw InvalidJob(std::move(planner).error());
  }
  const auto transfers = std::make_shared<Transfers>(std::move(planner).value());
  core::PlanBuilder plan = context.builder();
  core::Node& source = plan.Add(core::NodeKind::kSource, "pump " + file.source + " to " + file.sink,
                                "tables", core::Node::State::kOperator);
  source.make = [transfers, dirty = plan.outside().dirty] {
    return std::make_unique<TransferOperator>(transfers, dirty);
  };
  source.make_enumerator = [transfers](std::optional<std::string> restored,
                                       const std::string& lineage)
      -> base::Result<std::unique_ptr<connectors::SplitEnumerator>> {
    transfers->Renew();
    return MakeTransferEnumerator(transfers, lineage, restored && !restored->empty());
  };
  source.discovery_interval = [] { return std::optional<base::Millis>(); };
  const int from = source.id;
  core::Node& sink =
      plan.Add(core::NodeKind::kSink, "sink " + file.sink, "written", core::Node::State::kNone);
  sink.make = [] { return std::make_unique<Counted>(); };
  // The two are one chain, always: no router is ever made.
  plan.Connect({.from = from, .to = sink.id, .make_router = nullptr, .make_fan_out = nullptr});
}

}  // namespace streampark::pump
