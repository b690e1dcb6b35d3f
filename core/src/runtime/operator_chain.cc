// SPDX-License-Identifier: Apache-2.0
#include "runtime/operator_chain.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "streampark/base/check.h"
#include "streampark/core/disk_states.h"

namespace streampark::core {

namespace {

class NoOutput final : public Output {
 public:
  void Emit(AnyRows&) override {}
  void Advance(EventTime) override {}
  void Idle() override {}
};

}  // namespace

/// An operator at its place in the chain.
struct OperatorChain::Link {
  const Node* node = nullptr;
  int input = 0;  // which of its inputs the chain feeds; of the head: none
  std::unique_ptr<Operator> runs;
  std::unique_ptr<Context> context;
  OperatorCounters counters;
  std::vector<std::unique_ptr<Router>> routers;  // of edges to other chains
  std::vector<std::unique_ptr<Output>> outputs;  // chained ones and fan-outs
};

/// Rows from one operator of the chain to the next.
class OperatorChain::ChainedOutput final : public Output {
 public:
  ChainedOutput(OperatorChain& chain, Link& to) : chain_(chain), to_(to) {}

  void Emit(AnyRows& rows) override {
    if (rows.size() == 0) {
      return;
    }
    to_.counters.rows_in.fetch_add(static_cast<std::int64_t>(rows.size()),
                                   std::memory_order_relaxed);
    Link* const caller = std::exchange(chain_.running_, &to_);
    to_.runs->Process(to_.input, rows);
    chain_.running_ = caller;
    rows.Clear();
  }
  void Advance(EventTime watermark) override {
    to_.counters.watermark.store(watermark, std::memory_order_relaxed);
    Link* const caller = std::exchange(chain_.running_, &to_);
    to_.runs->Advance(to_.input, watermark);
    chain_.running_ = caller;
  }
  void Idle() override { to_.runs->Idle(to_.input); }

 private:
  OperatorChain& chain_;
  Link& to_;
};

class OperatorChain::Context final : public OperatorContext, public Output {
 public:
  Context(OperatorChain& chain, Link& link) : chain_(chain), link_(link) {}

  const std::string& name() const override { return link_.node->name; }
  int subtask() const override { return chain_.setup_.subtask; }
  int parallelism() const override { return chain_.parallelism(); }
  int key_groups() const override { return chain_.setup_.key_groups; }
  KeyGroupRange key_group_range() const override {
    return KeyGroupsOf(subtask(), key_groups(), parallelism());
  }
  const base::Clock& clock() const override { return *chain_.setup_.clock; }
  Output& output() override { return *this; }
  Output& side_output(std::string_view tag) override {
    const auto found = sides_.find(tag);
    return found == sides_.end() ? static_cast<Output&>(nowhere_) : *found->second;
  }
  DiskStates* disk_states() override { return chain_.setup_.host->disk_states(); }
  const OperatorRestore& restored() const override {
    const auto found = chain_.setup_.restored.find(link_.node->id);
    return found == chain_.setup_.restored.end() ? nothing_ : found->second;
  }
  void ScheduleAt(base::Timestamp time, std::function<void()> then) override {
    chain_.timers_.emplace(time, std::move(then));
  }
  void Post(std::function<void()> then) override { chain_.setup_.host->Post(std::move(then)); }
  void CheckCancelled() const override { chain_.setup_.host->CheckCancelled(); }
  void TellWaiting(std::int64_t records) override {
    link_.counters.waiting.store(records, std::memory_order_relaxed);
  }
  void CountDropped() override {
    link_.counters.rows_dropped.fetch_add(1, std::memory_order_relaxed);
  }
  void WantSplit() override { chain_.setup_.host->OnSplitWanted(link_.node->id); }
  const std::string& lineage() const override { return chain_.setup_.lineage; }

  void Emit(AnyRows& rows) override {
    link_.counters.rows_out.fetch_add(static_cast<std::int64_t>(rows.size()),
                                      std::memory_order_relaxed);
    chain_.setup_.host->See(link_.node->id, rows);
    main_->Emit(rows);
    rows.Clear();
  }
  void Advance(EventTime watermark) override {
    main_->Advance(watermark);
    for (const auto& [tag, side] : sides_) {
      side->Advance(watermark);
    }
  }
  void Idle() override {
    main_->Idle();
    for (const auto& [tag, side] : sides_) {
      side->Idle();
    }
  }

