# Sources, tests and dependencies of the jobs slice; paths are relative to this folder.
set(jobs_sources
  src/jobs/badge.cc
  src/jobs/job_command.cc
  src/jobs/job_spec.cc
  src/jobs/job_words.cc
  src/jobs/json_reader.cc
  src/operations/journal.cc
  src/operations/operation.cc
  src/operations/operation_log.cc)
set(jobs_tests)
set(jobs_deps)
set(jobs_private_deps)
set(jobs_test_deps)
