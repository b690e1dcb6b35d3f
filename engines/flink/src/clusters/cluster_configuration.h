// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/engines/engine.h"

namespace streampark::flink {

/// Everything that the configuration of a managed cluster says: what StreamPark decides, its
/// defaults, and the plan's options over those. `java_options` is the distribution's own
/// env.java.opts.all.
engines::Options ConfigurationOf(const engines::ClusterPlan& plan, std::string_view java_options);

/// The plan's options that StreamPark decides by itself (addresses, ports, memory sizes that have
/// fields of their own): they may not be set.
std::vector<engines::OptionProblem> ReservedOptions(const engines::Options& options);

/// The name of the configuration file that this installation reads: `config.yaml` from 1.19 on,
/// `flink-conf.yaml` before.
std::string ConfigurationFileName(const engines::Installation& installation);
/// The text of either file. Values of `config.yaml` are quoted strings, which Flink reads like
/// dynamic properties; the older format has no quotes and takes each line as it is.
std::string RenderConfiguration(const engines::Options& configuration, std::string_view file_name);

/// Rolling log files of bounded size; what jobs print goes to a file of its own.
std::string LogSettings();

/// The distribution's env.java.opts.all, without which Flink's reflection fails on Java 17.
std::string DistributionJavaOptions(const std::filesystem::path& home);

}  // namespace streampark::flink
