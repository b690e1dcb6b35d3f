# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Python environments under the cache, one a list of requirements, named by the list's digest. The
# system's Python makes them; whatever `python3` the path names first does not matter.

PYTHON_SYSTEM=/usr/bin/python3

python_home() { # python_home LIST: where the environment of tools/python/LIST.txt lives
  printf '%s/python/%s-%s' "$SP_CACHE" "$1" "$(sha256sum <"$SP_ROOT/tools/python/$1.txt" | cut -c 1-12)"
}

python_is_whole() { [ -f "$(python_home "$1")/.whole" ]; }

make_python() { # make_python LIST
  with_lock "$SP_CACHE/python/$1.lock" make_python_locked "$1"
}

make_python_locked() {
  local home
  home="$(python_home "$1")"
  if python_is_whole "$1"; then return 0; fi
  # Not made aside: an environment knows its own path. The mark `.whole` comes last instead.
  rm -rf "$home"
  "$PYTHON_SYSTEM" -m venv "$home"
  "$home/bin/python" -m pip install --disable-pip-version-check --no-deps -r "$SP_ROOT/tools/python/$1.txt"
  touch "$home/.whole"
}

python_hint() { echo "is the Python package index reachable? \`pip download wheel\` shows it"; }

python_title() { echo "Python environment of the build (Node 22 and npm in it)"; }
python_needed() { ! python_is_whole build; }
python_apply() { make_python build; }

python_test_title() { echo "Python environment of the tests (pytest and its like)"; }
python_test_needed() { ! python_is_whole test; }
python_test_apply() { make_python test; }
python_test_hint() { python_hint; }

build_python() { printf '%s/bin/python' "$(python_home build)"; }
test_python() { printf '%s/bin/python' "$(python_home test)"; }
