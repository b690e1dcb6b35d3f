// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/connectors/connector.h"

/// Where a job is killed: points that it passes between itself and its connectors, each named.
namespace streampark::kill {

/// What the child is told by its environment: `SP_KILL=POINT#N` dies at the N-th passage of the point, from 1.
inline constexpr const char* kVariable = "SP_KILL";

/// All points, in the order in which a checkpoint passes them. What is in braces is the connector.
///
/// | point                     | then                                                                                 |
/// |---------------------------|--------------------------------------------------------------------------------------|
/// | {}.write                  | rows are on their way                                                                |
/// | {}.prepare.before         | the barrier is at the sink                                                           |
/// | {}.prepare.after          | one writer has prepared; the other, or the other sink, has not                       |
/// | {}.commit.before          | the checkpoint is durable, nothing of it is committed                                |
/// | kafka.commit.one          | one of two writers' transactions is committed                                        |
/// | {}.commit.after           | this sink is committed; the other, perhaps, is not                                   |
/// | kafka.acknowledge         | the source hears what is committed                                                   |
/// | {}.recover.before, .after | in a restore: what was prepared is being committed, the rest undone                  |
/// | kafka.add                 | in a restore: splits are given back                                                  |
/// | {}.writer                 | in a restore: a new writer is made                                                   |
std::vector<std::string> AllPoints();

/// `connector` with points around it; its sources give at most one batch each few milliseconds, so that there is something to kill.
std::unique_ptr<connectors::Connector> Mortal(std::unique_ptr<connectors::Connector> connector);

}  // namespace streampark::kill
