// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "streampark/core/key_hash.h"
#include "streampark/core/plan.h"
#include "streampark/core/rows.h"

/// The typed half of edges: which row goes to which channel. Made by the streams of the API, run by the sending subtask.
namespace streampark::core {

/// Collects rows for each channel; a full batch goes at once, the rest at Flush.
template <typename T>
class ChannelRouter : public Router {
 public:
  explicit ChannelRouter(RouterSetup setup) : setup_(std::move(setup)) {
    for (std::size_t i = 0; i < setup_.channels.size(); ++i) {
      batches_.push_back(std::make_unique<Rows<T>>());
    }
  }

  void Advance(EventTime watermark) override {
    Flush();
    for (auto* channel : setup_.channels) {
      channel->PushWatermark(watermark);
    }
  }
  void Idle() override {
    Flush();
    for (auto* channel : setup_.channels) {
      channel->PushIdle();
    }
  }
  void Flush() override {
    for (std::size_t i = 0; i < batches_.size(); ++i) {
      if (!Batch(i).empty()) {
        Push(i);
      }
    }
  }

 protected:
  const RouterSetup& setup() const { return setup_; }
  std::size_t channels() const { return batches_.size(); }
  Rows<T>& Batch(std::size_t channel) { return static_cast<Rows<T>&>(*batches_[channel]); }
  void Push(std::size_t channel) {
    auto& batch = batches_[channel];
    batch = setup_.channels[channel]->Push(std::move(batch));
    if (!batch) {
      batch = std::make_unique<Rows<T>>();
    }
  }
  void PushIfFull(std::size_t channel) {
    if (Batch(channel).full()) {
      Push(channel);
    }
  }
  /// All rows to one channel; without a copy when nothing waits there.
  void Hand(std::size_t channel, Rows<T>& rows) {
    if (Batch(channel).empty()) {
      Batch(channel).Swap(rows);
    } else {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        Batch(channel).Append(std::move(rows.row(i)), rows.time(i));
      }
    }
    PushIfFull(channel);
  }

 private:
  RouterSetup setup_;
  std::vector<std::unique_ptr<AnyRows>> batches_;
};

template <typename T>
class ForwardRouter final : public ChannelRouter<T> {
 public:
  using ChannelRouter<T>::ChannelRouter;
  void Emit(AnyRows& rows) override { this->Hand(0, static_cast<Rows<T>&>(rows)); }
};

/// Batch by batch in turn.
template <typename T>
class RebalanceRouter final : public ChannelRouter<T> {
 public:
  explicit RebalanceRouter(RouterSetup setup) : ChannelRouter<T>(std::move(setup)) {
    next_ = static_cast<std::size_t>(this->setup().subtask) % this->channels();
  }
  void Emit(AnyRows& rows) override {
    this->Hand(next_, static_cast<Rows<T>&>(rows));
    next_ = next_ + 1 == this->channels() ? 0 : next_ + 1;
  }

 private:
  std::size_t next_ = 0;
};

template <typename T>
class BroadcastRouter final : public ChannelRouter<T> {
 public:
  using ChannelRouter<T>::ChannelRouter;
  void Emit(AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    for (std::size_t i = 0; i < this->channels(); ++i) {
      this->Batch(i).AppendCopyOf(rows);
      this->PushIfFull(i);
    }
  }
};

/// By the key's group. `KeyOf` gives a key of a row.
template <typename T, typename KeyOf>
class HashRouter final : public ChannelRouter<T> {
 public:
  HashRouter(RouterSetup setup, KeyOf key_of)
      : ChannelRouter<T>(std::move(setup)), key_of_(std::move(key_of)) {
    const int groups = this->setup().key_groups;
    for (int group = 0; group < groups; ++group) {
      channel_of_group_.push_back(
          static_cast<std::size_t>(SubtaskOf(group, groups, static_cast<int>(this->channels()))));
    }
  }
  void Emit(AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    if (this->channels() == 1) {
      this->Hand(0, rows);
      return;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto group =
          KeyGroupOf(HashKey(key_of_(std::as_const(rows.row(i)))), this->setup().key_groups);
      const auto channel = channel_of_group_[static_cast<std::size_t>(group)];
      this->Batch(channel).Add(rows.time(i)) = std::move(rows.row(i));
      this->PushIfFull(channel);
    }
  }

 private:
  KeyOf key_of_;
  std::vector<std::size_t> channel_of_group_;
};

/// Gives each of several outputs the same rows: copies to all but the last.
template <typename T>
class FanOut final : public Output {
 public:
  explicit FanOut(std::vector<Output*> outputs) : outputs_(std::move(outputs)) {}
  void Emit(AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    for (std::size_t i = 0; i + 1 < outputs_.size(); ++i) {
      copy_.Clear();
      copy_.AppendCopyOf(rows);
      outputs_[i]->Emit(copy_);
    }
    outputs_.back()->Emit(rows);
  }
  void Advance(EventTime watermark) override {
    for (auto* output : outputs_) {
      output->Advance(watermark);
    }
  }
  void Idle() override {
    for (auto* output : outputs_) {
      output->Idle();
    }
  }

 private:
  std::vector<Output*> outputs_;
  Rows<T> copy_;
};

}  // namespace streampark::core
