// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>

#include "streampark/base/clock.h"
#include "streampark/console/automation/decision.h"

/// What of a job a person should look at, as a function of facts:
///
///   rule          | when
///   --------------+---------------------------------------------------------------------------------
///   NO_CHECKPOINT | it runs, and its checkpoints fail or none was completed for too long
///   QUARANTINED   | automation gave it up, and it is still wanted running
///   ASKS          | automation needs a person's choice, and it is still wanted running
///   UNREACHABLE   | it is wanted running, and nothing is known of it for longer than patience
///   FENCED        | it ran though it should not, not long ago, and no person has started it since
///   LEFT_DOWN     | it ended though it is wanted running, and automation is paused or never restarts it
namespace streampark::console {

struct AttentionFacts {
  base::Timestamp now;
  bool wanted = true;
  bool no_checkpoint = false;
  bool left_down = false;
  std::optional<Standing::Kind> standing;
  std::optional<base::Timestamp> unreachable_since;
  base::Millis patience{300'000};
  std::optional<base::Timestamp> fenced_at;
  base::Millis fence_shown{86'400'000};
};

struct AttentionVerdict {
  std::set<AttentionRule> rules;
  /// When time alone would change them.
  std::optional<base::Timestamp> again;
};

AttentionVerdict Attentions(const AttentionFacts& facts);

}  // namespace streampark::console
