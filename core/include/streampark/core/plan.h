// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/core/operator.h"

/// The logical plan: what a job's body has said, before anybody decides where and how wide it runs.
namespace streampark::core {

/// Where the batches of an edge between two subtasks are put.
class Channel {
 public:
  virtual ~Channel() = default;
  /// Hands the rows on; waits while the other side is behind. Gives a batch that the other side has used up; null when there is none.
  virtual std::unique_ptr<AnyRows> Push(std::unique_ptr<AnyRows> rows) = 0;
  virtual void PushWatermark(EventTime watermark) = 0;
  virtual void PushIdle() = 0;
};

/// How the rows of an edge are shared out among the subtasks behind it.
enum class Partitioning : std::uint8_t {
  kForward,    // to the subtask of the same number; where the parallelism changes, as kRebalance
  kRebalance,  // in turn
  kHash,       // by key group
  kBroadcast,  // to all
};

/// The typed half of an edge: rows to channels. Flush pushes what is not full.
class Router : public Output {
 public:
  virtual void Flush() = 0;
};

struct RouterSetup {
  std::vector<Channel*> channels;  // one a subtask behind the edge
  int key_groups = 0;
  int subtask = 0;  // of the sending side
};

struct Edge {
  int from = 0;
  int to = 0;
  int input = 0;     // of the operator behind
  std::string side;  // the tag of a side stream; empty: the main one
  Partitioning partitioning = Partitioning::kForward;
  std::function<std::unique_ptr<Router>(RouterSetup)> make_router;
  /// One output that gives each of several their own copy; they outlive it.
  std::function<std::unique_ptr<Output>(std::vector<Output*>)> make_fan_out;
};

enum class NodeKind : std::uint8_t { kSource, kOperator, kSink };

struct Node {
  int id = 0;
  NodeKind kind = NodeKind::kOperator;
  std::string type;  // for people: `map`, `window`, `source kafka`
  /// The author's for sources, stateful operators and sinks, and then the identity of their state; else made up.
  std::string name;
  enum class State : std::uint8_t { kNone, kKeyed, kOperator } state = State::kNone;
  int parallelism = 0;  // 0: the job's
  std::function<std::unique_ptr<Operator>()> make;
  /// Of a source that reads a connector's splits: finds them. Its operator takes them by AddSplits.
  std::function<base::Result<std::unique_ptr<connectors::SplitEnumerator>>(
      std::optional<std::string> restored, const std::string& lineage)>
      make_enumerator;
  std::function<std::optional<base::Millis>()> discovery_interval;
  /// Of a sink that commits. Null in what it gives: nothing to commit.
  std::function<base::Result<std::unique_ptr<connectors::Committer>>()> make_committer;
};

/// A directed graph without cycles. Made by a StreamContext, immutable afterwards.
struct Plan {
  std::string name;
  std::vector<Node> nodes;  // by id
  std::vector<Edge> edges;

  /// Two names alike, a stateful operator without a name, nothing that writes: VALIDATION_FAILED, one field an error.
  base::Status Check() const;
  /// For the console and for people: nodes, edges, names, parallelism; no function and no secret.
  std::string ToJson() const;
};

}  // namespace streampark::core
