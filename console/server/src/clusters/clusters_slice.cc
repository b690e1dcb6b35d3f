// SPDX-License-Identifier: Apache-2.0
#include "clusters/clusters_slice.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "streampark/base/json.h"
#include "streampark/http/clusters/cluster_json.h"
#include "streampark/http/clusters/cluster_routes.h"
#include "streampark/store/clusters/cluster_stores.h"

namespace streampark::server {
namespace {

/// Puts changes on the event bus.
class Publisher final : public console::ClusterListener {
 public:
  explicit Publisher(console::EventBus& bus) : bus_(bus) {}

  void OnClusterChanged(const console::Cluster& cluster) override {
    bus_.Publish("cluster", "cluster/" + cluster.id, AudienceOf(cluster),
                 json::serialize(http::ClusterToJson(cluster)));
  }
  void OnClusterRemoved(const console::Cluster& last) override {
    bus_.Publish("cluster-removed", "cluster/" + last.id, AudienceOf(last),
                 json::serialize(json::object{{"id", last.id}}));
  }
  void OnInstallationChanged(const console::Installation& installation) override {
    // One event goes to all readers, so that it names no clusters that some of them may not see.
    bus_.Publish("installation", "installation/" + installation.id, kAnybody,
                 json::serialize(http::InstallationToJson(installation, {})));
  }
  void OnInstallationRemoved(const console::Installation& last) override {
    bus_.Publish("installation-removed", "installation/" + last.id, kAnybody,
                 json::serialize(json::object{{"id", last.id}}));
  }

 private:
  static console::Audience AudienceOf(const console::Cluster& cluster) {
    return {.permission = api::Permission::kClusterView, .team_id = cluster.spec.team_id};
  }
  inline static const console::Audience kAnybody = {.permission =
                                                        api::Permission::kInstallationView};

  console::EventBus& bus_;
};

void WriteClusterMetrics(http::MetricsWriter& writer,
                         const std::vector<console::ClusterPtr>& clusters, base::Timestamp now) {
  std::map<std::string_view, int> by_state;
  for (const console::ClusterPtr& cluster : clusters) {
    ++by_state[console::ToString(cluster->state)];
  }
  writer.Family("streampark_clusters", "gauge", "Clusters by state");
  for (const auto& [state, count] : by_state) {
    writer.Sample("streampark_clusters", {{"state", state}}, count);
  }
  writer.Family("streampark_cluster_slots", "gauge", "Slots of a cluster as it said last");
  for (const console::ClusterPtr& cluster : clusters) {
    writer.Sample("streampark_cluster_slots", {{"cluster", cluster->id}, {"kind", "free"}},
                  cluster->slots_free);
    writer.Sample("streampark_cluster_slots", {{"cluster", cluster->id}, {"kind", "all"}},
                  cluster->slots_total);
  }
  writer.Family("streampark_cluster_look_age_seconds", "gauge",
                "Since the last answer of a cluster that is not stopped");
  for (const console::ClusterPtr& cluster : clusters) {
    if (cluster->state != console::ClusterState::kStopped && cluster->observed_at) {
      writer.Sample("streampark_cluster_look_age_seconds", {{"cluster", cluster->id}},
                    std::chrono::duration<double>(now - *cluster->observed_at).count());
    }
  }
}

}  // namespace

struct ClustersSlice::Parts {
  Parts(const Core& core_parts, Operations operation_parts, engines::Engine engine_parts)
      : core(core_parts),
        operations(operation_parts),
        engine(engine_parts),
        publisher(core_parts.events),
        cluster_store(core_parts.database),
        installation_store(core_parts.database),
        fleet_store(core_parts.database) {}

