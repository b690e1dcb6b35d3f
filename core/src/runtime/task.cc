// SPDX-License-Identifier: Apache-2.0
#include "runtime/task.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "streampark/base/check.h"

namespace streampark::core {

namespace {

constexpr base::Millis kPatience{100};  // of a source, when no timer is due earlier

class NoOutput final : public Output {
 public:
  void Emit(AnyRows&) override {}
  void Advance(EventTime) override {}
  void Idle() override {}
};

}  // namespace

/// One edge to another chain.
struct Task::Sender {
  std::vector<std::unique_ptr<GateChannel>> channels;
  std::unique_ptr<Router> router;
};

/// An operator at its place in the chain.
struct Task::Link {
  const Node* node = nullptr;
  int input = 0;  // which of its inputs the chain feeds; of the head: none
  std::unique_ptr<Operator> runs;
  std::unique_ptr<Context> context;
  OperatorCounters counters;
  std::vector<std::unique_ptr<Sender>> senders;
  std::vector<std::unique_ptr<Output>> outputs;  // chained ones and fan-outs
};

/// Rows from one operator of the chain to the next.
class Task::ChainedOutput final : public Output {
 public:
  ChainedOutput(Task& task, Link& to) : task_(task), to_(to) {}

  void Emit(AnyRows& rows) override {
    if (rows.size() == 0) {
      return;
    }
    to_.counters.rows_in.fetch_add(static_cast<std::int64_t>(rows.size()),
                                   std::memory_order_relaxed);
    Link* const caller = std::exchange(task_.running_, &to_);
    to_.runs->Process(to_.input, rows);
    task_.running_ = caller;
    rows.Clear();
  }
  void Advance(EventTime watermark) override {
    to_.counters.watermark.store(watermark, std::memory_order_relaxed);
    Link* const caller = std::exchange(task_.running_, &to_);
    to_.runs->Advance(to_.input, watermark);
    task_.running_ = caller;
  }
  void Idle() override { to_.runs->Idle(to_.input); }

 private:
  Task& task_;
  Link& to_;
};

class Task::Context final : public OperatorContext, public Output {
 public:
  Context(Task& task, Link& link) : task_(task), link_(link) {}

  const std::string& name() const override { return link_.node->name; }
  int subtask() const override { return task_.subtask(); }
  int parallelism() const override { return task_.chain_.parallelism; }
  int key_groups() const override { return task_.setup_.key_groups; }
  KeyGroupRange key_group_range() const override {
    return KeyGroupsOf(subtask(), key_groups(), parallelism());
  }
  const base::Clock& clock() const override { return *task_.setup_.clock; }
  Output& output() override { return *this; }
  Output& side_output(std::string_view tag) override {
    const auto found = sides_.find(tag);
    return found == sides_.end() ? static_cast<Output&>(nowhere_) : *found->second;
  }
  DiskStates* disk_states() override { return task_.states_ ? &task_.states_->states() : nullptr; }
  const OperatorRestore& restored() const override {
    const auto found = task_.setup_.restored.find(link_.node->id);
    return found == task_.setup_.restored.end() ? nothing_ : found->second;
  }
  void ScheduleAt(base::Timestamp time, std::function<void()> then) override {
    task_.timers_.emplace(time, std::move(then));
  }
  void Post(std::function<void()> then) override { task_.Post(std::move(then)); }
  void CheckCancelled() const override {
    if (task_.gate_.cancelled()) {
      throw Cancelled();
    }
  }
  void TellWaiting(std::int64_t records) override {
    link_.counters.waiting.store(records, std::memory_order_relaxed);
  }
  void CountDropped() override {
    link_.counters.rows_dropped.fetch_add(1, std::memory_order_relaxed);
  }
  void WantSplit() override {
    task_.setup_.listener->OnSplitWanted(link_.node->id, task_.subtask());
  }
  const std::string& lineage() const override { return task_.setup_.lineage; }

