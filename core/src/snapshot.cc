// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/snapshot.h"

#include <algorithm>
#include <utility>

#include "sealed_bytes.h"

namespace streampark::core {

void OperatorSnapshot::AddKeyed(std::string_view state, int key_group, std::string bytes) {
  added_ += bytes.size();
  auto& section = keyed.try_emplace(std::string(state)).first->second.groups[key_group];
  if (section.empty()) {
    section = std::move(bytes);
  } else {
    section.append(bytes);
  }
  if (spill && added_ > kPartBytes) {
    OperatorSnapshot part;
    part.keyed.swap(keyed);
    added_ = 0;
    spill(part);
    for (const auto& [name, written] : part.keyed) {
      keyed[name].description = written.description;
    }
  }
}

void OperatorSnapshot::DescribeKeyed(std::string_view state, std::string bytes) {
  keyed.try_emplace(std::string(state)).first->second.description = std::move(bytes);
}

void OperatorSnapshot::AddElement(std::string_view list, Redistribution how, std::string bytes) {
  auto& into = lists.try_emplace(std::string(list)).first->second;
  into.how = how;
  into.elements.push_back(std::move(bytes));
}

void OperatorSnapshot::ForgetKeyedBytes() {
  for (auto& [name, state] : keyed) {
    for (auto& [group, bytes] : state.groups) {
      bytes = {};
    }
  }
}

namespace {

constexpr Seal kSeal{.letters = "SPST", .version = 1, .what = "state file"};

}  // namespace

std::size_t OperatorSnapshot::BytesOfState() const {
  constexpr std::size_t kAround = 64;  // lengths, numbers, seals
  std::size_t bytes = kAround;
  for (const auto& [name, state] : keyed) {
    bytes += name.size() + state.description.size() + kAround;
    for (const auto& [group, section] : state.groups) {
      bytes += section.size() + kAround;
    }
  }
  return bytes;
}

// States: name, description, groups (group, bytes); lists: name, how, elements.
std::string OperatorSnapshot::Serialize() const {
  auto out = OpenSealed(kSeal);
  out.Reserve(BytesOfState());
  out.Length(keyed.size());
  for (const auto& [name, state] : keyed) {
    out.Text(name);
    out.Text(state.description);
    out.Length(state.groups.size());
    for (const auto& [group, bytes] : state.groups) {
      out.Length(static_cast<std::uint64_t>(group));
      out.Text(bytes);
    }
  }
  out.Length(lists.size());
  for (const auto& [name, list] : lists) {
    out.Text(name);
    out.Fixed(list.how);
    out.Length(list.elements.size());
    for (const auto& element : list.elements) {
      out.Text(element);
    }
  }
  return CloseSealed(std::move(out));
}

base::Result<OperatorSnapshot> OperatorSnapshot::Parse(std::string_view bytes) {
  auto in = SP_TRY(ReadSealed(kSeal, bytes));
  OperatorSnapshot snapshot;
  for (auto states = in.Length(); states > 0 && !in.failed(); --states) {
    auto& state = snapshot.keyed[std::string(in.Text())];
    state.description = in.Text();
    for (auto groups = in.Length(); groups > 0 && !in.failed(); --groups) {
      const auto group = static_cast<int>(in.Length());
      state.groups[group] = in.Text();
    }
  }
  for (auto lists = in.Length(); lists > 0 && !in.failed(); --lists) {
    auto& list = snapshot.lists[std::string(in.Text())];
    list.how = in.Fixed<Redistribution>();
    for (auto elements = in.Length(); elements > 0 && !in.failed(); --elements) {
      list.elements.emplace_back(in.Text());
    }
  }
  SP_TRY(CheckReadAll(kSeal, in));
  return snapshot;
}

std::string SectionBytes::TakeSorted() {
  struct Pair {
    std::string_view key;
    std::string_view whole;
  };
  std::vector<Pair> pairs;
  ByteReader in(bytes_.view());
  while (!in.at_end()) {
    const auto from = in.rest();
    const auto key = in.Text();
    in.Text();
    pairs.push_back({key, from.substr(0, from.size() - in.rest().size())});
  }
  std::ranges::sort(pairs, {}, &Pair::key);
  std::string sorted;
  sorted.reserve(bytes_.size());
  for (const auto& pair : pairs) {
    sorted.append(pair.whole);
  }
  bytes_ = {};
  return sorted;
}

void OperatorRestore::ReadKeyed(std::string_view state,
                                const std::function<void(const Section&)>& read) const {
  claimed_.emplace(state);
  if (each_part_) {
    each_part_([&](const OperatorSnapshot& part) {
      const auto written = part.keyed.find(state);
      if (written == part.keyed.end()) {
        return;
      }
      for (const auto& [group, bytes] : written->second.groups) {
        if (groups_.Contains(group)) {
          read({.key_group = group, .description = written->second.description, .bytes = bytes});
        }
      }
    });
  }
  const auto found = keyed_.find(state);
  if (found == keyed_.end()) {
    return;
  }
  for (const auto& piece : found->second) {
    read({.key_group = piece.key_group, .description = piece.description, .bytes = piece.bytes});
  }
}

void OperatorRestore::ReadFrom(EachPart each_part, KeyGroupRange groups) {
  each_part_ = std::move(each_part);
  groups_ = groups;
}

std::vector<std::string_view> OperatorRestore::Elements(std::string_view list) const {
  claimed_.emplace(list);
  const auto found = lists_.find(list);
  return found == lists_.end()
             ? std::vector<std::string_view>{}
             : std::vector<std::string_view>(found->second.begin(), found->second.end());
}

std::vector<std::string> OperatorRestore::Unclaimed() const {
  auto unclaimed = written_;
  for (const auto& [list, elements] : lists_) {
    if (!elements.empty()) {
      unclaimed.insert(list);
    }
  }
  std::erase_if(unclaimed, [&](const std::string& name) { return claimed_.contains(name); });
  return {unclaimed.begin(), unclaimed.end()};
}

OperatorRestore OperatorRestore::Gather(const std::vector<OperatorSnapshot>& written, int subtask,
                                        int parallelism, int key_groups) {
  OperatorRestore gathered;
  const auto range = KeyGroupsOf(subtask, key_groups, parallelism);
  std::map<std::string, int, std::less<>> turns;
  for (const auto& part : written) {
    for (const auto& [state, keyed] : part.keyed) {
      auto& pieces = gathered.keyed_[state];
      for (const auto& [group, bytes] : keyed.groups) {
        if (!range.Contains(group)) {
          continue;
        }
        gathered.written_.insert(state);
        if (!bytes.empty()) {
          pieces.push_back({group, keyed.description, bytes});
        }
      }
    }
    for (const auto& [name, list] : part.lists) {
      if (list.how == Redistribution::kBroadcast) {
        gathered.lists_.try_emplace(name, list.elements);  // of the first that wrote any
        continue;
      }
      for (const auto& element : list.elements) {
        const int turn = turns[name]++;
        if (list.how == Redistribution::kUnion || turn % parallelism == subtask) {
          gathered.lists_[name].push_back(element);
        }
      }
    }
  }
  return gathered;
}

}  // namespace streampark::core
