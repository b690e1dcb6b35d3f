# Sources, tests and dependencies of the clusters slice; paths are relative to this folder.
set(clusters_sources src/clusters/clusters_slice.cc)
set(clusters_tests)
set(clusters_deps sp::engines_api)
set(clusters_private_deps)
set(clusters_test_deps)
