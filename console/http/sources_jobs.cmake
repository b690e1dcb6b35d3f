# Sources, tests and dependencies of the jobs slice; paths are relative to this folder.
set(jobs_sources
  src/jobs/job_json.cc
  src/jobs/job_summary.cc
  src/jobs/json_text.cc
  src/jobs/operation_json.cc)
set(jobs_tests)
set(jobs_deps)
set(jobs_private_deps)
set(jobs_test_deps)
