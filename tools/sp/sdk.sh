# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#: sdk [FOLDER]               what C++ jobs and connectors are built against, with the program; default build/sdk

command_sdk() {
  [ $# -le 1 ] || fail "sdk takes one folder" "./sp help"
  local folder="${1:-$SP_BUILD/sdk}"
  setup packages_build packages_test python arrow native
  run_logged "the libraries of jobs" "$SP_LOGS/sdk.log" cmake --build "$SP_BUILD/release" --parallel "$SP_JOBS" --target sdk
  [ "$RUN_STATUS" -eq 0 ] || fail "the libraries of jobs cannot be built" "see $SP_LOGS/sdk.log"
  cmake --install "$SP_BUILD/release" --component sdk --prefix "$folder" >>"$SP_LOGS/sdk.log"
  say "sdk: $folder; $folder/bin/streampark new NAME makes a project"
}
