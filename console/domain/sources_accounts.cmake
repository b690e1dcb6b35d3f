# Sources, tests and dependencies of the accounts slice; paths are relative to this folder.
set(accounts_sources
    src/accounts/access.cc
    src/accounts/account_snapshot.cc
    src/accounts/accounts.cc
    src/accounts/directory.cc
    src/accounts/passwords.cc
    src/accounts/settings_box.cc
    src/accounts/sign_in_limiter.cc
    src/accounts/team_belongings.cc)
set(accounts_tests src/accounts/passwords_test.cc src/accounts/sign_in_limiter_test.cc)
set(accounts_deps)
set(accounts_private_deps sp_argon2)
set(accounts_test_deps)
