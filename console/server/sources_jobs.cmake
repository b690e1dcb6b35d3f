# Sources, tests and dependencies of the jobs slice; paths are relative to this folder.
set(jobs_sources src/jobs/jobs_slice.cc)
set(jobs_tests)
set(jobs_deps)
set(jobs_private_deps)
set(jobs_test_deps)
