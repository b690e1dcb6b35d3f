# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#: fuzz [NAME...] [--seconds N]   feeds decoders with what nobody would write (60 s each); inputs that reach new code are kept in tests/fuzz

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
  setup packages_build packages_fuzz python arrow
  mkdir -p "$SP_LOGS"
  if [ -d build/fuzz ]; then ninja -C build/fuzz build.ninja >/dev/null; else cmake --preset fuzz >"$SP_LOGS/fuzz-cmake.log"; fi
  local known name
  known="$(ninja -C build/fuzz -t targets all | sed -n 's/^streampark_fuzz_\([a-z_]*\): CXX_EXECUTABLE.*/\1/p' | LC_ALL=C sort -u | paste -sd ' ')"
  [ ${#names[@]} -gt 0 ] || read -r -a names <<<"$known"
  for name in "${names[@]}"; do
    [[ " $known " == *" $name "* ]] || fail "there is no fuzz target '$name'" "there are: $known"
  done
  ninja -C build/fuzz "${names[@]/#/streampark_fuzz_}"
  for name in "${names[@]}"; do fuzz_one "$name" "$seconds"; done
}

# A corpus is one archive: its inputs are bytes that nobody reads. What was found is merged into it, as far as it reaches code that
# nothing in it does so far.
fuzz_one() { # fuzz_one NAME SECONDS
  local kept="tests/fuzz/$1.tar.gz" found="build/fuzz/corpus-$1" merged="build/fuzz/merged-$1" program="build/fuzz/streampark_fuzz_$1"
  rm -rf "$merged" && mkdir -p tests/fuzz "$found" "$merged"
  [ ! -f "$kept" ] || tar -xzf "$kept" -C "$found"
  say "== $1"
  local TIMEFORMAT="   %U CPU seconds"
  time "$program" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="build/fuzz/$1-" "$found" || fail "$1 has crashed" "the input is in build/fuzz/$1-*"
  "$program" -merge=1 -max_len=16384 "$merged" "$found" >/dev/null 2>&1
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$merged" -c . | gzip -9n >"$kept"
  say "   $(find "$merged" -type f | wc -l) inputs kept in $kept"
}
