// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/engines/engine.h"

/// Readers for the results of the agent's methods (bridge/agent/PROTOCOL.md). Members that are
/// missing are read as empty.
namespace streampark::flink {

engines::SqlVerdict ReadVerdict(const boost::json::object& result);
engines::CompiledSql ReadCompiled(const boost::json::object& result);
/// The parts of an explanation under their headings.
std::string ReadExplanation(const boost::json::object& result);
engines::SqlVocabulary ReadVocabulary(const boost::json::object& connectors,
                                      const boost::json::object& functions,
                                      const boost::json::object& keywords);
engines::ClusterCheck ReadClusterCheck(const boost::json::object& result);
std::vector<engines::OptionProblem> ReadProblems(const boost::json::object& result,
                                                 std::string_view member);
engines::SnapshotInspection ReadSnapshot(const boost::json::object& result);
/// `snapshot.list`
std::vector<engines::FoundSnapshot> ReadFoundSnapshots(const boost::json::object& result);

/// The parameters of `submit`.
boost::json::object WriteSubmit(const engines::PlannerKey& key,
                                const engines::SubmitRequest& request);
boost::json::object WriteOptions(const engines::Options& options);

}  // namespace streampark::flink
