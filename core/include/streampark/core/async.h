// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "streampark/core/codec.h"
#include "streampark/core/collector.h"
#include "streampark/core/operator.h"

namespace streampark {

/// How often a row is asked for anew after a failure, and how long after: the pause doubles each time.
struct AsyncRetries {
  int attempts = 0;  // after the first
  std::chrono::milliseconds first_pause{100};
  std::chrono::milliseconds longest_pause{10'000};
};

struct AsyncOptions {
  /// How long a row may take with all its attempts.
  std::chrono::milliseconds timeout{30'000};
  /// Rows in flight in each subtask; at the limit what comes before waits.
  std::size_t capacity = 100;
  /// Results in the order of the rows, or as they come; these do not overtake watermarks either.
  enum class Order : std::uint8_t { kOrdered, kUnordered } order = Order::kOrdered;
  AsyncRetries retries;
};

namespace core {

/// Where results wait for the subtask's thread. Thread-safe.
template <typename Out>
class AsyncMailbox {
 public:
  struct Completion {
    std::uint64_t ticket = 0;
    int attempt = 0;
    std::vector<Out> rows;
    std::optional<base::Error> error;
  };

  /// `wake` is called by any thread when there is something after there was nothing, never after Close.
  explicit AsyncMailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

  void Put(Completion completion) {
    const std::lock_guard lock(mutex_);
    if (!wake_) {
      return;
    }
    arrived_.push_back(std::move(completion));
    if (arrived_.size() == 1) {
      wake_();
      came_.notify_one();
    }
  }
  std::vector<Completion> Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(arrived_, {});
  }
  void Wait(base::Millis at_most) {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, at_most, [&] { return !arrived_.empty(); });
  }
  void Close() {
    const std::lock_guard lock(mutex_);
    wake_ = nullptr;
    arrived_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Completion> arrived_;
  std::function<void()> wake_;
};

}  // namespace core

/// Where the answer for one row goes: from any thread, once; what comes later is ignored, as after a timeout or the end of the job.
/// Copies stand for the same answer.
template <typename Out>
class AsyncResult {
 public:
  AsyncResult(std::shared_ptr<core::AsyncMailbox<Out>> mailbox, std::uint64_t ticket, int attempt)
      : mailbox_(std::move(mailbox)), ticket_(ticket), attempt_(attempt) {}

  void Complete(Out row) const {
    std::vector<Out> rows;
    rows.push_back(std::move(row));
    Complete(std::move(rows));
  }
  /// None or several.
  void Complete(std::vector<Out> rows) const {
    mailbox_->Put({ticket_, attempt_, std::move(rows), std::nullopt});
  }
  /// Is tried anew while there are retries, then goes to the handler of failures or ends the attempt of the job.
  void Fail(base::Error error) const { mailbox_->Put({ticket_, attempt_, {}, std::move(error)}); }

 private:
  std::shared_ptr<core::AsyncMailbox<Out>> mailbox_;
  std::uint64_t ticket_;
  int attempt_;
};

namespace core {

/// The default for what failed for good.
struct FailTheJob {};

/// Asks for each row from outside while others are in flight. Rows and watermarks stand in one queue, by ticket; ordered, its head waits;
/// unordered, what is before the first watermark leaves as it comes. A snapshot has the rows whose results are not sent on; they
/// are asked for again after a restore.
template <typename In, typename Out, typename F, typename OnFailure>
class AsyncOperator final : public OneInputOperator {
 public:
  AsyncOperator(F ask, AsyncOptions options, OnFailure on_failure)
      : ask_(std::move(ask)), options_(options), on_failure_(std::move(on_failure)) {}
  ~AsyncOperator() override { Close(); }

