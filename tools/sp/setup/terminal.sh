# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What people see: errors with a hint, and a long command run quietly with its time and progress.

say() { printf '%s\n' "$*"; }

fail() { # fail MESSAGE [HINT]
  printf 'sp: %s\n' "$1" >&2
  [ -z "${2:-}" ] || printf '    %s\n' "$2" >&2
  exit 1
}

now_ms() { date +%s%3N; }

as_seconds() { printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100)); }

seconds_since() { as_seconds $(($(now_ms) - $1)); } # seconds_since START_MS: prints "12.3"

# shellcheck disable=SC2016 # a program of sed's
last_words() { # last_words LOG: the newest line of a log, cut to a terminal's width
  tail -c 4096 "$1" 2>/dev/null | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' | tr '\r' '\n' | tr -cd '[:print:]\n' | sed -n '/[^ ]/h; ${x; p;}' | cut -c 1-72
}

# run_logged TITLE LOG COMMAND...: runs COMMAND with its output in LOG; shows progress (a living line on a
# terminal, a line every 20 seconds otherwise). RUN_STATUS and RUN_MS say how it went; it returns 0, so that
# `set -e` stays in force inside COMMAND.
run_logged() {
  local title="$1" log="$2" start
  shift 2
  mkdir -p "$(dirname "$log")"
  start=$(now_ms)
  set -m # a process group of its own, which an interrupt can end as a whole
  ("$@") >"$log" 2>&1 </dev/null &
  RUN_CHILD=$!
  set +m
  trap 'interrupt_child; exit 130' INT TERM
  watch_child "$RUN_CHILD" "$title" "$log" "$start"
  RUN_STATUS=0
  wait "$RUN_CHILD" || RUN_STATUS=$?
  trap - INT TERM
  RUN_MS=$(($(now_ms) - start))
  ! has_living_line || printf '\r\033[K'
}

# Two commands at a time would write over each other's: those that run beside another set RUN_IN_LINES.
has_living_line() { [ -t 1 ] && [ -z "${RUN_IN_LINES:-}" ]; }

interrupt_child() {
  local tries
  kill -INT -- "-$RUN_CHILD" 2>/dev/null || return 0
  for ((tries = 0; tries < 100; tries++)); do
    kill -0 -- "-$RUN_CHILD" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -TERM -- "-$RUN_CHILD" 2>/dev/null || true
}

# run_quietly TITLE HINT COMMAND...: as above, with the time; fails the script with the log's end and HINT.
run_quietly() {
  local title="$1" hint="$2" log
  shift 2
  log="$SP_LOGS/$(slug "${title%% (*}").log"
  run_logged "$title" "$log" "$@"
  if [ "$RUN_STATUS" -ne 0 ]; then
    printf '  %-60s failed after %s s\n' "$title" "$(as_seconds "$RUN_MS")"
    tail -n 30 "$log" | sed 's/^/    | /' >&2
    printf '    whole log: %s\n' "$log" >&2
    fail "'$title' did not work" "$hint"
  fi
  printf '  %-60s %7s s\n' "$title" "$(as_seconds "$RUN_MS")"
}

slug() { tr -cs 'a-zA-Z0-9\n' '-' <<<"$1" | tr '[:upper:]' '[:lower:]' | sed 's/-*$//'; }

watch_child() { # watch_child PID TITLE LOG START_MS: until the child ends
  local ticks=0
  while kill -0 "$1" 2>/dev/null; do
    if has_living_line; then
      printf '\r\033[K  %s … %s s  %s' "$2" "$(seconds_since "$4")" "$(last_words "$3")"
    elif ((ticks > 0 && ticks % 100 == 0)); then
      printf '  %s … %s s  %s\n' "$2" "$(seconds_since "$4")" "$(last_words "$3")"
    fi
    ticks=$((ticks + 1))
    sleep 0.2
  done
}
