# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#: lint [--tidy]              format, layers, texts, documents; --tidy adds clang-tidy on what changed

source "$SP_ROOT/tools/sp/format.sh"

command_lint() {
  local tidy=no
  case "${1:-}" in
    "") ;;
    --tidy) tidy=yes ;;
    *) fail "lint does not know '$1'" "./sp help" ;;
  esac
  setup packages_build packages_test python python_test
  local failed=0 check
  for check in lint_format lint_layers lint_text lint_docs lint_shell; do "$check" || failed=1; done
  if [ "$tidy" = yes ]; then
    setup packages_lint
    lint_tidy || failed=1
  fi
  [ "$failed" -eq 0 ] || fail "lint found what is listed above" "./sp format mends what is about format"
}

lint_format() {
  local files
  mapfile -d '' files < <(cpp_sources)
  [ ${#files[@]} -eq 0 ] || "$(clang_format)" --dry-run -Werror "${files[@]}"
}

lint_layers() { "$(test_python)" tools/check_layers.py; }

lint_text() { "$(test_python)" tools/check_text.py; }

lint_docs() { "$(test_python)" tools/check_docs.py; }

lint_shell() { # variables and functions cross files here, which SC2034 and SC2154 cannot know
  shellcheck -x -e SC1091,SC2034,SC2154 sp .ci/run tools/sp/*.sh tools/sp/setup/*.sh
}

lint_tidy() { # on the sources that differ from the last commit
  setup arrow native_tests
  local files
  mapfile -d '' files < <(git diff -z --name-only --diff-filter=d HEAD -- '*.cc')
  [ ${#files[@]} -gt 0 ] || return 0
  clang-tidy-16 --quiet --warnings-as-errors='*' -p "$SP_BUILD/ci" "${files[@]}"
}
