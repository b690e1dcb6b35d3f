// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/sink.h"
#include "streampark/core/bytes.h"
#include "streampark/core/key_hash.h"

/// What operators keep, as canonical bytes that depend on no backend: of keyed state one section a key group, of the rest a list of
/// elements that are shared out anew when the parallelism changes.
namespace streampark::core {

/// How the elements of an operator's list are given to subtasks at a restore.
enum class Redistribution : std::uint8_t {
  kSplit,      // each element to one subtask, in turn
  kUnion,      // all elements to all subtasks
  kBroadcast,  // what one subtask wrote to all subtasks: it is the same in all, so one writes it
};

/// What one subtask of an operator writes at a checkpoint.
class OperatorSnapshot {
 public:
  /// Adds to a key group's section of a keyed state; sections are joined in the order of the calls.
  void AddKeyed(std::string_view state, int key_group, std::string bytes);
  /// The shapes of a keyed state, and whatever else its reader must know; once a state.
  void DescribeKeyed(std::string_view state, std::string bytes);
  void AddElement(std::string_view list, Redistribution how, std::string bytes);

  struct Keyed {
    std::string description;
    std::map<int, std::string> groups;
  };
  struct List {
    Redistribution how = Redistribution::kSplit;
    std::vector<std::string> elements;
  };
  std::map<std::string, Keyed, std::less<>> keyed;
  std::map<std::string, List, std::less<>> lists;
  /// Canonical, as savepoints are: all keyed state, sorted. Or as its backend likes it: state in memory is in no order, state on disk
  /// is not here at all.
  enum class Form : std::uint8_t { kCanonical, kBackend };
  Form form = Form::kCanonical;
  /// Given the sections so far whenever they are more than kPartBytes, so that state bigger than memory can be written. May be null.
  using Spill = std::function<void(const OperatorSnapshot& part)>;
  Spill spill;
  static constexpr std::size_t kPartBytes = std::size_t{64} << 20U;
  /// The files of what was spilled, and why the rest could not be.
  std::vector<std::string> parts;
  std::optional<base::Error> spill_failed;
  /// What a sink has prepared; goes to the coordinator and is in no state file.
  std::vector<connectors::Committable> committables;
  std::uint64_t checkpoint = 0;

  /// Keeps of keyed state only which key groups have any.
  void ForgetKeyedBytes();
  /// The state alone, with a checksum.
  std::string Serialize() const;
  /// SNAPSHOT_INVALID for anything that Serialize did not write.
  static base::Result<OperatorSnapshot> Parse(std::string_view bytes);

 private:
  std::size_t BytesOfState() const;
  std::size_t added_ = 0;  // bytes of sections that were not spilled
};

/// The pairs of one key group, as they stand in a section: the lengths and bytes of each key and value.
class SectionBytes {
 public:
  void Add(std::string_view key, std::string_view value) {
    bytes_.Text(key);
    bytes_.Text(value);
  }
  bool empty() const { return bytes_.view().empty(); }
  std::string Take() { return bytes_.Take(); }
  /// Sorted by the bytes of the keys.
  std::string TakeSorted();

 private:
  ByteWriter bytes_;
};

/// What one subtask is given back: the sections of its key groups and its share of the lists.
class OperatorRestore {
 public:
  struct Section {
    int key_group = 0;
    std::string_view description;
    std::string_view bytes;
  };
  bool empty() const { return keyed_.empty() && lists_.empty() && !each_part_; }
  /// Calls `read` with each section of that state, which is claimed by that.
  void ReadKeyed(std::string_view state, const std::function<void(const Section&)>& read) const;
  /// The subtask's share of a list, which is claimed by that.
  std::vector<std::string_view> Elements(std::string_view list) const;
  /// States and lists that hold something for this subtask, and that nobody has asked for so far.
  std::vector<std::string> Unclaimed() const;

  /// Gathers what the subtasks of a parallelism wrote for one subtask of another.
  static OperatorRestore Gather(const std::vector<OperatorSnapshot>& written, int subtask,
                                int parallelism, int key_groups);
  /// The sections are read from the parts when they are asked for, and forgotten again: what was written may be bigger than memory.
  using EachPart = std::function<void(const std::function<void(const OperatorSnapshot&)>& read)>;
  void ReadFrom(EachPart each_part, KeyGroupRange groups);

 private:
  struct Piece {
    int key_group = 0;
    std::string description;
    std::string bytes;
  };
  std::map<std::string, std::vector<Piece>, std::less<>> keyed_;
  std::map<std::string, std::vector<std::string>, std::less<>> lists_;
  std::set<std::string, std::less<>> written_;  // keyed states with anything in our key groups
  mutable std::set<std::string, std::less<>> claimed_;
  EachPart each_part_;
  KeyGroupRange groups_;
};

}  // namespace streampark::core
