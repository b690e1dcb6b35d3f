# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#: fuzz [NAME...] [--seconds N]   feeds decoders with what nobody would write (60 s each); inputs that reach new code go to tests/fuzz

command_fuzz() {
  local seconds=60 names=()
  while [ $# -gt 0 ]; do
    case "$1" in
      --seconds)
        seconds="${2:-}"
        [[ "$seconds" =~ ^[1-9][0-9]*$ ]] || fail "--seconds needs a number" "./sp help"
        shift
        ;;
      -*) fail "fuzz does not know $1" "./sp help" ;;
      *) names+=("$1") ;;
    esac
    shift
  done
  setup packages_build packages_fuzz
  [ -d build/fuzz ] || cmake --preset fuzz >"$SP_LOGS/fuzz-cmake.log"
  local known name
  known="$(ninja -C build/fuzz -t targets all | sed -n 's/^streampark_fuzz_\([a-z]*\): CXX_EXECUTABLE.*/\1/p' | LC_ALL=C sort -u | paste -sd ' ')"
  [ ${#names[@]} -gt 0 ] || read -r -a names <<<"$known"
  for name in "${names[@]}"; do
    [[ " $known " == *" $name "* ]] || fail "there is no fuzz target '$name'" "there are: $known"
  done
  ninja -C build/fuzz "${names[@]/#/streampark_fuzz_}"
  for name in "${names[@]}"; do fuzz_one "$name" "$seconds"; done
}

# Works on a copy of the corpus, and keeps of it what reaches code that nothing kept so far does.
fuzz_one() { # fuzz_one NAME SECONDS
  local kept="tests/fuzz/$1" found="build/fuzz/corpus-$1" program="build/fuzz/streampark_fuzz_$1"
  mkdir -p "$kept" "$found"
  say "== $1"
  "$program" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="build/fuzz/$1-" "$found" "$kept" || fail "$1 has crashed" "the input is in build/fuzz/$1-*"
  "$program" -merge=1 -max_len=16384 "$kept" "$found" >/dev/null 2>&1
  say "   $(find "$kept" -type f | wc -l) inputs kept"
}
