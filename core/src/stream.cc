// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/stream.h"

namespace streampark::core {

Node& PlanBuilder::Add(NodeKind kind, std::string type, std::string name, Node::State state) {
  auto& node = plan_->nodes.emplace_back();
  node.id = static_cast<int>(plan_->nodes.size()) - 1;
  node.kind = kind;
  node.type = std::move(type);
  node.name = std::move(name);
  node.state = state;
  return node;
}

}  // namespace streampark::core
