// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

/// A disk in memory for SQLite that loses what a real one loses: what was not synced when the power
/// went, and what had no room.
namespace streampark::store::testing {

class FaultyDisk {
 public:
  /// What is found after the power came back.
  struct Survival {
    enum class Kind {
      kSynced,      // only what was synced
      kEverything,  // the program was killed, the machine lives: all that was written
      kSeeded,      // of what was not synced any part in any order, writes torn between sectors
    } kind = Kind::kSynced;
    std::uint64_t seed = 0;
  };
  /// The contents of a disk: made once, begun from often (a migrated database, a copy of a life).
  using Image = std::map<std::string, std::string>;  // bytes by path

  /// Registers an SQLite VFS of its own; many disks stand beside each other.
  explicit FaultyDisk(Image image = {});
  /// Every connection must be closed before.
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// For Database::Options::vfs.
  const std::string& vfs() const;

  // Everything below may be called from any thread, also while the disk is in use.

  /// From now on nothing is read or written: every call fails until PowerOn. Connections that were
  /// open are dead for good; close them whenever.
  void CutPower();
  /// The same by itself, before the `passage`-th write, sync, truncation or deletion from now is
  /// done (1: the next).
  void CutPowerAt(std::int64_t passage);
  /// Whether the power is off.
  bool dark() const;
  void PowerOn(Survival survival);
  void PowerOn() { PowerOn(Survival()); }

  /// Bytes that all files together may take; absent: without end. What is above already stays.
  void SetRoom(std::optional<std::int64_t> bytes);
  std::int64_t used_bytes() const;
  /// The next `count` syncs fail, and what they were to keep is not kept by a later one either
  /// (as Linux does it).
  void FailSyncs(int count);
  /// From now on a sync succeeds and keeps nothing, as if nobody had asked for it.
  void IgnoreSyncs();
  /// Every write, sync and deletion fails with EROFS, as after a remount.
  void SetReadOnly();
  void SetWritable();

  /// Writes, syncs, truncations and deletions so far.
  std::int64_t passages() const;
  std::int64_t syncs() const;
  Image image() const;

  struct State;  // of faulty_disk.cc

 private:
  std::unique_ptr<State> state_;
};

}  // namespace streampark::store::testing
