// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/disk_states.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace streampark::core {

namespace {

template <typename T>
T ReadBigEndian(std::string_view bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>((value << 8U) | static_cast<std::uint8_t>(bytes[i]));
  }
  return value;
}

}  // namespace

std::string StateKey::After(std::string_view prefix) {
  std::string after(prefix);
  while (!after.empty() && static_cast<std::uint8_t>(after.back()) == 0xff) {
    after.pop_back();
  }
  SP_CHECK(!after.empty());  // no state has the id 0xffff
  ++after.back();
  return after;
}

EventTime StateKey::SliceOf(std::string_view key) {
  return static_cast<EventTime>(ReadBigEndian<std::uint64_t>(key.substr(2, 8)) ^
                                (std::uint64_t{1} << 63U));
}

int StateKey::GroupOf(std::string_view key, StateLayout layout) {
  return ReadBigEndian<std::uint16_t>(key.substr(layout == StateLayout::kByKey ? 2 : 10, 2));
}

DiskStates::DiskStates(std::unique_ptr<StateStore> store, std::vector<DiskState> states,
                       std::size_t cache_bytes, Log log)
    : store_(std::move(store)), cache_bytes_(cache_bytes), log_(std::move(log)) {
  for (auto& state : states) {
    next_id_ = std::max<std::uint16_t>(next_id_, static_cast<std::uint16_t>(state.id + 1));
    states_.push_back(std::move(state));
  }
}

DiskState& DiskStates::Open(std::string_view owner, std::string_view name,
                            const std::string& description, StateLayout layout) {
  auto& state = Restore(owner, name, description, layout);
  claimed_.insert(&state);
  return state;
}

DiskState& DiskStates::Restore(std::string_view owner, std::string_view name,
                               const std::string& description, StateLayout layout) {
  const auto found = std::ranges::find_if(
      states_, [&](const DiskState& each) { return each.owner == owner && each.name == name; });
  if (found != states_.end()) {
    if (found->layout != layout) {
      throw TaskFailure(base::Error(base::ErrorCode::kSnapshotInvalid,
                                    "The state '" + found->name + "' of '" + found->owner +
                                        "' is of another kind in the checkpoint.")
                            .WithHint("give the operator another name, or start without state"));
    }
    return *found;
  }
  SP_CHECK(next_id_ < std::numeric_limits<std::uint16_t>::max());
  return states_.emplace_back(DiskState{.id = next_id_++,
                                        .owner = std::string(owner),
                                        .name = std::string(name),
                                        .description = description,
                                        .layout = layout});
}

std::vector<std::string> DiskStates::UnclaimedOf(std::string_view owner) {
  std::vector<std::string> unclaimed;
  for (const auto& state : states_) {
    if (state.owner == owner && !claimed_.contains(&state) &&
        ScanPrefix(StateKey().Begin(state).view())->Next()) {
      unclaimed.push_back(state.name);
    }
  }
  return unclaimed;
}

void DiskStates::EraseUnclaimed() {
  std::erase_if(states_, [&](const DiskState& state) {
    if (claimed_.contains(&state)) {
      return false;
    }
    const auto prefix = StateKey().Begin(state).Copy();
    changes_.DeleteRange(prefix, StateKey::After(prefix));
    return true;
  });
  Apply();
}

std::uint16_t DiskStates::Renew(DiskState& state, std::string description) {
  state.description = std::move(description);
  SP_CHECK(next_id_ < std::numeric_limits<std::uint16_t>::max());
  return std::exchange(state.id, next_id_++);
}

void DiskStates::Apply() {
  if (changes_.size() == 0) {
    return;
  }
  if (log_) {
    log_(changes_.view());
  }
  store_->Write(changes_.view());
  changes_.Clear();
}

void DiskStates::WriteBack() {
  for (auto* state : behind_) {
    state->WriteBack();
  }
  Apply();
}

}  // namespace streampark::core