  void Set(const std::string& tag, Output& output) {
    if (tag.empty()) {
      main_ = &output;
    } else {
      sides_.emplace(tag, &output);
    }
  }

 private:
  OperatorChain& chain_;
  Link& link_;
  NoOutput nowhere_;
  OperatorRestore nothing_;
  Output* main_ = &nowhere_;
  std::map<std::string, Output*, std::less<>> sides_;
};

OperatorChain::OperatorChain(Setup setup)
    : setup_(std::move(setup)),
      chain_(setup_.physical->chains[static_cast<std::size_t>(setup_.chain)]) {
  for (const int id : chain_.nodes) {
    const auto& node = setup_.plan->nodes[static_cast<std::size_t>(id)];
    auto& link = *links_.emplace_back(std::make_unique<Link>());
    link.node = &node;
    link.runs = node.make();
    link.context = std::make_unique<Context>(*this, link);
    title_ += (title_.empty() ? "" : " → ") + node.name;
    for (const auto& edge : setup_.plan->edges) {
      if (edge.to == id) {
        link.input = edge.input;
      }
    }
  }
  if (links_.front()->node->kind == NodeKind::kSource) {
    source_ = dynamic_cast<SourceOperator*>(links_.front()->runs.get());
    SP_CHECK(source_ != nullptr);
  }
}

OperatorChain::~OperatorChain() = default;

OperatorChain::Link& OperatorChain::link_of(int node) const {
  const auto found =
      std::ranges::find_if(links_, [&](const auto& link) { return link->node->id == node; });
  SP_CHECK(found != links_.end());
  return **found;
}

Operator& OperatorChain::operator_of(int node) const { return *link_of(node).runs; }
const OperatorCounters& OperatorChain::counters_of(int node) const {
  return link_of(node).counters;
}
std::string OperatorChain::running() const {
  return running_ != nullptr ? running_->node->name : std::string();
}

void OperatorChain::Connect(const FindChannel& find_channel) {
  for (const auto& link : links_) {
    Wire(*link, find_channel);
  }
}

void OperatorChain::Wire(Link& link, const FindChannel& find_channel) {
  std::map<std::string, std::vector<Output*>> by_side;
  const auto& edges = setup_.plan->edges;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const auto& edge = edges[i];
    if (edge.from != link.node->id) {
      continue;
    }
    if (setup_.physical->Chained(edge)) {
      by_side[edge.side].push_back(
          link.outputs.emplace_back(std::make_unique<ChainedOutput>(*this, link_of(edge.to)))
              .get());
      continue;
    }
    const bool forward = setup_.physical->Forward(edge);
    const int first = forward ? setup_.subtask : 0;
    const int count = forward ? 1 : setup_.physical->parallelism[static_cast<std::size_t>(edge.to)];
    RouterSetup router{.channels = {}, .key_groups = setup_.key_groups, .subtask = setup_.subtask};
    for (int target = first; target < first + count; ++target) {
      router.channels.push_back(find_channel(i, target));
    }
    by_side[edge.side].push_back(
        link.routers.emplace_back(edge.make_router(std::move(router))).get());
  }
  for (auto& [side, outputs] : by_side) {
    if (outputs.size() == 1) {
      link.context->Set(side, *outputs.front());
    } else {
      const auto edge = std::ranges::find_if(
          edges, [&](const Edge& each) { return each.from == link.node->id && each.side == side; });
      link.outputs.push_back(edge->make_fan_out(outputs));
      link.context->Set(side, *link.outputs.back());
    }
  }
}

// What it throws leaves `running_` as it is, so that the error can say whose it was.
template <typename What>
void OperatorChain::Run(Link& link, What&& what) {
  running_ = &link;
  what(*link.runs);
  running_ = nullptr;
}

void OperatorChain::Open() {
  for (const auto& link : links_) {
    Run(*link, [&](Operator& runs) { runs.Open(*link->context); });
  }
}

