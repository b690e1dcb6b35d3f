# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#: run [--port N] [--listen A] [--data DIR] [--detach] [--no-demo]
#:                            sets up, starts the console and the demo, goes on with what ./sp stop suspended

source "$SP_ROOT/tools/sp/build.sh"
source "$SP_ROOT/tools/sp/console.sh"
source "$SP_ROOT/tools/sp/help.sh"

command_run() {
  local port="" listen="" detach=no demo=yes
  CONSOLE_DATA="$(default_data)"
  while [ $# -gt 0 ]; do
    case "$1" in
      --port | --listen | --data)
        [ $# -ge 2 ] || fail "$1 needs a value" "./sp help"
        case "$1" in
          --port) port="$2" ;;
          --listen) listen="$2" ;;
          --data) CONSOLE_DATA="$2" ;;
        esac
        shift 2
        ;;
      --detach) detach=yes && shift ;;
      --no-demo) demo=no && shift ;;
      -h | --help) command_help && return ;;
      *) fail "run does not know '$1'" "./sp help" ;;
    esac
  done
  [[ -z "$port" || ("$port" =~ ^[0-9]{1,5}$ && "$port" -le 65535) ]] || fail "'$port' is not a port" "such as --port 10000"
  (umask 077 && mkdir -p "$CONSOLE_DATA")
  CONSOLE_DATA="$(cd "$CONSOLE_DATA" && pwd)"

  local ran=no
  if console_runs; then
    ran=yes
    say "StreamPark runs already: $(console_url)"
  else
    set_up_product
    setup job_user
    start_console "${listen:-127.0.0.1}" "${port:-10000}"
  fi
  # What follows looks at what is there: an earlier run may have been interrupted anywhere.
  resume_fleet
  if [ "$demo" = yes ]; then set_up_demo; fi
  if [ "$detach" = yes ]; then
    [ "$demo" = no ] || start_detached - "$CONSOLE_DATA/logs/demo.log" "$SP_ROOT/sp" demo --data "$CONSOLE_DATA"
    announce file
    return 0
  fi
  [ "$demo" = no ] || make_demo || say "The demo is not there yet; ./sp run tries again."
  if [ "$ran" = yes ]; then return 0; fi
  announce terminal
  follow_console
}

announce() { # announce terminal|file: where it is and how to sign in; a log must not hold the password
  local password="$CONSOLE_DATA/first-password"
  say ""
  say "StreamPark is ready: $(console_url)"
  if [ -f "$password" ]; then
    if [ "$1" = terminal ]; then
      say "  sign in as admin with the one-time password $(<"$password")"
      say "  (also in $password, until it is changed)"
    else
      say "  sign in as admin with the one-time password in $password"
    fi
  fi
  say "  data: $CONSOLE_DATA"
  say "  ./sp stop suspends the jobs with savepoints and stops everything"
}

follow_console() { # shows the log until Ctrl-C, which ends the console
  say "  Ctrl-C ends the console alone; clusters and jobs go on"
  say ""
  local pid
  pid="$(live_pid "$CONSOLE_DATA/console.pid")"
  trap 'end_console; exit 0' INT TERM
  tail -n 0 --pid="$pid" -F "$(console_log)" 2>/dev/null &
  wait $! || true
  trap - INT TERM
  fail "the console ended by itself" "its log: $(console_log)"
}

end_console() {
  stop_process "$CONSOLE_DATA/console.pid" 30 || say "the console still shuts down"
  say ""
  say "The console has ended. Clusters and jobs go on; ./sp run comes back to them, ./sp stop stops them."
}
