# Sources, tests and dependencies of the clusters slice; paths are relative to this folder.
set(clusters_sources
  src/clusters/cluster_details.cc
  src/clusters/cluster_json.cc
  src/clusters/cluster_routes.cc
  src/clusters/clusters.cc
  src/clusters/fleet.cc
  src/clusters/installations.cc)
set(clusters_tests src/clusters/cluster_routes_test.cc)
set(clusters_deps)
set(clusters_private_deps)
set(clusters_test_deps)
