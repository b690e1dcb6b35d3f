# Sources, tests and dependencies of the accounts slice; paths are relative to this folder.
set(accounts_sources src/accounts/accounts_slice.cc)
set(accounts_tests src/accounts/accounts_test.cc)
set(accounts_deps)
set(accounts_private_deps)
set(accounts_test_deps)
