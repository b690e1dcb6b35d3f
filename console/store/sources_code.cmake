# Sources, tests and dependencies of the code slice; paths are relative to this folder.
set(code_sources)
set(code_tests)
set(code_deps)
set(code_private_deps)
set(code_test_deps)
