# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The C++ build. Ninja knows what is out of date, but its dry run stops at the globs that CMake looks through
# again; so a stamp over the sources says whether to ask it at all.

CONSOLE_BINARY="$SP_BUILD/release/streampark"

native_title() { echo "the C++ build, preset release (build/release)"; }
native_needed() { native_preset_needed release; }
native_apply() { build_preset release -DBUILD_TESTING=OFF; }
native_hint() { echo "the log's end shows the first error; little memory? set STREAMPARK_BUILD_JOBS=1"; }

native_tests_title() { echo "the C++ build, preset ci (build/ci)"; }
native_tests_needed() { native_preset_needed ci; }
native_tests_apply() { build_preset ci; }
native_tests_hint() { native_hint; }

native_digest() {
  digest_of_files CMakeLists.txt CMakePresets.json cmake api base connectors core objects state formats expressions pump runner engines console cli \
    tools/python/arrow.txt examples bench/CMakeLists.txt bench/checkpoint bench/formats docs/guide/samples tests/checkpoints tests/faults tests/sdk
}

native_preset_needed() { # native_preset_needed PRESET
  [ ! -f "$SP_BUILD/$1/build.ninja" ] || [ ! -x "$SP_BUILD/$1/streampark" ] ||
    ! stamp_is "native-$1" "$(native_digest)"
}

build_preset() { # build_preset PRESET [CMAKE_OPTION...]
  [ -f "$SP_BUILD/$1/build.ninja" ] || (cd "$SP_ROOT" && cmake --preset "$@")
  local digest
  digest="$(native_digest)"
  drop_stamp "native-$1"
  cmake --build "$SP_BUILD/$1" --parallel "$SP_JOBS"
  # A source that was edited meanwhile is built the next time.
  write_stamp "native-$1" "$digest"
}
