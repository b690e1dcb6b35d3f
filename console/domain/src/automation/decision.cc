// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/automation/decision.h"

#include "operations/words.h"

namespace streampark::console {
namespace {

constexpr auto kKinds =
    MakeWords<DecisionKind>("NOTHING", "WAIT", "RESTART", "QUARANTINE", "ASK", "FENCE");
constexpr auto kRules = MakeWords<AttentionRule>("NO_CHECKPOINT", "QUARANTINED", "ASKS",
                                                 "UNREACHABLE", "FENCED", "LEFT_DOWN");
static_assert(kRules.names.size() == kAttentionRuleCount);
constexpr auto kScopes = MakeWords<Pause::Scope>("JOB", "CLUSTER", "FLEET");

}  // namespace

std::string_view ToString(DecisionKind kind) { return kKinds[kind]; }
std::optional<DecisionKind> ParseDecisionKind(std::string_view text) { return kKinds.Parse(text); }
std::string_view ToString(AttentionRule rule) { return kRules[rule]; }
std::optional<AttentionRule> ParseAttentionRule(std::string_view text) {
  return kRules.Parse(text);
}
std::string_view ToString(Pause::Scope scope) { return kScopes[scope]; }
std::optional<Pause::Scope> ParsePauseScope(std::string_view text) { return kScopes.Parse(text); }

}  // namespace streampark::console