  void Emit(AnyRows& rows) override {
    link_.counters.rows_out.fetch_add(static_cast<std::int64_t>(rows.size()),
                                      std::memory_order_relaxed);
    task_.setup_.sampler->See(link_.node->id, rows);
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
  Task& task_;
  Link& link_;
  NoOutput nowhere_;
  OperatorRestore nothing_;
  Output* main_ = &nowhere_;
  std::map<std::string, Output*, std::less<>> sides_;
};

Task::Task(Setup setup)
    : setup_(std::move(setup)),
      chain_(setup_.physical->chains[static_cast<std::size_t>(setup_.chain)]),
      gate_(WireInputs(), setup_.channel_capacity) {
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
  title_ +=
      " (" + std::to_string(setup_.subtask + 1) + "/" + std::to_string(chain_.parallelism) + ")";
  if (links_.front()->node->kind == NodeKind::kSource) {
    source_ = dynamic_cast<SourceOperator*>(links_.front()->runs.get());
    SP_CHECK(source_ != nullptr);
  }
}

Task::~Task() = default;

int Task::WireInputs() {
  std::vector<std::size_t> places;  // channels so far, by input
  const auto& edges = setup_.plan->edges;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (edges[i].to != chain_.nodes.front()) {
      continue;
    }
    const auto input = static_cast<std::size_t>(edges[i].input);
    places.resize(std::max(places.size(), input + 1));
    const bool forward = setup_.physical->Forward(edges[i]);
    const int senders =
        forward ? 1 : setup_.physical->parallelism[static_cast<std::size_t>(edges[i].from)];
    for (int sender = 0; sender < senders; ++sender) {
      inlets_.push_back({.edge = i,
                         .sender = forward ? setup_.subtask : sender,
                         .input = edges[i].input,
                         .place = places[input]++});
    }
  }
  for (const auto channels : places) {
    watermarks_.emplace_back(channels);
  }
  return static_cast<int>(inlets_.size());
}

int Task::ChannelOf(std::size_t edge, int sender) const {
  const auto found = std::ranges::find_if(
      inlets_, [&](const Inlet& inlet) { return inlet.edge == edge && inlet.sender == sender; });
  SP_CHECK(found != inlets_.end());
  return static_cast<int>(found - inlets_.begin());
}

Task::Link& Task::link_of(int node) const {
  const auto found =
      std::ranges::find_if(links_, [&](const auto& link) { return link->node->id == node; });
  SP_CHECK(found != links_.end());
  return **found;
}

Operator& Task::operator_of(int node) { return *link_of(node).runs; }
const OperatorCounters& Task::counters_of(int node) const { return link_of(node).counters; }

void Task::Connect(const std::function<Task&(int, int)>& find) {
  for (const auto& link : links_) {
    Wire(*link, find);
  }
}

void Task::Wire(Link& link, const std::function<Task&(int, int)>& find) {
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
    const int chain = setup_.physical->chain_of[static_cast<std::size_t>(edge.to)];
    const bool forward = setup_.physical->Forward(edge);
    const int first = forward ? setup_.subtask : 0;
    const int count = forward ? 1 : setup_.physical->parallelism[static_cast<std::size_t>(edge.to)];
    auto& sender = *link.senders.emplace_back(std::make_unique<Sender>());
    RouterSetup router{.channels = {}, .key_groups = setup_.key_groups, .subtask = setup_.subtask};
    for (int target = first; target < first + count; ++target) {
      Task& task = find(chain, target);
      sender.channels.push_back(
          std::make_unique<GateChannel>(task.gate(), task.ChannelOf(i, setup_.subtask)));
      router.channels.push_back(sender.channels.back().get());
    }
    sender.router = edge.make_router(std::move(router));
    by_side[edge.side].push_back(sender.router.get());
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

void Task::Open() {
  if (setup_.states) {
    states_ = std::make_unique<SubtaskStates>(std::move(*setup_.states));
  }
  for (const auto& link : links_) {
    running_ = link.get();
    link->runs->Open(*link->context);
  }
  RequireAllClaimed();
  running_ = nullptr;
}

// What was restored has found its operator, and each operator its states: else they would be gone with the next checkpoint.
void Task::RequireAllClaimed() {
  if (setup_.unclaimed == Setup::Unclaimed::kIgnored) {
    if (states_) {
      states_->states().EraseUnclaimed();
    }
    return;
  }
  for (const auto& link : links_) {
    running_ = link.get();
    auto unclaimed = link->context->restored().Unclaimed();
    if (states_) {
      std::ranges::move(states_->states().UnclaimedOf(link->node->name),
                        std::back_inserter(unclaimed));
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
}

void Task::Run() {
  try {
    Open();
    while (true) {
      const auto progress = Step();
      if (progress == Progress::kFinished) {
        return;
      }
      if (progress == Progress::kNothing) {
        Wait();
      }
    }
  } catch (const Cancelled&) {
    return;
  } catch (const TaskFailure& failure) {
    setup_.listener->OnFailed(
        chain(), subtask(),
        base::Error(failure.error()).Annotate(running_ != nullptr ? running_->node->name : title_));
  } catch (const std::exception& thrown) {
    setup_.listener->OnFailed(chain(), subtask(),
                              base::Error(base::ErrorCode::kJobFailed,
                                          (running_ != nullptr ? running_->node->name : title_) +
                                              ": the job's code threw: " + thrown.what()));
  }
}

Task::Progress Task::Step() {
  bool worked = false;
  for (auto& posted : gate_.TakePosted()) {
    posted();
    worked = true;
    held_back_ = true;
  }
  if (finished_) {
    return Progress::kFinished;
  }
  worked |= FireTimers();
  if (source_ != nullptr) {
    if (!all_ended_ && !paused_) {
      const auto progress = PollSource();
      return worked ? Progress::kWorked : progress;
    }
  } else if (auto item = gate_.Take()) {
    Handle(std::move(*item));
    return Progress::kWorked;
  }
  if (held_back_) {
    HandOn();
    return Progress::kWorked;
  }
  return worked ? Progress::kWorked : Progress::kNothing;
}

Task::Progress Task::PollSource() {
  base::Millis patience{0};
  if (!held_back_ && setup_.channel_capacity > 0) {
    patience = kPatience;
    if (!timers_.empty()) {
      const auto due = timers_.begin()->first - setup_.clock->Now();
      patience = std::clamp(due, base::Millis(0), kPatience);
    }
  }
  running_ = links_.front().get();
  const auto progress = source_->Poll(patience);
  running_ = nullptr;
  if (gate_.cancelled()) {
    throw Cancelled();
  }
  switch (progress) {
    case SourceOperator::Progress::kRows:
      held_back_ = true;
      return Progress::kWorked;
    case SourceOperator::Progress::kEnd:
      AllEnded();
      return Progress::kWorked;
    case SourceOperator::Progress::kNothing:
      if (held_back_) {
        HandOn();
        return Progress::kWorked;
      }
      return Progress::kNothing;
  }
  return Progress::kNothing;
}

void Task::Wait() {
  if (source_ != nullptr && !all_ended_ && !paused_) {
    return;  // its Poll has waited
  }
  std::optional<std::chrono::steady_clock::time_point> until;
  if (!timers_.empty()) {
    until = std::chrono::steady_clock::now() +
            std::max(base::Millis(0), timers_.begin()->first - setup_.clock->Now());
  }
  gate_.Wait(until);
}

bool Task::FireTimers() {
  bool fired = false;
  while (!timers_.empty() && timers_.begin()->first <= setup_.clock->Now()) {
    auto due = timers_.extract(timers_.begin());
    due.mapped()();
    fired = true;
    held_back_ = true;
  }
  return fired;
}

void Task::Handle(Item item) {
  auto& inlet = inlets_[static_cast<std::size_t>(item.channel)];
  auto& watermark = watermarks_[static_cast<std::size_t>(inlet.input)];
  Link& head = *links_.front();
  running_ = &head;
  switch (item.kind) {
    case Item::Kind::kRows:
      held_back_ = true;
      watermark.Active(inlet.place);
      head.counters.rows_in.fetch_add(static_cast<std::int64_t>(item.rows->size()),
                                      std::memory_order_relaxed);
      head.runs->Process(inlet.input, *item.rows);
      gate_.GiveBack(item.channel, std::move(item.rows));
      break;
    case Item::Kind::kWatermark:
      if (const auto grown = watermark.Advance(inlet.place, item.watermark)) {
        held_back_ = true;
        head.counters.watermark.store(*grown, std::memory_order_relaxed);
        head.runs->Advance(inlet.input, *grown);
      }
      break;
    case Item::Kind::kIdle:
      if (const auto grown = watermark.Idle(inlet.place)) {
        held_back_ = true;
        head.runs->Advance(inlet.input, *grown);
      }
      if (watermark.all_idle()) {
        head.runs->Idle(inlet.input);
      }
      break;
    case Item::Kind::kBarrier:
      OnBarrier(item.channel, item.checkpoint);
      break;
    case Item::Kind::kEnd:
      OnEnd(item.channel);
      break;
  }
  running_ = nullptr;
}

void Task::OnBarrier(int channel, std::uint64_t checkpoint) {
  if (aligning_ && *aligning_ > checkpoint) {
    return;  // of a checkpoint that was given up
  }
  if (aligning_ !=
      checkpoint) {  // the first of it; an older one that never became complete is given up
    gate_.Unblock();
    for (auto& inlet : inlets_) {
      inlet.barrier_here = false;
    }
    aligning_ = checkpoint;
  }
  inlets_[static_cast<std::size_t>(channel)].barrier_here = true;
  gate_.Block(channel);
  CheckAlignment();
}

void Task::CheckAlignment() {
  if (aligning_ && std::ranges::all_of(inlets_, [](const Inlet& inlet) {
        return inlet.barrier_here || inlet.ended;
      })) {
    const auto checkpoint = *std::exchange(aligning_, std::nullopt);
    for (auto& inlet : inlets_) {
      inlet.barrier_here = false;
    }
    Checkpoint(checkpoint);
    gate_.Unblock();
  }
}

void Task::OnEnd(int channel) {
  auto& ended = inlets_[static_cast<std::size_t>(channel)];
  ended.ended = true;
  if (std::ranges::all_of(
          inlets_, [&](const Inlet& inlet) { return inlet.input != ended.input || inlet.ended; })) {
    links_.front()->runs->EndInput(ended.input);
  }
  if (std::ranges::all_of(inlets_, [](const Inlet& inlet) { return inlet.ended; })) {
    AllEnded();
  } else {
    CheckAlignment();
  }
}

void Task::AllEnded() {
  CheckAlignment();  // barriers that came before the last end
  all_ended_ = true;
  if (source_ != nullptr) {
    running_ = links_.front().get();
    links_.front()->context->Advance(kEndOfTime);
    source_->EndInput(0);
  }
  for (std::size_t i = 1; i < links_.size(); ++i) {
    running_ = links_[i].get();
    links_[i]->runs->EndInput(links_[i]->input);
  }
  HandOn();
  for (const auto& link : links_) {
    for (const auto& sender : link->senders) {
      for (const auto& channel : sender->channels) {
        channel->PushEnd();
      }
    }
  }
  running_ = nullptr;
  setup_.listener->OnEnded(chain(), subtask());
  if (wanted_ > done_) {
    Checkpoint(wanted_);
  }
}

void Task::HandOn() {
  held_back_ = false;
  for (const auto& link : links_) {
    running_ = link.get();
    link->runs->Flush();
    for (const auto& sender : link->senders) {
      sender->router->Flush();
    }
  }
  running_ = nullptr;
}

void Task::Checkpoint(std::uint64_t checkpoint) {
  if (checkpoint <= done_) {
    return;
  }
  HandOn();
  for (const auto& link : links_) {
    for (const auto& sender : link->senders) {
      for (const auto& channel : sender->channels) {
        if (!all_ended_) {
          channel->PushBarrier(checkpoint);
        }
      }
    }
  }
  ChainSnapshot written;
  const auto form = setup_.listener->FormOf(checkpoint);
  for (const auto& link : links_) {
    running_ = link.get();
    auto& into = written[link->node->id];
    into.checkpoint = checkpoint;
    into.form = form;
    if (states_) {
      into.spill = [&, node = link->node->id](const OperatorSnapshot& part) {
        if (into.spill_failed) {
          return;
        }
        auto file =
            setup_.listener->WritePart(node, subtask(), checkpoint, into.parts.size(), part);
        if (file.ok()) {
          into.parts.push_back(std::move(file).value());
        } else {
          into.spill_failed = std::move(file).error();
        }
      };
    }
    link->runs->Snapshot(into);
    into.spill = nullptr;
  }
  running_ = nullptr;
  done_ = checkpoint;
  std::optional<base::Result<BackendCapture>> captured;
  if (states_ && form == OperatorSnapshot::Form::kBackend) {
    captured = states_->Capture(checkpoint, setup_.clock->Now().time_since_epoch().count());
  }
  setup_.listener->OnSnapshot(chain(), subtask(), checkpoint, std::move(written),
                              std::move(captured));
}

void Task::Post(std::function<void()> then) {
  gate_.Post(std::move(then));
  if (source_ != nullptr) {
    source_->WakeUp();
  }
}

void Task::Trigger(std::uint64_t checkpoint, Then then) {
  Post([this, checkpoint, then] {
    wanted_ = std::max(wanted_, checkpoint);
    if (all_ended_ || source_ != nullptr) {
      Checkpoint(checkpoint);
    }
    if (then == Then::kPause) {
      paused_ = true;
    }
  });
}

void Task::Complete(std::uint64_t checkpoint) {
  Post([this, checkpoint] {
    for (const auto& link : links_) {
      running_ = link.get();
      link->runs->CheckpointCompleted(checkpoint);
    }
    running_ = nullptr;
  });
}

void Task::Resume() {
  Post([this] { paused_ = false; });
}

void Task::Drain() {
  Post([this] {
    if (source_ != nullptr && !all_ended_) {
      AllEnded();
    }
  });
}

void Task::Finish() {
  Post([this] {
    for (const auto& link : links_) {
      running_ = link.get();
      link->runs->Close();
    }
    running_ = nullptr;
    finished_ = true;
  });
}

void Task::Cancel() {
  gate_.Cancel();
  if (source_ != nullptr) {
    source_->WakeUp();
  }
}

}  // namespace streampark::core
