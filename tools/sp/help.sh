# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#: help      this list

command_help() {
  say "StreamPark: ./sp COMMAND [options]"
  say ""
  # Every command file has lines `#: usage      what it does`.
  sed -n 's/^#: /  /p' "$SP_ROOT"/tools/sp/{run,stop,test,build,format,lint,gen,bench,help}.sh
  say ""
  say "Each command does the set-up that it needs, and says what it installs. What is no system package"
  say "goes to $SP_CACHE (STREAMPARK_CACHE names another folder)."
}
