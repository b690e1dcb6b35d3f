// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "streampark/console/jobs/job.h"

/// The JSON in columns that are read and written as a whole.
namespace streampark::store {

std::string TextsToColumn(const std::vector<std::string>& texts);
std::vector<std::string> TextsFromColumn(std::string_view column);
std::string OptionsToColumn(const engines::Options& options);
engines::Options OptionsFromColumn(std::string_view column);
std::string ArtifactsToColumn(const std::vector<console::ReleaseArtifact>& artifacts);
std::vector<console::ReleaseArtifact> ArtifactsFromColumn(std::string_view column);
std::string OperatorsToColumn(const std::vector<engines::CompiledOperator>& operators);
std::vector<engines::CompiledOperator> OperatorsFromColumn(std::string_view column);
std::string TablesToColumn(const std::vector<engines::SqlTable>& tables);
std::vector<engines::SqlTable> TablesFromColumn(std::string_view column);
std::string FailureToColumn(const console::LastFailure& failure);
std::optional<console::LastFailure> FailureFromColumn(std::string_view column);
std::string RecoveryToColumn(const console::Recovery& recovery);
console::Recovery RecoveryFromColumn(std::string_view column);
std::string StandingToColumn(const console::Standing& standing);
std::optional<console::Standing> StandingFromColumn(std::string_view column);
std::string TasksToColumn(const engines::TaskCounts& tasks);
engines::TaskCounts TasksFromColumn(std::string_view column);

}  // namespace streampark::store
