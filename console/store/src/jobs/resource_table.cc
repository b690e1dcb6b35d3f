// SPDX-License-Identifier: Apache-2.0
#include "streampark/store/jobs/resource_table.h"

#include <algorithm>

#include "jobs/job_rows.h"
#include "jobs/json_columns.h"

namespace streampark::store {
namespace {

using console::Resource;
using console::ResourceKind;

constexpr const char* kSelectResources =
    "SELECT id, team_id, name, file_name, digest, size_bytes, factories, created_at, "
    "created_by_id, "
    "created_by_name, kind FROM resources";

std::string SelectResources(std::string_view rest) {
  return std::string(kSelectResources).append(rest);
}

Resource ReadResource(const Row& row) {
  return {.id = row.text(0),
          .team_id = row.text(1),
          .name = row.text(2),
          .file_name = row.text(3),
          .digest = row.text(4),
          .size_bytes = row.integer(5),
          .factories = TextsFromColumn(row.view(6)),
          .created_at = row.time(7),
          .created_by = {row.text(8), row.text(9)},
          .kind = row.view(10) == ToString(ResourceKind::kLibrary) ? ResourceKind::kLibrary
                                                                   : ResourceKind::kJar};
}

}  // namespace

base::Result<Resource> ResourceTable::Put(const Resource& resource) {
  Transaction transaction = SP_TRY(database_.Begin());
  Resource stored = resource;
  const std::optional<Resource> older =
      SP_TRY(transaction->SelectOne(SelectResources(" WHERE team_id = ? AND name = ?"),
                                    ReadResource, resource.team_id, resource.name));
  if (older) {
    stored.id = older->id;
  }
  SP_TRY(transaction->Execute(
      "INSERT INTO resources (id, team_id, name, file_name, digest, size_bytes, factories, "
      "created_at, "
      "created_by_id, created_by_name, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT "
      "(id) DO "
      "UPDATE "
      "SET file_name = excluded.file_name, digest = excluded.digest, size_bytes = "
      "excluded.size_bytes, "
      "factories = excluded.factories, created_at = excluded.created_at, created_by_id = "
      "excluded.created_by_id, created_by_name = excluded.created_by_name, kind = excluded.kind",
      stored.id, stored.team_id, stored.name, stored.file_name, stored.digest, stored.size_bytes,
      TextsToColumn(stored.factories), stored.created_at, stored.created_by.id,
      stored.created_by.name, ToString(stored.kind)));
  SP_TRY(transaction.Commit());
  return stored;
}

base::Result<std::optional<Resource>> ResourceTable::Find(std::string_view resource_id) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(SelectResources(" WHERE id = ?"), ReadResource, resource_id);
}

base::Result<std::optional<Resource>> ResourceTable::FindByName(std::string_view team_id,
                                                                std::string_view name) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(SelectResources(" WHERE team_id = ? AND name = ?"), ReadResource,
                           team_id, name);
}

base::Result<std::vector<Resource>> ResourceTable::List(
    const std::optional<std::vector<std::string>>& teams) {
  Reader reader = SP_TRY(database_.Read());
  std::vector<Resource> all =
      SP_TRY(reader->Select(SelectResources(" ORDER BY name, id"), ReadResource));
  if (teams) {
    std::erase_if(all, [&](const Resource& resource) {
      return std::find(teams->begin(), teams->end(), resource.team_id) == teams->end();
    });
  }
  return all;
}

base::Status ResourceTable::Remove(std::string_view resource_id) {
  SP_TRY(database_.Execute("DELETE FROM resources WHERE id = ?", resource_id));
  return base::Ok();
}

base::Result<std::vector<std::string>> ResourceTable::UsedBy(const Resource& resource) {
  Reader reader = SP_TRY(database_.Read());
  std::vector<std::string> names;
  SP_TRY(reader->ForEach(
      "SELECT j.name, r.spec FROM jobs j JOIN job_revisions r ON r.job_id = j.id AND (r.number = "
      "j.wanted OR r.number = j.deployed) WHERE j.team_id = ? ORDER BY j.name",
      [&](const Row& row) {
        const base::Result<console::JobSpec> spec = console::SpecFromText(row.view(1));
        const auto files = spec.ok() ? spec->files() : std::vector<std::string>();
        const bool uses = std::find(files.begin(), files.end(), resource.name) != files.end();
        if (uses && (names.empty() || names.back() != row.view(0))) {
          names.push_back(row.text(0));
        }
      },
      resource.team_id));
  return names;
}

base::Result<std::optional<std::vector<console::ReleaseArtifact>>> ResourceTable::FindResolution(
    std::string_view key) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(
      "SELECT artifacts FROM dependency_resolutions WHERE id = ?",
      [](const Row& row) { return ArtifactsFromColumn(row.view(0)); }, key);
}

base::Status ResourceTable::KeepResolution(std::string_view key,
                                           const std::vector<console::ReleaseArtifact>& artifacts,
                                           base::Timestamp at) {
  SP_TRY(database_.Execute(
      "INSERT INTO dependency_resolutions (id, artifacts, kept_at) VALUES (?, ?, ?) ON CONFLICT "
      "(id) DO UPDATE SET artifacts = excluded.artifacts, kept_at = excluded.kept_at",
      key, ArtifactsToColumn(artifacts), at));
  return base::Ok();
}

base::Status ResourceTable::PruneResolutions(base::Timestamp before) {
  SP_TRY(database_.Execute("DELETE FROM dependency_resolutions WHERE kept_at < ?", before));
  return base::Ok();
}

base::Result<std::vector<std::string>> ResourceTable::ReferencedDigests() {
  Reader reader = SP_TRY(database_.Read());
  std::vector<std::string> digests = SP_TRY(
      reader->Select("SELECT digest FROM resources", [](const Row& row) { return row.text(0); }));
  for (const char* sql :
       {"SELECT artifacts FROM job_releases", "SELECT artifacts FROM dependency_resolutions"}) {
    SP_TRY(reader->ForEach(sql, [&](const Row& row) {
      for (console::ReleaseArtifact& artifact : ArtifactsFromColumn(row.view(0))) {
        digests.push_back(std::move(artifact.digest));
      }
    }));
  }
  std::sort(digests.begin(), digests.end());
  digests.erase(std::unique(digests.begin(), digests.end()), digests.end());
  return digests;
}

}  // namespace streampark::store