  const Core& core;
  const Operations operations;
  const engines::Engine engine;
  Publisher publisher;
  store::SqlClusterStore cluster_store;
  store::SqlInstallationStore installation_store;
  store::SqlFleetStore fleet_store;
  std::unique_ptr<console::InstallationService> installations;
  std::unique_ptr<console::ClusterService> clusters;
  std::unique_ptr<console::FleetService> fleet;
};

ClustersSlice::ClustersSlice(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

ClustersSlice::~ClustersSlice() { Stop(); }

base::Result<std::unique_ptr<ClustersSlice>> ClustersSlice::Make(const Core& core,
                                                                 Operations operations,
                                                                 engines::Engine engine,
                                                                 console::Installation native) {
  auto parts = std::make_unique<Parts>(core, operations, engine);
  const console::TurnsFactory turns = console::TurnsOnThreads(core.clock);
  parts->installations =
      SP_TRY(console::InstallationService::Load({.store = parts->installation_store,
                                                 .operations = operations.log,
                                                 .journal = operations.journal,
                                                 .engine = parts->engine,
                                                 .clock = core.clock,
                                                 .turns = turns,
                                                 .ids = core.ids,
                                                 .listener = parts->publisher,
                                                 .folder = core.data.installations(),
                                                 .built_in = {std::move(native)}}));
  parts->clusters = SP_TRY(console::ClusterService::Load({.store = parts->cluster_store,
                                                          .operations = operations.log,
                                                          .journal = operations.journal,
                                                          .outside = operations.outside,
                                                          .installations = *parts->installations,
                                                          .engine = parts->engine,
                                                          .clock = core.clock,
                                                          .turns = turns,
                                                          .ids = core.ids,
                                                          .listener = parts->publisher,
                                                          .folder = core.data.clusters()}));
  parts->fleet = console::FleetService::Make({.store = parts->fleet_store,
                                              .clusters = *parts->clusters,
                                              .operations = operations.log.store(),
                                              .clock = core.clock,
                                              .turns = turns,
                                              .ids = core.ids});
  Parts& wired = *parts;
  wired.installations->Attach(
      [&wired](std::string_view installation_id) {
        std::vector<std::string> users;
        for (const console::ClusterPtr& cluster : wired.clusters->List()) {
          if (cluster->spec.installation_id == installation_id) {
            users.push_back(cluster->id);
          }
        }
        return users;
      },
      [&wired](std::string_view installation_id) {
        wired.clusters->InstallationChanged(installation_id);
      });
  core.metrics.Add([&wired](http::MetricsWriter& writer) {
    WriteClusterMetrics(writer, wired.clusters->List(), wired.core.clock.Now());
  });
  core.belongings.Add("clusters", [&wired](std::string_view team_id) {
    const auto clusters = wired.clusters->List();
    return static_cast<std::size_t>(std::count_if(
        clusters.begin(), clusters.end(),
        [&](const console::ClusterPtr& cluster) { return cluster->spec.team_id == team_id; }));
  });
  return std::unique_ptr<ClustersSlice>(new ClustersSlice(std::move(parts)));
}

console::ClusterService& ClustersSlice::clusters() { return *parts_->clusters; }

console::InstallationService& ClustersSlice::installations() { return *parts_->installations; }

void ClustersSlice::Attach(console::ClusterTenants& tenants,
                           console::ClusterObservationSink& sink) {
  parts_->clusters->Attach(tenants, sink);
  parts_->fleet->Attach(tenants);
}

void ClustersSlice::Bind(http::Router& router) {
  http::BindClusterRoutes(router, {.clusters = *parts_->clusters,
                                   .installations = *parts_->installations,
                                   .fleet = *parts_->fleet,
                                   .operations = parts_->operations.log.store(),
                                   .directory = parts_->core.directory,
                                   .clock = parts_->core.clock});
}

base::Status ClustersSlice::Start() {
  SP_TRY(parts_->installations->Start());
  SP_TRY(parts_->clusters->Start());
  return parts_->fleet->Start();
}

void ClustersSlice::Stop() {
  parts_->fleet->Stop();
  parts_->clusters->Stop();
  parts_->installations->Stop();
}

}  // namespace streampark::server