  void Open(OperatorContext& context) override {
    OneInputOperator::Open(context);
    out_.Open(context.output());
    mailbox_ = std::make_shared<AsyncMailbox<Out>>(
        [this, &context] { context.Post([this] { HandleArrived(); }); });
    for (const auto bytes : context.restored().Elements(kState)) {
      Restore(bytes);
    }
  }
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<In>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      WaitUntil([&] { return in_flight_ < std::max<std::size_t>(1, options_.capacity); });
      Enqueue(std::move(rows.row(i)), rows.time(i));
    }
    HandleArrived();
  }
  void Advance(int /*input*/, EventTime watermark) override {
    queue_.push_back({.kind = Kind::kWatermark, .time = watermark});
    SendOn();
  }
  void Idle(int /*input*/) override {
    queue_.push_back({.kind = Kind::kIdle});
    SendOn();
  }
  void Flush() override { HandleArrived(); }
  void EndInput(int /*input*/) override {
    WaitUntil([&] { return queue_.empty(); });
  }
  void Snapshot(OperatorSnapshot& into) override {
    for (const auto& entry : queue_) {
      if (entry.kind == Kind::kRow) {
        ByteWriter out;
        Codec<In>::Describe().Write(out);
        out.Fixed(entry.time);
        Codec<In>::Write(out, entry.row);
        into.AddElement(kState, Redistribution::kSplit, out.Take());
      }
    }
  }
  void Close() override {
    if (mailbox_ != nullptr) {
      mailbox_->Close();
    }
  }

 private:
  static constexpr const char* kState = "in-flight";
  static constexpr base::Millis kPatience{
      50};  // after which a wait looks for timeouts and a cancelled job

  enum class Kind : std::uint8_t { kRow, kWatermark, kIdle, kGone };
  struct Entry {
    Kind kind = Kind::kRow;
    EventTime time = kBeginningOfTime;  // of the row, or the watermark
    In row{};
    bool done = false;
    int attempt = 0;
    base::Timestamp deadline{};
    std::vector<Out> results{};
  };

  void Restore(std::string_view bytes) {
    ByteReader in(bytes);
    auto shape = Shape::Read(in);
    if (!shape.ok()) {
      throw TaskFailure(std::move(shape).error().Annotate("restoring rows in flight"));
    }
    if (auto fits = CheckEvolution(*shape, Codec<In>::Describe()); !fits.ok()) {
      throw TaskFailure(std::move(fits).error().Annotate("restoring rows in flight"));
    }
    const auto time = in.Fixed<EventTime>();
    In row{};
    Codec<In>::ReadAs(*shape, in, row);
    if (in.failed() || !in.at_end()) {
      throw TaskFailure(
          base::Error(base::ErrorCode::kSnapshotInvalid, "A row in flight is cut short."));
    }
    Enqueue(std::move(row), time);
  }

  void Enqueue(In row, EventTime time) {
    const auto deadline = Now() + options_.timeout;
    queue_.push_back(
        {.kind = Kind::kRow, .time = time, .row = std::move(row), .deadline = deadline});
    ++in_flight_;
    WatchDeadlines();
    Ask(first_ + queue_.size() - 1);
  }
  base::Timestamp Now() { return context().clock().Now(); }
  /// Null when it has left the queue.
  Entry* Find(std::uint64_t ticket) {
    return ticket < first_ || queue_[static_cast<std::size_t>(ticket - first_)].kind != Kind::kRow
               ? nullptr
               : &queue_[static_cast<std::size_t>(ticket - first_)];
  }
  void Ask(std::uint64_t ticket) {
    const Entry& entry = *Find(ticket);
    ask_(entry.row, AsyncResult<Out>(mailbox_, ticket, entry.attempt));
  }

