// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streampark::console {

/// What teams own, as the slices that keep it count it. Set up by one thread, then read-only; the
/// counts may be asked from any thread.
class TeamBelongings {
 public:
  using Count = std::function<std::size_t(std::string_view team_id)>;
  struct Owned {
    std::string what;  // a plural: "clusters"
    std::size_t count = 0;
  };

  /// Jobs are counted for lists of teams, from memory.
  void CountJobs(Count count) { jobs_ = std::move(count); }
  /// Anything else that keeps a team from being deleted; may ask the database.
  void Add(std::string what, Count count) {
    others_.emplace_back(std::move(what), std::move(count));
  }

  std::size_t Jobs(std::string_view team_id) const { return jobs_ ? jobs_(team_id) : 0; }
  /// The first kind of thing that the team owns; absent when it owns nothing.
  std::optional<Owned> Find(std::string_view team_id) const;

 private:
  Count jobs_;
  std::vector<std::pair<std::string, Count>> others_;
};

}  // namespace streampark::console
