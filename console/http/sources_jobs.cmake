# Sources, tests and dependencies of the jobs slice; paths are relative to this folder.
set(jobs_sources
  src/jobs/automation.cc
  src/jobs/automation_json.cc
  src/jobs/dependency_fetcher.cc
  src/jobs/job_details.cc
  src/jobs/job_edits.cc
  src/jobs/job_events.cc
  src/jobs/job_history.cc
  src/jobs/job_json.cc
  src/jobs/job_lists.cc
  src/jobs/job_logs.cc
  src/jobs/job_operations.cc
  src/jobs/job_routes.cc
  src/jobs/job_summary.cc
  src/jobs/json_text.cc
  src/jobs/operation_json.cc
  src/jobs/resources.cc
  src/jobs/sql_help.cc)
set(jobs_tests src/jobs/dependency_fetcher_test.cc)
set(jobs_deps)
set(jobs_private_deps)
set(jobs_test_deps)