  void HandleArrived() {
    for (auto& completion : mailbox_->Take()) {
      auto* entry = Find(completion.ticket);
      if (entry == nullptr || entry->done || entry->attempt != completion.attempt) {
        continue;
      }
      if (completion.error) {
        TryAnew(completion.ticket, *entry, *std::move(completion.error));
      } else {
        entry->results = std::move(completion.rows);
        entry->done = true;
      }
    }
    AskAgain();
    FailOverdue();
    SendOn();
  }
  void TryAnew(std::uint64_t ticket, Entry& entry, base::Error error) {
    auto pause = options_.retries.first_pause;
    for (int i = 0; i < entry.attempt && pause < options_.retries.longest_pause; ++i) {
      pause *= 2;
    }
    const auto at = Now() + std::min(pause, options_.retries.longest_pause);
    if (entry.attempt >= options_.retries.attempts || at >= entry.deadline) {
      GiveUp(entry, std::move(error));
      return;
    }
    ++entry.attempt;
    again_.emplace(at, ticket);
    context().ScheduleAt(at, [this] { HandleArrived(); });
  }
  void AskAgain() {
    while (!again_.empty() && again_.begin()->first <= Now()) {
      const auto ticket = again_.extract(again_.begin()).mapped();
      if (const auto* entry = Find(ticket); entry != nullptr && !entry->done) {
        Ask(ticket);
      }
    }
  }
  // All have the same timeout, so the first in the queue is the first that is due.
  void FailOverdue() {
    const auto now = Now();
    for (auto& entry : queue_) {
      if (entry.kind != Kind::kRow || entry.done) {
        continue;
      }
      if (entry.deadline > now) {
        break;
      }
      GiveUp(entry, {base::ErrorCode::kJobFailed,
                     "No answer came within " + base::FormatDuration(options_.timeout) + "."});
    }
  }
  void WatchDeadlines() {
    if (watching_ || in_flight_ == 0) {
      return;
    }
    const auto waits = std::ranges::find_if(
        queue_, [](const Entry& entry) { return entry.kind == Kind::kRow && !entry.done; });
    if (waits != queue_.end()) {
      watching_ = true;
      context().ScheduleAt(waits->deadline, [this] {
        watching_ = false;
        HandleArrived();
        WatchDeadlines();
      });
    }
  }
  void GiveUp(Entry& entry, base::Error error) {
    if constexpr (std::same_as<OnFailure, FailTheJob>) {
      throw TaskFailure(std::move(error));
    } else {
      if (std::optional<Out> instead =
              on_failure_(std::as_const(entry.row), std::as_const(error))) {
        entry.results.push_back(*std::move(instead));
      }
      entry.done = true;
    }
  }

  void SendOn() {
    do {
      for (auto& entry : queue_) {
        if (entry.kind == Kind::kWatermark || entry.kind == Kind::kIdle) {
          break;
        }
        if (entry.kind == Kind::kRow && entry.done) {
          out_.SetTime(entry.time);
          for (auto& row : entry.results) {
            out_.Emit(std::move(row));
          }
          entry = {.kind = Kind::kGone};
          --in_flight_;
        } else if (entry.kind == Kind::kRow && options_.order == AsyncOptions::Order::kOrdered) {
          break;
        }
      }
      while (!queue_.empty() && queue_.front().kind == Kind::kGone) {
        Pop();
      }
    } while (PassMarker());
    out_.Flush();
  }
  bool PassMarker() {
    if (queue_.empty() || queue_.front().kind == Kind::kRow) {
      return false;
    }
    const auto marker = queue_.front().kind;
    const auto watermark = queue_.front().time;
    Pop();
    out_.Flush();
    if (marker == Kind::kWatermark) {
      context().output().Advance(watermark);
    } else {
      context().output().Idle();
    }
    return true;
  }
  void Pop() {
    queue_.pop_front();
    ++first_;
  }

  template <typename Condition>
  void WaitUntil(Condition&& holds) {
    while (!holds()) {
      HandleArrived();
      if (!holds()) {
        context().CheckCancelled();
        auto patience = kPatience;
        if (!again_.empty()) {
          patience = std::clamp(again_.begin()->first - Now(), base::Millis(0), patience);
        }
        mailbox_->Wait(patience);
      }
    }
  }

  F ask_;
  const AsyncOptions options_;
  OnFailure on_failure_;
  std::shared_ptr<AsyncMailbox<Out>> mailbox_;
  std::deque<Entry> queue_;
  std::uint64_t first_ = 0;    // the ticket of the queue's head
  std::size_t in_flight_ = 0;  // rows in the queue
  std::multimap<base::Timestamp, std::uint64_t> again_;
  bool watching_ = false;
  Collector<Out> out_;
};

}  // namespace core
}  // namespace streampark
