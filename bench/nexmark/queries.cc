// SPDX-License-Identifier: Apache-2.0
#include "queries.h"

#include <algorithm>
#include <array>

namespace nexmark {

Query FindQuery(std::string_view name) {
  struct Named {
    std::string_view name;
    Query query;
  };
  static constexpr std::array<Named, 14> kQueries = {{
      {"decode", DecodeAll},
      {"q0", PassThrough},
      {"q1", Currency},
      {"q2", Selection},
      {"q3", LocalItems},
      {"q4", AveragePrice},
      {"q5", HotItems},
      {"q7", HighestBid},
      {"q8", NewUsers},
      {"q11", UserSessions},
      {"q12", ProcessingTimeCounts},
      {"q13", SideInput},
      {"q17", AuctionStatistics},
      {"q18", LastBid},
  }};
  const auto* found =
      std::ranges::find_if(kQueries, [&](const Named& each) { return each.name == name; });
  return found == kQueries.end() ? nullptr : found->query;
}

}  // namespace nexmark
