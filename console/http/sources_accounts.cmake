# Sources, tests and dependencies of the accounts slice; paths are relative to this folder.
set(accounts_sources
    src/accounts/access_authenticator.cc
    src/accounts/account_json.cc
    src/accounts/audit_routes.cc
    src/accounts/session_routes.cc
    src/accounts/settings_routes.cc
    src/accounts/team_routes.cc
    src/accounts/token_routes.cc
    src/accounts/user_routes.cc)
set(accounts_tests)
set(accounts_deps)
set(accounts_private_deps)
set(accounts_test_deps)
