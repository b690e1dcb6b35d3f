// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "streampark/core/codec.h"
#include "streampark/core/operator.h"

namespace streampark {

class BroadcastContext;

/// A map that is the same in all subtasks: all see the same broadcast rows, and only these may change it, by
/// BroadcastContext::Writable. In a checkpoint it stands once, and each subtask of any parallelism is given it.
///
/// Broadcast rows from several subtasks come in another order here and there; what is made of them must not depend on it.
template <typename K, typename V>
class BroadcastState {
 public:
  BroadcastState() = default;
  explicit BroadcastState(std::map<K, V>* entries) : entries_(entries) {}

  /// Null when there is none; good until the next broadcast row.
  const V* Find(const K& key) const {
    const auto found = entries_->find(key);
    return found == entries_->end() ? nullptr : &found->second;
  }
  bool empty() const { return entries_->empty(); }
  /// `visit(key, value)`, in the order of the keys.
  template <typename F>
  void ForEach(F&& visit) const {
    for (const auto& [key, value] : std::as_const(*entries_)) {
      visit(key, value);
    }
  }

 private:
  friend class BroadcastContext;
  std::map<K, V>* entries_ = nullptr;
};

/// Makes the broadcast states of an operator, in Open. A name is a state's identity in checkpoints.
class BroadcastStates {
 public:
  explicit BroadcastStates(core::OperatorContext& context) : context_(context) {}

  template <typename K, typename V>
  BroadcastState<K, V> Map(const std::string& name) {
    auto kept = std::make_unique<Kept<K, V>>();
    for (const auto bytes : context_.restored().Elements(name)) {
      kept->Read(name, bytes);
    }
    auto* entries = &kept->entries;
    if (!states_.emplace(name, std::move(kept)).second) {
      throw core::TaskFailure(
          base::Error(base::ErrorCode::kValidationFailed, "Two states are named '" + name + "'.")
              .WithHint("a name stands for one state of an operator"));
    }
    return BroadcastState<K, V>(entries);
  }

  /// For operators.
  void Snapshot(core::OperatorSnapshot& into) {
    if (context_.subtask() != 0) {
      return;
    }
    for (const auto& [name, state] : states_) {
      into.AddElement(name, core::Redistribution::kBroadcast, state->Write());
    }
  }

 private:
  struct Any {
    virtual ~Any() = default;
    virtual std::string Write() const = 0;
  };
  /// The shape of the whole map, then the map.
  template <typename K, typename V>
  struct Kept final : Any {
    using Entries = std::map<K, V>;
    Entries entries;

    std::string Write() const override {
      core::ByteWriter out;
      core::Codec<Entries>::Describe().Write(out);
      core::Codec<Entries>::Write(out, entries);
      return out.Take();
    }
    void Read(const std::string& name, std::string_view bytes) {
      const auto fail = [&](base::Error error) -> core::TaskFailure {
        return core::TaskFailure(
            std::move(error).Annotate("restoring the broadcast state '" + name + "'"));
      };
      core::ByteReader in(bytes);
      const auto shape = core::Shape::Read(in);
      if (!shape.ok()) {
        throw fail(shape.error());
      }
      if (auto fits = core::CheckEvolution(*shape, core::Codec<Entries>::Describe()); !fits.ok()) {
        throw fail(std::move(fits).error());
      }
      core::Codec<Entries>::ReadAs(*shape, in, entries);
      if (in.failed() || !in.at_end()) {
        throw fail({base::ErrorCode::kSnapshotInvalid, "The state is cut short."});
      }
    }
  };

  core::OperatorContext& context_;
  std::map<std::string, std::unique_ptr<Any>> states_;
};

}  // namespace streampark
