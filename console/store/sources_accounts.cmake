# Sources, tests and dependencies of the accounts slice; paths are relative to this folder.
set(accounts_sources
    src/accounts/account_tables.cc
    src/accounts/audit_table.cc
    src/accounts/credential_tables.cc
    src/accounts/settings_table.cc)
set(accounts_tests)
set(accounts_deps)
set(accounts_private_deps)
set(accounts_test_deps)
