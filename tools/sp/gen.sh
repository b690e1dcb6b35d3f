# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#: gen                        what is generated from api/ (C++ and TypeScript), without a build

command_gen() {
  [ $# -eq 0 ] || fail "gen takes no options" "./sp help"
  setup packages_build python node web_packages
  [ -f "$SP_BUILD/release/build.ninja" ] || cmake --preset release >/dev/null
  local targets
  mapfile -t targets < <(ninja -C "$SP_BUILD/release" -t targets all | sed -n 's/^\(generated\/[^:]*\): CUSTOM_COMMAND$/\1/p')
  [ ${#targets[@]} -eq 0 ] || ninja -C "$SP_BUILD/release" "${targets[@]}"
  [ ! -f web/package.json ] || in_web npm run --silent gen
}
