# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#: stop [--data DIR] [--port N] [--force]
#:                            suspends all jobs on managed clusters with savepoints, then stops clusters and console

source "$SP_ROOT/tools/sp/console.sh"
source "$SP_ROOT/tools/sp/help.sh"

command_stop() {
  local force=() port=""
  CONSOLE_DATA="$(default_data)"
  while [ $# -gt 0 ]; do
    case "$1" in
      --data | --port)
        [ $# -ge 2 ] || fail "$1 needs a value" "./sp help"
        if [ "$1" = --data ]; then CONSOLE_DATA="$2"; else port="$2"; fi
        shift 2
        ;;
      --force) force=(--force) && shift ;;
      -h | --help) command_help && return ;;
      *) fail "stop does not know '$1'" "./sp help" ;;
    esac
  done
  [ -d "$CONSOLE_DATA" ] || fail "there is no data folder $CONSOLE_DATA" "--data names another"
  CONSOLE_DATA="$(cd "$CONSOLE_DATA" && pwd)"
  if [ -n "$port" ] && [ -f "$CONSOLE_DATA/console.address" ] && [ "$port" != "$(cut -d ' ' -f 2 "$CONSOLE_DATA/console.address")" ]; then
    fail "the console of $CONSOLE_DATA is not the one at port $port" "its address: $(console_url)"
  fi
  if ! console_runs; then
    if [ -f "$CONSOLE_DATA/console.stopped" ] || [ ! -f "$CONSOLE_DATA/console.address" ]; then
      say "Nothing runs on $CONSOLE_DATA."
      return 0
    fi
    # Clusters outlive a console; only a console can suspend their jobs.
    say "No console runs on $CONSOLE_DATA; starting it to look after its clusters."
    start_console "" ""
  fi
  local start
  start=$(now_ms)
  STREAMPARK_TOKEN="$(admin_token)" "$PYTHON_SYSTEM" tools/fleet.py suspend --url "$(console_url)" "${force[@]}" ||
    fail "nothing was stopped" "mend what is named above, or ./sp stop --force stops it without a savepoint"
  stop_process "$CONSOLE_DATA/demo/replayer.pid" 10 || say "the demo's replayer does not end"
  stop_process "$CONSOLE_DATA/console.pid" 60 || fail "the console does not end" "its log: $(console_log)"
  touch "$CONSOLE_DATA/console.stopped"
  say "Stopped in $(seconds_since "$start") s. ./sp run goes on where this left it."
}
