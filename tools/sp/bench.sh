# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#: bench NAME [--quick]       one JSON line a figure, then a table; bench/ has the names

command_bench() {
  local name="${1:-}" known
  known="$(find bench -mindepth 2 -maxdepth 2 -name bench.py -printf '%h\n' 2>/dev/null | sed 's|^bench/||' | LC_ALL=C sort | paste -sd ' ')"
  [ -n "$name" ] || fail "bench needs a name" "there are: ${known:-none}"
  shift
  [[ "$name" =~ ^[a-z][a-z0-9_-]*$ && -f "bench/$name/bench.py" ]] ||
    fail "there is no bench '$name'" "there are: ${known:-none}"
  # The figures alone go to standard output, so that a script can read them.
  source "$SP_ROOT/tools/sp/build.sh"
  source "$SP_ROOT/tools/sp/test.sh"
  {
    set_up_product
    setup packages_test packages_servers packages_browser python_test flink flights
  } >&2
  name_test_environment
  "$(test_python)" "bench/$name/bench.py" "$@"
}
