# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#: test [unit|web|engine|browser]...   all tests or some parts; the last line is `N passed, N failed`
#: test faults [--long] [--seed N]      the fault harness alone, which unit includes in short
#: test kill [--long] [--seed N]        a native job that is killed again and again, which engine includes in short

# A part is one of this script's functions part_NAME, run in a process of its own: when its set-up fails,
# that is a failed test, and the other parts go on. Results are JUnit files in build/test-results.
TEST_PARTS=(unit web engine browser)
TEST_RESULTS="$SP_BUILD/test-results"

command_test() {
  if [ "${1:-}" = --part ]; then
    "part_$2"
    return
  fi
  if [ "${1:-}" = faults ] || [ "${1:-}" = kill ]; then
    "test_$1" "${@:2}"
    return
  fi
  local parts=("$@") part start
  [ ${#parts[@]} -gt 0 ] || parts=("${TEST_PARTS[@]}")
  for part in "${parts[@]}"; do
    [[ " ${TEST_PARTS[*]} " == *" $part "* ]] || fail "there is no part '$part'" "there are: ${TEST_PARTS[*]}"
  done
  start=$(now_ms)
  rm -rf "$TEST_RESULTS"
  mkdir -p "$TEST_RESULTS"
  for part in "${parts[@]}"; do
    say "== $part"
    "$SP_ROOT/sp" test --part "$part" || record "$part" "the part ran to its end" 1 0
  done
  say "== all of it took $(seconds_since "$start") s"
  "$(results_python)" tools/test_results.py tally "$TEST_RESULTS"
}

results_python() { if python_is_whole test; then test_python; else echo python3; fi; }

record() { # record SUITE NAME STATUS MS: one result that has no JUnit file of its own
  "$(results_python)" tools/test_results.py record "$TEST_RESULTS" "$@"
}

# suite NAME FILES COMMAND...: runs COMMAND, which writes JUnit files; FILES is a glob of them, copied to the
# results. A command that fails without saying which test failed is a failed test, and so is one without files.
suite() {
  local name="$1" files="$2" log="$SP_LOGS/test-$1.log"
  shift 2
  # shellcheck disable=SC2086 # a glob of ours
  rm -f $files
  run_logged "$name" "$log" "$@"
  # shellcheck disable=SC2086
  "$(results_python)" tools/test_results.py collect "$TEST_RESULTS" "$name" "$RUN_STATUS" $files
  show_suite "$name" "$log"
}

# check NAME COMMAND...: a command that is one test.
check() {
  local name="$1" log="$SP_LOGS/test-$1.log"
  shift
  run_logged "$name" "$log" "$@"
  record check "$name" "$RUN_STATUS" "$RUN_MS"
  show_suite "$name" "$log"
}

show_suite() { # show_suite NAME LOG
  local verdict=ok
  if [ "$RUN_STATUS" -ne 0 ]; then
    verdict="FAILED"
    tail -n 200 "$2" | sed 's/^/    | /'
    say "    whole log: $2"
  fi
  printf '  %-40s %-7s %7s s\n' "$1" "$verdict" "$(as_seconds "$RUN_MS")"
}

part_unit() {
  source "$SP_ROOT/tools/sp/lint.sh"
  setup packages_build packages_test python arrow python_test native_tests
  check lint-format lint_format
  check lint-layers lint_layers
  check lint-text lint_text
  check lint-shell lint_shell
  suite tools "$SP_BUILD/tools-tests.xml" "$(test_python)" -m pytest -q -p no:cacheprovider tools/tests \
    --junitxml="$SP_BUILD/tools-tests.xml"
  cpp_suite cpp -LE '^engine$' -j "$SP_JOBS"
}

test_faults() { # its options go to the program as they are
  setup packages_build packages_test python arrow python_test native_tests
  "$SP_BUILD/ci/streampark_faults_test" "$@"
}

test_kill() {
  setup packages_build packages_test packages_servers python arrow python_test kafka native_tests
  STREAMPARK_KAFKA_HOMES="$(test_kafka_homes)" SP_KAFKA_LINE=1 "$SP_BUILD/ci/streampark_kill_test" "$@"
}

cpp_suite() { # cpp_suite NAME CTEST_OPTION...
  local name="$1"
  shift
  suite "$name" "$SP_BUILD/ci/test-results/*.xml" \
    ctest --test-dir "$SP_BUILD/ci" --output-on-failure --no-tests=error "$@"
}

part_web() {
  [ -f web/package.json ] || return 0
  setup packages_build python node web_packages
  local script
  for script in gen i18n lint types; do check "web-$script" in_web npm run --silent "$script"; done
  suite web "$SP_BUILD/web-tests.xml" in_web npx vitest run --reporter=default --reporter=junit \
    --outputFile.junit="$SP_BUILD/web-tests.xml"
}

part_engine() {
  source "$SP_ROOT/tools/sp/build.sh"
  set_up_product
  setup packages_test packages_servers python_test flink kafka s3 flights native_tests
  name_test_environment
  # Most of these tests wait, and each line of Flink has clusters of its own.
  side_by_side engine_of_oldest_line engine_of_newest_line
}

engine_of_oldest_line() { # and what is of no line
  engine_suite oldest "not flink-$FLINK_NEWEST_VERSION"
}

engine_of_newest_line() { # and the programs, which start both themselves
  cpp_suite cpp-engine -L '^engine$'
  if [ -f bridge/pom.xml ]; then
    suite bridge "bridge/*/target/*-reports/TEST-*.xml" run_maven verify -P integration -DFLINK_HOMES="$(test_flink_homes)"
  fi
  engine_suite newest "flink-$FLINK_NEWEST_VERSION"
}

engine_suite() { # engine_suite NAME WHICH
  suite "engine-$1" "$SP_BUILD/engine-$1-tests.xml" "$(test_python)" -m pytest -q -p no:cacheprovider tests/engine -k "$2" \
    --junitxml="$SP_BUILD/engine-$1-tests.xml"
}

# side_by_side FUNCTION...: each in a process of its own; fails when one of them did, after all have ended.
side_by_side() {
  local lane lanes=() status=0
  for lane in "$@"; do
    (
      RUN_IN_LINES=1
      "$lane"
    ) &
    lanes+=($!)
  done
  trap 'kill "${lanes[@]}" 2>/dev/null; wait; exit 130' INT TERM
  for lane in "${lanes[@]}"; do wait "$lane" || status=1; done
  trap - INT TERM
  return "$status"
}

test_flink_homes() { printf '%s:%s' "$(flink_home "$FLINK_DEMO_VERSION")" "$(flink_home "$FLINK_NEWEST_VERSION")"; }

test_kafka_homes() { printf '%s:%s' "$(kafka_home "$KAFKA_OLDEST_VERSION")" "$(kafka_home "$KAFKA_NEWEST_VERSION")"; }

name_test_environment() { # what tests and benches read
  STREAMPARK_FLINK_HOMES="$(test_flink_homes)"
  STREAMPARK_KAFKA_HOMES="$(test_kafka_homes)"
  STREAMPARK_S3_SERVER="$(s3_server)"
  STREAMPARK_PYTHON="$(test_python)"
  STREAMPARK_NODE="$(node_bin)/node"
  export STREAMPARK_FLINK_HOMES STREAMPARK_KAFKA_HOMES STREAMPARK_S3_SERVER STREAMPARK_PYTHON STREAMPARK_NODE STREAMPARK_BINARY="$CONSOLE_BINARY" \
    STREAMPARK_AGENT_JAR="$AGENT_JAR" STREAMPARK_FLIGHTS="$FLIGHTS_FOLDER" STREAMPARK_WEB_ROOT="$SP_ROOT/web/dist" \
    CHROMIUM=/usr/bin/chromium PYTHONPATH="$SP_ROOT/tests"
}

part_browser() {
  [ -d tests/browser ] || return 0
  source "$SP_ROOT/tools/sp/build.sh"
  set_up_product
  setup packages_test packages_browser python_test flink flights native_tests
  name_test_environment
  suite browser "$SP_BUILD/browser-tests.xml" in_web node --test --test-concurrency=1 --test-force-exit \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=junit --test-reporter-destination="$SP_BUILD/browser-tests.xml" "../tests/browser/*.test.mts"
}
