// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "streampark/base/clock.h"

namespace streampark::flink {

/// What a call may leave behind when its answer is lost.
enum class Effect {
  kNone,     // nothing: it may be repeated
  kOutside,  // something outside, perhaps: look before repeating
};

/// One method of the agent's protocol (bridge/agent/PROTOCOL.md).
struct AgentMethod {
  std::string_view name;
  base::Millis deadline;
  Effect effect = Effect::kNone;
};

namespace methods {

// A cold JVM on a busy machine takes some ten seconds for its first plan; deadlines allow for it.
inline constexpr AgentMethod kWarm{"warm", base::Millis(180'000)};
inline constexpr AgentMethod kValidate{"validate", base::Millis(90'000)};
inline constexpr AgentMethod kExplain{"explain", base::Millis(180'000)};
inline constexpr AgentMethod kCompile{"compile", base::Millis(180'000)};
inline constexpr AgentMethod kSubmit{"submit", base::Millis(180'000), Effect::kOutside};
inline constexpr AgentMethod kConnectors{"connectors", base::Millis(90'000)};
inline constexpr AgentMethod kFunctions{"functions", base::Millis(90'000)};
inline constexpr AgentMethod kKeywords{"keywords", base::Millis(90'000)};
inline constexpr AgentMethod kCheckClusterOptions{"checkClusterOptions", base::Millis(60'000)};
inline constexpr AgentMethod kCheckJobOptions{"checkJobOptions", base::Millis(60'000)};
inline constexpr AgentMethod kInspectSnapshot{"snapshot.inspect", base::Millis(120'000)};
inline constexpr AgentMethod kListSnapshots{"snapshot.list", base::Millis(120'000)};
inline constexpr AgentMethod kDeleteSnapshot{"snapshot.delete", base::Millis(300'000),
                                             Effect::kOutside};
inline constexpr AgentMethod kTryFolder{"snapshot.tryFolder", base::Millis(60'000)};

}  // namespace methods
}  // namespace streampark::flink
