// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/jobs/job_store.h"
#include "streampark/store/database.h"

namespace streampark::store {

/// Uploaded jars and resolved dependencies in the database.
class ResourceTable final : public console::ResourceStore {
 public:
  explicit ResourceTable(Database& database) : database_(database) {}

  base::Result<console::Resource> Put(const console::Resource& resource) override;
  base::Result<std::optional<console::Resource>> Find(std::string_view resource_id) override;
  base::Result<std::optional<console::Resource>> FindByName(std::string_view team_id,
                                                            std::string_view name) override;
  base::Result<std::vector<console::Resource>> List(
      const std::optional<std::vector<std::string>>& teams) override;
  base::Status Remove(std::string_view resource_id) override;
  base::Result<std::vector<std::string>> UsedBy(const console::Resource& resource) override;
  base::Result<std::optional<std::vector<console::ReleaseArtifact>>> FindResolution(
      std::string_view key) override;
  base::Status KeepResolution(std::string_view key,
                              const std::vector<console::ReleaseArtifact>& artifacts,
                              base::Timestamp at) override;
  base::Status PruneResolutions(base::Timestamp before) override;
  base::Result<std::vector<std::string>> ReferencedDigests() override;

 private:
  Database& database_;
};

}  // namespace streampark::store
