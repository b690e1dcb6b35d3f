# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The C++ build. Ninja itself knows what is out of date, so this is asked every time and costs
# nothing when nothing is.

CONSOLE_BINARY="$SP_BUILD/release/streampark"

native_title() { echo "the C++ build, preset release (build/release)"; }
native_needed() { native_preset_needed release; }
native_apply() { build_preset release -DBUILD_TESTING=OFF; }
native_hint() { echo "the log's end shows the first error; little memory? set STREAMPARK_BUILD_JOBS=1"; }

native_tests_title() { echo "the C++ build, preset ci (build/ci)"; }
native_tests_needed() { native_preset_needed ci; }
native_tests_apply() { build_preset ci; }
native_tests_hint() { native_hint; }

native_preset_needed() { # native_preset_needed PRESET
  [ -f "$SP_ROOT/CMakeLists.txt" ] || return 1
  [ -f "$SP_BUILD/$1/build.ninja" ] || return 0
  ! ninja -C "$SP_BUILD/$1" -n 2>/dev/null | tail -n 1 | grep -q 'no work to do'
}

build_preset() { # build_preset PRESET [CMAKE_OPTION...]
  [ -f "$SP_BUILD/$1/build.ninja" ] || (cd "$SP_ROOT" && cmake --preset "$@")
  cmake --build "$SP_BUILD/$1" --parallel "$SP_JOBS"
}
