# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A console on the data folder CONSOLE_DATA: is it there, start it, ask it. For run, stop and demo.

default_data() { # as the program's own (cli/src/console_commands.cc): root's home is closed to the jobs' user
  if [ "$(id -u)" -eq 0 ]; then echo /var/lib/streampark; else printf '%s/.local/share/streampark' "$HOME"; fi
}

console_log() { printf '%s/logs/console.log' "$CONSOLE_DATA"; } # rotated; what it says on starting and dying is in console.out

console_url() { cat "$CONSOLE_DATA/console.url"; }

console_runs() { [ -n "$(live_pid "$CONSOLE_DATA/console.pid")" ] && console_is_ready; }

console_is_ready() {
  [ -f "$CONSOLE_DATA/console.url" ] && curl -fsS -o /dev/null --max-time 5 "$(console_url)/readyz" 2>/dev/null
}

# start_console LISTEN PORT: returns when it is ready. Empty ones are as they were the last time.
start_console() {
  local listen="$1" port="$2" start host said="$CONSOLE_DATA/logs/console.out"
  if [ -z "$port" ]; then read -r listen port <"$CONSOLE_DATA/console.address"; fi
  start=$(now_ms)
  case "$listen" in
    0.0.0.0) host=127.0.0.1 ;;
    ::) host="[::1]" ;;
    *:*) host="[$listen]" ;;
    *) host="$listen" ;;
  esac
  if (exec 3<>"/dev/tcp/${host//[\[\]]/}/$port") 2>/dev/null; then
    fail "port $port is taken by another program" "./sp run --port N names another"
  fi
  rm -f "$CONSOLE_DATA/console.stopped"
  STREAMPARK_CACHE="$SP_CACHE" start_detached - "$said" "$CONSOLE_BINARY" serve \
    --data "$CONSOLE_DATA" --log-file "$(console_log)" --listen "$listen" --port "$port" --web-root "$SP_ROOT/web/dist" \
    --agent-jar "$AGENT_JAR" --fetch-script "$SP_ROOT/tools/fetch_flink.py"
  printf 'http://%s:%s\n' "$host" "$port" >"$CONSOLE_DATA/console.url"
  printf '%s %s\n' "$listen" "$port" >"$CONSOLE_DATA/console.address"
  until console_is_ready && [ "$(live_pid "$CONSOLE_DATA/console.pid")" = "$DETACHED_PID" ]; do
    if [ -z "$(start_time_of "$DETACHED_PID")" ]; then
      tail -n 15 "$said" | sed 's/^/    | /' >&2
      fail "the console did not start" "its log: $(console_log)"
    fi
    [ $(($(now_ms) - start)) -lt 60000 ] || fail "the console is not ready after a minute" "its log: $(console_log)"
    sleep 0.1
  done
  printf '  %-60s %7s s\n' "console ready" "$(seconds_since "$start")"
}

admin_token() { "$CONSOLE_BINARY" admin token --data "$CONSOLE_DATA"; }

resume_fleet() { # asks for what a stop suspended; the console does it in its own time
  STREAMPARK_TOKEN="$(admin_token)" "$PYTHON_SYSTEM" "$SP_ROOT/tools/fleet.py" resume --url "$(console_url)"
}

demo_is_made() { [ -f "$CONSOLE_DATA/demo/made" ]; }

set_up_demo() { # its data; and the archive, so that the console's own fetch needs no network
  setup flights
  demo_is_made || setup flink_archive
}

# make_demo: cluster and jobs are made once; a person who changes or deletes them is not overruled later.
make_demo() {
  if demo_is_made; then
    start_replayer
  else
    with_lock "$CONSOLE_DATA/demo/lock" make_demo_once
  fi
}

make_demo_once() {
  if ! demo_is_made; then # another ./sp may have made it meanwhile
    STREAMPARK_TOKEN="$(admin_token)" "$PYTHON_SYSTEM" "$SP_ROOT/tools/demo.py" --url "$(console_url)" \
      --flink "$FLINK_DEMO_VERSION" --jobs "$SP_ROOT/examples/flights" --inputs "$CONSOLE_DATA/demo" \
      --results "$CONSOLE_DATA/results" || return 1
    touch "$CONSOLE_DATA/demo/made"
  fi
  start_replayer
}

start_replayer() {
  local pid_file="$CONSOLE_DATA/demo/replayer.pid"
  [ -z "$(live_pid "$pid_file")" ] || return 0
  start_detached "$pid_file" "$CONSOLE_DATA/logs/replayer.out" "$SP_BUILD/release/flights_replayer" \
    --source "$FLIGHTS_FOLDER" --into "$CONSOLE_DATA/demo" --results "$CONSOLE_DATA/results"
}
