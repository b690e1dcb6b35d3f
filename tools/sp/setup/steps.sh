# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Runs set-up steps: says first what is missing, then makes it, with the time each takes.

setup() { # setup STEP...
  local step needed=() start
  start=$(now_ms)
  for step in "$@"; do
    if "${step}_needed"; then needed+=("$step"); fi
  done
  [ ${#needed[@]} -gt 0 ] || return 0
  say "This will be installed or built:"
  for step in "${needed[@]}"; do
    "${step}_title" | sed 's/^/  - /'
  done
  ask_for_root "${needed[@]}"
  for step in "${needed[@]}"; do
    # An earlier step may have made it meanwhile.
    if "${step}_needed"; then
      run_quietly "$("${step}_title" | head -n 1 | cut -c 1-60)" "$("${step}_hint")" "${step}_apply"
    fi
  done
  say "  set-up took $(seconds_since "$start") s"
}

ask_for_root() { # ask_for_root STEP...: asks for the password now, not in the middle of a quiet step
  local step
  for step in "$@"; do
    case "$step" in
      packages_*)
        [ "$(id -u)" -ne 0 ] || return 0
        command -v sudo >/dev/null || fail "system packages are missing, and there is no sudo here" \
          "run ./sp once as root, or install what it lists"
        sudo -n true 2>/dev/null || sudo -v
        return 0
        ;;
    esac
  done
}
