# Sources, tests and dependencies of the code slice; paths are relative to this folder.
set(job_schema ${SP_GENERATED_DIR}/streampark/api/job_schema.h)
add_custom_command(
  OUTPUT ${job_schema}
  COMMAND ${Python3_EXECUTABLE} ${SP_GENERATOR} text ${job_schema}:kJobSchema:job.schema.json
  DEPENDS ${SP_API_DIR}/job.schema.json ${SP_GENERATOR}
  VERBATIM)

set(code_sources src/code/job_applier.cc src/code/job_file.cc src/code/schema_check.cc src/code/yaml_document.cc ${job_schema})
set(code_tests src/code/job_applier_test.cc src/code/job_file_test.cc src/code/schema_check_test.cc src/code/yaml_document_test.cc)
set(code_deps)
set(code_private_deps yaml-cpp)
set(code_test_deps)
