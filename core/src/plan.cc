// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include <boost/json.hpp>

namespace streampark::core {

namespace {

std::string_view ToString(NodeKind kind) {
  switch (kind) {
    case NodeKind::kSource:
      return "SOURCE";
    case NodeKind::kOperator:
      return "OPERATOR";
    case NodeKind::kSink:
      return "SINK";
  }
  return "";
}

std::string_view ToString(Partitioning partitioning) {
  switch (partitioning) {
    case Partitioning::kForward:
      return "FORWARD";
    case Partitioning::kRebalance:
      return "REBALANCE";
    case Partitioning::kHash:
      return "HASH";
    case Partitioning::kBroadcast:
      return "BROADCAST";
  }
  return "";
}

}  // namespace

base::Status Plan::Check() const {
  std::vector<base::FieldError> errors;
  std::map<std::string, const Node*> named;
  for (const auto& node : nodes) {
    if (node.state != Node::State::kNone && node.name.empty()) {
      errors.push_back({"/operators/" + std::to_string(node.id),
                        "A " + node.type + " keeps state and has no name.",
                        "give it one: its state is found again by it"});
    }
    if (!node.name.empty() && !named.emplace(node.name, &node).second) {
      errors.push_back({"/operators/" + std::to_string(node.id),
                        "Two operators are named '" + node.name + "': a " + named[node.name]->type +
                            " and a " + node.type + ".",
                        "a name stands for one operator's state; give one of them another"});
    }
    const bool read =
        std::ranges::any_of(edges, [&](const Edge& edge) { return edge.from == node.id; });
    if (node.kind != NodeKind::kSink && !read) {
      errors.push_back({"/operators/" + std::to_string(node.id),
                        "Nothing reads the results of the " + node.type +
                            (node.name.empty() ? "" : " '" + node.name + "'") + ".",
                        "end each stream in a sink, or leave it out"});
    }
  }
  if (nodes.empty()) {
    errors.push_back({"/operators", "The job has no source.",
                      "begin with context.Source<T>(name) or context.From(…)"});
  }
  if (errors.empty()) {
    return base::Ok();
  }
  return base::Error(base::ErrorCode::kValidationFailed,
                     "The job '" + name + "' cannot be run as it is: " + errors.front().message)
      .WithHint(errors.front().hint)
      .WithFields(std::move(errors));
}

std::string Plan::ToJson() const {
  boost::json::array all_nodes;
  for (const auto& node : nodes) {
    boost::json::object shown{
        {"id", node.id}, {"kind", ToString(node.kind)}, {"type", node.type}, {"name", node.name}};
    if (node.parallelism > 0) {
      shown["parallelism"] = node.parallelism;
    }
    shown["stateful"] = node.state != Node::State::kNone;
    all_nodes.push_back(std::move(shown));
  }
  boost::json::array all_edges;
  for (const auto& edge : edges) {
    boost::json::object shown{
        {"from", edge.from}, {"to", edge.to}, {"partitioning", ToString(edge.partitioning)}};
    if (edge.input != 0) {
      shown["input"] = edge.input;
    }
    if (!edge.side.empty()) {
      shown["side"] = edge.side;
    }
    all_edges.push_back(std::move(shown));
  }
  return boost::json::serialize(boost::json::object{
      {"name", name}, {"nodes", std::move(all_nodes)}, {"edges", std::move(all_edges)}});
}

}  // namespace streampark::core
