// SPDX-License-Identifier: Apache-2.0
#include "runtime/task.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "streampark/base/check.h"

namespace streampark::core {

namespace {

constexpr base::Millis kPatience{100};  // of a source, when no timer is due earlier

}  // namespace

Task::Task(Setup setup) : setup_(std::move(setup)), gate_(WireInputs(), setup_.channel_capacity) {
  operators_ =
      std::make_unique<OperatorChain>(OperatorChain::Setup{.plan = setup_.plan,
                                                           .physical = setup_.physical,
                                                           .chain = setup_.chain,
                                                           .subtask = setup_.subtask,
                                                           .key_groups = setup_.key_groups,
                                                           .clock = setup_.clock,
                                                           .lineage = setup_.lineage,
                                                           .restored = std::move(setup_.restored),
                                                           .host = this});
  title_ = operators_->title() + " (" + std::to_string(setup_.subtask + 1) + "/" +
           std::to_string(operators_->parallelism()) + ")";
}

Task::~Task() = default;

int Task::WireInputs() {
  std::vector<std::size_t> places;  // channels so far, by input
  const auto& edges = setup_.plan->edges;
  const int head = setup_.physical->chains[static_cast<std::size_t>(setup_.chain)].nodes.front();
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (edges[i].to != head) {
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

void Task::Connect(const std::function<Task&(int, int)>& find) {
  operators_->Connect([&](std::size_t edge, int target) {
    const int behind = setup_.plan->edges[edge].to;
    Task& task = find(setup_.physical->chain_of[static_cast<std::size_t>(behind)], target);
    return outlets_
        .emplace_back(
            std::make_unique<GateChannel>(task.gate(), task.ChannelOf(edge, setup_.subtask)))
        .get();
  });
}

void Task::Open() {
  if (setup_.states) {
    states_ = std::make_unique<SubtaskStates>(std::move(*setup_.states));
  }
  operators_->Open();
  // What was restored has found its operator, and each operator its states: else they would be gone with the next checkpoint.
  if (setup_.unclaimed == Setup::Unclaimed::kRefused) {
    operators_->RequireAllClaimed();
  } else if (states_) {
    states_->states().EraseUnclaimed();
  }
}

void Task::CheckCancelled() const {
  if (gate_.cancelled()) {
    throw Cancelled();
  }
}
void Task::OnSplitWanted(int node) { setup_.listener->OnSplitWanted(node, subtask()); }
void Task::See(int node, const AnyRows& rows) { setup_.sampler->See(node, rows); }
DiskStates* Task::disk_states() { return states_ ? &states_->states() : nullptr; }

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
    setup_.listener->OnFailed(chain(), subtask(), base::Error(failure.error()).Annotate(running()));
  } catch (const std::exception& thrown) {
    setup_.listener->OnFailed(chain(), subtask(),
                              base::Error(base::ErrorCode::kJobFailed,
                                          running() + ": the job's code threw: " + thrown.what()));
  }
}

std::string Task::running() const {
  auto name = operators_->running();
  return name.empty() ? title_ : name;
}

Task::Progress Task::Step() {
  bool worked = false;
  for (auto& posted : gate_.TakePosted()) {
    posted();
    worked = true;
    operators_->HoldBack();
  }
  if (finished_) {
    return Progress::kFinished;
  }
  worked |= operators_->FireTimers();
  if (operators_->source() != nullptr) {
    if (!all_ended_ && !paused_) {
      const auto progress = PollSource();
      return worked ? Progress::kWorked : progress;
    }
  } else if (auto item = gate_.Take()) {
    Handle(std::move(*item));
    return Progress::kWorked;
  }
  if (operators_->holds_back()) {
    operators_->HandOn();
    return Progress::kWorked;
  }
  return worked ? Progress::kWorked : Progress::kNothing;
}

Task::Progress Task::PollSource() {
  base::Millis patience{0};
  if (!operators_->holds_back() && setup_.channel_capacity > 0) {
    patience = kPatience;
    if (const auto due = operators_->next_timer()) {
      patience = std::clamp(*due - setup_.clock->Now(), base::Millis(0), kPatience);
    }
  }
  const auto progress = operators_->Poll(patience);
  CheckCancelled();
  switch (progress) {
    case SourceOperator::Progress::kRows:
      return Progress::kWorked;
    case SourceOperator::Progress::kEnd:
      AllEnded();
      return Progress::kWorked;
    case SourceOperator::Progress::kNothing:
      if (operators_->holds_back()) {
        operators_->HandOn();
        return Progress::kWorked;
      }
      return Progress::kNothing;
  }
  return Progress::kNothing;
}

void Task::Wait() {
  if (operators_->source() != nullptr && !all_ended_ && !paused_) {
    return;  // its Poll has waited
  }
  std::optional<std::chrono::steady_clock::time_point> until;
  if (const auto due = operators_->next_timer()) {
    until =
        std::chrono::steady_clock::now() + std::max(base::Millis(0), *due - setup_.clock->Now());
  }
  gate_.Wait(until);
}

void Task::Handle(Item item) {
  auto& inlet = inlets_[static_cast<std::size_t>(item.channel)];
  auto& watermark = watermarks_[static_cast<std::size_t>(inlet.input)];
  switch (item.kind) {
    case Item::Kind::kRows:
      watermark.Active(inlet.place);
      operators_->Process(inlet.input, *item.rows);
      gate_.GiveBack(item.channel, std::move(item.rows));
      break;
    case Item::Kind::kWatermark:
      if (const auto grown = watermark.Advance(inlet.place, item.watermark)) {
        operators_->Advance(inlet.input, *grown);
      }
      break;
    case Item::Kind::kIdle:
      if (const auto grown = watermark.Idle(inlet.place)) {
        operators_->Advance(inlet.input, *grown);
      }
      if (watermark.all_idle()) {
        operators_->Idle(inlet.input);
      }
      break;
    case Item::Kind::kBarrier:
      OnBarrier(item.channel, item.checkpoint);
      break;
    case Item::Kind::kEnd:
      OnEnd(item.channel);
      break;
  }
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
    operators_->EndInput(ended.input);
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
  operators_->EndRest();
  operators_->HandOn();
  for (const auto& outlet : outlets_) {
    outlet->PushEnd();
  }
  setup_.listener->OnEnded(chain(), subtask());
  if (wanted_ > done_) {
    Checkpoint(wanted_);
  }
}

void Task::Checkpoint(std::uint64_t checkpoint) {
  if (checkpoint <= done_) {
    return;
  }
  operators_->HandOn();
  if (!all_ended_) {
    for (const auto& outlet : outlets_) {
      outlet->PushBarrier(checkpoint);
    }
  }
  OperatorChain::Spill spill;
  if (states_) {
    spill = [&](int node, OperatorSnapshot& whole, const OperatorSnapshot& part) {
      if (whole.spill_failed) {
        return;
      }
      auto file = setup_.listener->WritePart(node, subtask(), checkpoint, whole.parts.size(), part);
      if (file.ok()) {
        whole.parts.push_back(std::move(file).value());
      } else {
        whole.spill_failed = std::move(file).error();
      }
    };
  }
  const auto form = setup_.listener->FormOf(checkpoint);
  auto written = operators_->Snapshot(checkpoint, form, spill);
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
  if (auto* source = operators_->source()) {
    source->WakeUp();
  }
}

void Task::Trigger(std::uint64_t checkpoint, Then then) {
  Post([this, checkpoint, then] {
    wanted_ = std::max(wanted_, checkpoint);
    if (all_ended_ || operators_->source() != nullptr) {
      Checkpoint(checkpoint);
    }
    if (then == Then::kPause) {
      paused_ = true;
    }
  });
}

void Task::Complete(std::uint64_t checkpoint) {
  Post([this, checkpoint] { operators_->CheckpointCompleted(checkpoint); });
}

void Task::Resume() {
  Post([this] { paused_ = false; });
}

void Task::Drain() {
  Post([this] {
    if (operators_->source() != nullptr && !all_ended_) {
      AllEnded();
    }
  });
}

void Task::Finish() {
  Post([this] {
    operators_->Close();
    finished_ = true;
  });
}

void Task::Cancel() {
  gate_.Cancel();
  if (auto* source = operators_->source()) {
    source->WakeUp();
  }
}

}  // namespace streampark::core
