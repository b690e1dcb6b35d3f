// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/core/codec.h"
#include "streampark/core/key_hash.h"
#include "streampark/core/operator.h"
#include "streampark/core/state_backend.h"
#include "streampark/core/time.h"

namespace streampark::core {

/// How the entries of a state lie, and so what is a range of keys:
///
/// | kByKey   | state (2), key group (2), key               |
/// | kBySlice | state (2), slice (8), key group (2), key    |
///
/// Numbers are big-endian; a slice is a moment, moved so that those before the epoch come first. Keys are written by their codec.
enum class StateLayout : std::uint8_t { kByKey, kBySlice };

/// One state of one operator.
struct DiskState {
  std::uint16_t id = 0;
  std::string owner;  // the operator
  std::string name;
  std::string description;  // the shapes of key and value
  StateLayout layout = StateLayout::kByKey;
};

/// Keys of a state, put together.
class StateKey {
 public:
  StateKey& Begin(const DiskState& state) { return Begin(state.id); }
  StateKey& Begin(std::uint16_t state) {
    out_.Clear();
    BigEndian(state);
    return *this;
  }
  StateKey& Slice(EventTime slice) {
    BigEndian(static_cast<std::uint64_t>(slice) ^ (std::uint64_t{1} << 63U));
    return *this;
  }
  StateKey& Group(int group) {
    BigEndian(static_cast<std::uint16_t>(group));
    return *this;
  }
  StateKey& Raw(std::string_view bytes) {
    out_.Raw(bytes);
    return *this;
  }
  template <typename K>
  StateKey& Key(const K& key) {
    Codec<K>::Write(out_, key);
    return *this;
  }
  std::string_view view() const { return out_.view(); }
  std::string Copy() const { return std::string(out_.view()); }

  /// The first key after all that begin with `prefix`.
  static std::string After(std::string_view prefix);
  static EventTime SliceOf(std::string_view key);
  static int GroupOf(std::string_view key, StateLayout layout);
  /// What follows the fixed parts.
  static std::string_view KeyOf(std::string_view key, StateLayout layout) {
    return key.substr(layout == StateLayout::kByKey ? 4 : 12);
  }

 private:
  template <typename T>
  void BigEndian(T value) {
    T turned = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      turned = static_cast<T>((turned << 8U) | ((value >> (8 * i)) & 0xffU));
    }
    out_.Fixed(turned);
  }
  ByteWriter out_;
};

/// What keeps changes back; they must be in the store before a checkpoint is.
class WriteBehind {
 public:
  virtual ~WriteBehind() = default;
  virtual void WriteBack() = 0;
};

/// The keyed states of one subtask that are not in memory, all in one store. For the subtask's thread alone.
class DiskStates {
 public:
  /// `log` is called with all changes, before they are made; may be null.
  using Log = std::function<void(std::string_view changes)>;
  DiskStates(std::unique_ptr<StateStore> store, std::vector<DiskState> states,
             std::size_t cache_bytes, Log log);

  /// The state of that name, a new one when there is none, claimed by its operator. When `description` is not its own, it is the
  /// caller's to rewrite it. TaskFailure when it lies otherwise.
  DiskState& Open(std::string_view owner, std::string_view name, const std::string& description,
                  StateLayout layout);
  /// The same for one that is only restored: nobody has claimed it.
  DiskState& Restore(std::string_view owner, std::string_view name, const std::string& description,
                     StateLayout layout);
  /// The names of those of an operator that have entries, and that it did not open.
  std::vector<std::string> UnclaimedOf(std::string_view owner);
  void EraseUnclaimed();
  /// Gives the state another id, under which there is nothing; the id it had.
  std::uint16_t Renew(DiskState& state, std::string description);
  const std::list<DiskState>& states() const { return states_; }

  std::optional<std::string_view> Get(std::string_view key) { return store_->Get(key); }
  std::unique_ptr<StateScan> Scan(std::string_view from, std::string_view until) {
    return store_->Scan(from, until);
  }
  std::unique_ptr<StateScan> ScanPrefix(std::string_view prefix) {
    return store_->Scan(prefix, StateKey::After(prefix));
  }
  /// Changes that are put together; readers see them once they are applied.
  StateChanges& changes() { return changes_; }
  void Apply();
  /// In the middle of many.
  void ApplyIfMany() {
    if (changes_.size() > kManyBytes) {
      Apply();
    }
  }
  StateStore& store() { return *store_; }

  void Register(WriteBehind& state) { behind_.push_back(&state); }
  /// At its end; states end before this.
  void Forget(WriteBehind& state) { std::erase(behind_, &state); }
  void WriteBack();
  /// How much a state may keep decoded.
  std::size_t cache_share() const {
    return cache_bytes_ / std::max<std::size_t>(1, behind_.size());
  }

 private:
  static constexpr std::size_t kManyBytes = std::size_t{1} << 20U;

  const std::unique_ptr<StateStore> store_;
  std::list<DiskState> states_;  // stay where they are
  std::set<const DiskState*> claimed_;
  std::uint16_t next_id_ = 1;
  const std::size_t cache_bytes_;
  const Log log_;
  StateChanges changes_;
  std::vector<WriteBehind*> behind_;
};

namespace detail {

template <typename T>
T RestoredOr(base::Result<T> result, std::string_view state) {
  if (!result.ok()) {
    throw TaskFailure(
        std::move(result).error().Annotate("restoring the state '" + std::string(state) + "'"));
  }
  if constexpr (!std::is_void_v<T>) {
    return std::move(result).value();
  }
}

}  // namespace detail

/// Opens a state whose keys and values are written as `K` and by `C`; what was written under another shape is rewritten.
template <typename K, typename V, typename C = Codec<V>>
DiskState& OpenDiskState(DiskStates& states, std::string_view owner, std::string_view name,
                         StateLayout layout) {
  const auto wanted_key = Codec<K>::Describe();
  const auto wanted_value = C::Describe();
  ByteWriter description;
  wanted_key.Write(description);
  wanted_value.Write(description);
  DiskState& state = states.Open(owner, name, std::string(description.view()), layout);
  if (state.description == description.view()) {
    return state;
  }
  ByteReader written(state.description);
  const auto key_shape = detail::RestoredOr(Shape::Read(written), name);
  const auto value_shape = detail::RestoredOr(Shape::Read(written), name);
  detail::RestoredOr(CheckEvolution(key_shape, wanted_key), name);
  detail::RestoredOr(CheckEvolution(value_shape, wanted_value), name);
  StateKey old_prefix;
  old_prefix.Begin(states.Renew(state, std::string(description.view())));
  StateKey renewed;
  ByteWriter bytes;
  const auto old = states.ScanPrefix(old_prefix.view());
  while (old->Next()) {
    ByteReader key_bytes(StateKey::KeyOf(old->key(), layout));
    ByteReader value_bytes(old->value());
    K key{};
    V value{};
    Codec<K>::ReadAs(key_shape, key_bytes, key);
    C::ReadAs(value_shape, value_bytes, value);
    bytes.Clear();
    C::Write(bytes, value);
    const auto fixed =
        old->key().substr(2, old->key().size() - 2 - StateKey::KeyOf(old->key(), layout).size());
    states.changes().Put(renewed.Begin(state).Raw(fixed).Key(key).view(), bytes.view());
    states.ApplyIfMany();
  }
  states.changes().DeleteRange(old_prefix.view(), StateKey::After(old_prefix.view()));
  states.Apply();
  return state;
}

}  // namespace streampark::core
