// SPDX-License-Identifier: Apache-2.0
#include "automation/attention.h"

#include <algorithm>

namespace streampark::console {

AttentionVerdict Attentions(const AttentionFacts& facts) {
  AttentionVerdict verdict;
  const auto at = [&](base::Timestamp when) {
    verdict.again = verdict.again ? std::min(*verdict.again, when) : when;
  };
  if (facts.fenced_at) {
    const base::Timestamp shown_until = *facts.fenced_at + facts.fence_shown;
    if (facts.now < shown_until) {
      verdict.rules.insert(AttentionRule::kFenced);
      at(shown_until);
    }
  }
  if (!facts.wanted) {
    return verdict;
  }
  if (facts.standing) {
    verdict.rules.insert(*facts.standing == Standing::Kind::kAsks ? AttentionRule::kAsks
                                                                  : AttentionRule::kQuarantined);
  }
  if (facts.unreachable_since) {
    const base::Timestamp from = *facts.unreachable_since + facts.patience;
    if (facts.now >= from) {
      verdict.rules.insert(AttentionRule::kUnreachable);
    } else {
      at(from);
    }
  } else if (facts.no_checkpoint) {
    verdict.rules.insert(AttentionRule::kNoCheckpoint);
  }
  if (facts.left_down && !facts.standing) {
    verdict.rules.insert(AttentionRule::kLeftDown);
  }
  return verdict;
}

}  // namespace streampark::console
