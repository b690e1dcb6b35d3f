// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "streampark/base/result.h"

/// Work that is killed and begun again, in processes of its own.
namespace streampark::connectors::testing {

/// Counts points, and ends the process at the one that it was told, as kill -9 does.
class Fate {
 public:
  explicit Fate(int dies_at) : left_(dies_at) {}
  void Pass();

 private:
  int left_;
};

struct MortalWork {
  /// Makes all as it is before the work begins.
  std::function<void()> prepare;
  /// Begins, or goes on by what it has left in `checkpoint` (no file at first), to the end. Passes a point before and after each thing that a
  /// kill may come between.
  std::function<base::Status(const std::filesystem::path& checkpoint, Fate& fate)> run;
  /// Looks at what was done; `when` is for failures.
  std::function<void(const std::string& when)> check;
};

/// Kills the work once at each of its points, and lets it go on; how many there were.
int KillAtEachPoint(const MortalWork& work);
/// Kills it again and again on its way, each time a few points further than before: by one, by two, … by `widest`.
void KillAgainAndAgain(const MortalWork& work, int widest);
/// Kills it at `kills` moments that nobody chose, several times on its way, also while a server works on.
void KillAtRandomMoments(const MortalWork& work, int kills);

}  // namespace streampark::connectors::testing
