// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "streampark/engines/engine.h"

namespace streampark::flink {

/// Distributions on disk, and fetching them by a program of ours that speaks to the package index.
class FlinkInstallations final : public engines::InstallationDriver {
 public:
  struct Options {
    std::filesystem::path fetch_script;
    std::filesystem::path python = "python3";
    std::filesystem::path cache_folder;     // of downloads; empty: the script's own
    std::optional<base::OsUser> user = {};  // who must be able to read what is installed
  };
  explicit FlinkInstallations(Options options) : options_(std::move(options)) {}

  base::Result<Inspection> Inspect(const std::filesystem::path& home,
                                   std::stop_token stop) override;
  base::Result<std::vector<std::string>> ListAvailable(std::stop_token stop) override;
  base::Status Fetch(const std::string& version, const std::filesystem::path& home,
                     const engines::Progress& progress, std::stop_token stop) override;

 private:
  const Options options_;
};

}  // namespace streampark::flink