void OperatorChain::RequireAllClaimed() {
  for (const auto& link : links_) {
    running_ = link.get();
    auto unclaimed = link->context->restored().Unclaimed();
    if (auto* states = setup_.host->disk_states()) {
      std::ranges::move(states->UnclaimedOf(link->node->name), std::back_inserter(unclaimed));
    }
    if (!unclaimed.empty()) {
      throw TaskFailure(
          base::Error(base::ErrorCode::kStateNotRestored,
                      "The checkpoint holds its state '" + unclaimed.front() +
                          "', which the operator no longer has.")
              .WithHint(
                  "give the state its old name back, and the operator the kind that it was; or let "
                  "the state go with native.restore-ignore-unclaimed: true"));
    }
  }
  running_ = nullptr;
}

void OperatorChain::Process(int input, AnyRows& rows) {
  auto& head = *links_.front();
  holds_back_ = true;
  head.counters.rows_in.fetch_add(static_cast<std::int64_t>(rows.size()),
                                  std::memory_order_relaxed);
  Run(head, [&](Operator& runs) { runs.Process(input, rows); });
}

void OperatorChain::Advance(int input, EventTime watermark) {
  auto& head = *links_.front();
  holds_back_ = true;
  head.counters.watermark.store(watermark, std::memory_order_relaxed);
  Run(head, [&](Operator& runs) { runs.Advance(input, watermark); });
}

void OperatorChain::Idle(int input) {
  Run(*links_.front(), [&](Operator& runs) { runs.Idle(input); });
}

void OperatorChain::EndInput(int input) {
  Run(*links_.front(), [&](Operator& runs) { runs.EndInput(input); });
}

SourceOperator::Progress OperatorChain::Poll(base::Millis patience) {
  running_ = links_.front().get();
  const auto progress = source_->Poll(patience);
  running_ = nullptr;
  holds_back_ = holds_back_ || progress == SourceOperator::Progress::kRows;
  return progress;
}

void OperatorChain::EndRest() {
  if (source_ != nullptr) {
    auto& head = *links_.front();
    Run(head, [&](Operator& runs) {
      head.context->Advance(kEndOfTime);
      runs.EndInput(0);
    });
  }
  for (std::size_t i = 1; i < links_.size(); ++i) {
    Run(*links_[i], [&](Operator& runs) { runs.EndInput(links_[i]->input); });
  }
}

void OperatorChain::HandOn() {
  holds_back_ = false;
  for (const auto& link : links_) {
    Run(*link, [&](Operator& runs) {
      runs.Flush();
      for (const auto& router : link->routers) {
        router->Flush();
      }
    });
  }
}

std::optional<base::Timestamp> OperatorChain::next_timer() const {
  return timers_.empty() ? std::nullopt : std::optional(timers_.begin()->first);
}

bool OperatorChain::FireTimers() {
  bool fired = false;
  while (!timers_.empty() && timers_.begin()->first <= setup_.clock->Now()) {
    auto due = timers_.extract(timers_.begin());
    due.mapped()();
    fired = true;
    holds_back_ = true;
  }
  return fired;
}

ChainSnapshot OperatorChain::Snapshot(std::uint64_t checkpoint, OperatorSnapshot::Form form,
                                      const Spill& spill) {
  ChainSnapshot written;
  for (const auto& link : links_) {
    auto& into = written[link->node->id];
    into.checkpoint = checkpoint;
    into.form = form;
    if (spill) {
      into.spill = [&, node = link->node->id](const OperatorSnapshot& part) {
        spill(node, into, part);
      };
    }
    Run(*link, [&](Operator& runs) { runs.Snapshot(into); });
    into.spill = nullptr;
  }
  return written;
}

void OperatorChain::CheckpointCompleted(std::uint64_t checkpoint) {
  for (const auto& link : links_) {
    Run(*link, [&](Operator& runs) { runs.CheckpointCompleted(checkpoint); });
  }
}

void OperatorChain::Close() {
  for (const auto& link : links_) {
    Run(*link, [](Operator& runs) { runs.Close(); });
  }
}

}  // namespace streampark::core
