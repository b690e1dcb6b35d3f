# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A stamp says from which inputs something was made: a file with their digest, written when it is whole.

digest_of_files() { # digest_of_files PATH...: over names and contents, in a fixed order
  find "$@" \( -name node_modules -o -name dist -o -name target -o -name __pycache__ -o -name test-results \) \
    -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum | cut -c 1-16
}

digest_of_text() { sha256sum | cut -c 1-16; }

stamp_is() { # stamp_is NAME DIGEST
  [ -f "$SP_STAMPS/$1" ] && [ "$(<"$SP_STAMPS/$1")" = "$2" ]
}

drop_stamp() { rm -f "$SP_STAMPS/$1"; } # before the thing is touched: half-made is not made

write_stamp() { # write_stamp NAME DIGEST
  mkdir -p "$SP_STAMPS"
  printf '%s\n' "$2" >"$SP_STAMPS/.$1.$$"
  mv "$SP_STAMPS/.$1.$$" "$SP_STAMPS/$1"
}

with_lock() { # with_lock FILE COMMAND...: one at a time on this machine, across clones
  local lock="$1"
  shift
  mkdir -p "$(dirname "$lock")"
  (
    flock 9
    "$@" 9>&-
  ) 9>"$lock"
}
