# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Processes that outlive this script: known by a file with their id and start time, so that a number which
# the system has given to another process meanwhile is never mistaken for ours.

start_time_of() { # start_time_of PID: in clock ticks since boot; nothing when there is no such process
  local line
  line="$(cat "/proc/$1/stat" 2>/dev/null)" || return 0
  # The second field is a name in parentheses that may contain anything.
  read -r -a line <<<"${line##*) }"
  [ "${line[0]}" = Z ] || printf '%s' "${line[19]}"
}

live_pid() { # live_pid PID_FILE: the process's id while it lives, else nothing
  local pid="" started=""
  [ ! -f "$1" ] || read -r pid started <"$1" || true
  if [[ "$pid" =~ ^[0-9]+$ && -n "$started" && "$(start_time_of "$pid")" = "$started" ]]; then
    printf '%s' "$pid"
  fi
}

start_detached() { # start_detached PID_FILE LOG COMMAND...: in a session of its own; PID_FILE may be -
  local pid_file="$1" log="$2"
  shift 2
  mkdir -p "$(dirname "$log")"
  setsid "$@" </dev/null >"$log" 2>&1 &
  DETACHED_PID=$!
  [ "$pid_file" = - ] || note_pid "$DETACHED_PID" "$pid_file"
  disown "$DETACHED_PID"
}

note_pid() { # note_pid PID PID_FILE
  printf '%s %s\n' "$1" "$(start_time_of "$1")" >"$2.part"
  mv "$2.part" "$2"
}

stop_process() { # stop_process PID_FILE SECONDS: SIGTERM and wait; fails when it still lives then
  local pid tries
  pid="$(live_pid "$1")"
  [ -n "$pid" ] || return 0
  kill -TERM "$pid" 2>/dev/null || true
  for ((tries = 0; tries < $2 * 10; tries++)); do
    [ -n "$(live_pid "$1")" ] || return 0
    sleep 0.1
  done
  return 1
}
