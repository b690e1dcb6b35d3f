# Sources, tests and dependencies of the clusters slice; paths are relative to this folder.
set(clusters_sources
  src/clusters/cluster_store.cc
  src/clusters/fleet_store.cc
  src/clusters/installation_store.cc)
set(clusters_tests src/clusters/cluster_stores_test.cc)
set(clusters_deps)
set(clusters_private_deps)
set(clusters_test_deps)
