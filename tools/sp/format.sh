# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#: format                     brings C++ and web sources into the project's format

command_format() {
  [ $# -eq 0 ] || fail "format takes no options" "./sp help"
  setup packages_build python python_test node web_packages
  local files
  mapfile -d '' files < <(cpp_sources)
  [ ${#files[@]} -eq 0 ] || "$(clang_format)" -i "${files[@]}"
  [ ! -f web/package.json ] || in_web npm run --silent format
}

cpp_sources() { # every C++ file of ours, also those not committed yet; templates are C++ once their names are put in
  git ls-files -z --cached --others --exclude-standard -- '*.h' '*.cc' ':!cli/templates' | while IFS= read -r -d '' file; do
    [ ! -f "$file" ] || printf '%s\0' "$file"
  done
}

clang_format() { printf '%s/bin/clang-format' "$(python_home test)"; }
