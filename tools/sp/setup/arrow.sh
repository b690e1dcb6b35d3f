# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Apache Arrow's C++ libraries with Parquet, under the cache: headers and two libraries out of the wheel that tools/python/arrow.txt
# pins. cmake/Dependencies.cmake looks there.

ARROW_LIST="$SP_ROOT/tools/python/arrow.txt"

arrow_version() { sed -n 's/^pyarrow==\([0-9.]*\) .*/\1/p' "$ARROW_LIST"; }
arrow_home() { printf '%s/arrow/%s' "$SP_CACHE" "$(arrow_version)"; }

fetch_arrow() { # whole or not at all
  local home part
  home="$(arrow_home)"
  part="$home.part"
  [ ! -d "$home" ] || return 0
  rm -rf "$part"
  mkdir -p "$part/whole/include" "$part/whole/lib"
  # Whatever Python runs here, it is the one wheel whose digest is known.
  "$(build_python)" -m pip download --disable-pip-version-check --no-cache-dir --no-deps --require-hashes --only-binary :all: \
    --implementation cp --python-version 3.11 --platform manylinux_2_28_x86_64 --dest "$part" -r "$ARROW_LIST"
  "$(build_python)" -m zipfile -e "$part"/*.whl "$part/wheel"
  mv "$part"/wheel/pyarrow/include/{arrow,parquet} "$part/whole/include"
  mv "$part"/wheel/pyarrow/lib{arrow,parquet}.so.* "$part/whole/lib"
  mv "$part"/wheel/pyarrow-*.dist-info/licenses/* "$part/whole"
  mv "$part/whole" "$home"
  rm -rf "$part"
}

arrow_title() { echo "Apache Arrow $(arrow_version), for Parquet (about 55 MB to download)"; }
arrow_needed() { [ ! -d "$(arrow_home)" ]; }
arrow_apply() { with_lock "$SP_CACHE/arrow/lock" fetch_arrow; }
arrow_hint() { python_hint; }
