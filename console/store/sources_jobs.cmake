# Sources, tests and dependencies of the jobs slice; paths are relative to this folder.
set(jobs_sources
  src/jobs/job_rows.cc
  src/jobs/job_table.cc
  src/jobs/json_columns.cc
  src/jobs/operation_rows.cc
  src/jobs/operation_table.cc
  src/jobs/resource_table.cc)
set(jobs_tests
  src/jobs/job_crash_test.cc
  src/jobs/job_disk_test.cc
  src/jobs/job_life_test.cc
  src/jobs/job_restore_test.cc
  src/jobs/testing/fake_engine.cc
  src/jobs/testing/job_world.cc)
set(jobs_deps)
set(jobs_private_deps)
set(jobs_test_deps)
