# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Flink installations for the tests, one a line, under the cache. (A console fetches its own.)

FLINK_DEMO_VERSION=1.20.5
FLINK_NEWEST_VERSION=2.3.0
FLINK_CACHE="$SP_CACHE/flink"

flink_home() { printf '%s/homes/flink-%s' "$FLINK_CACHE" "$1"; }

fetch_flink() { # fetch_flink VERSION
  "$(build_python)" "$SP_ROOT/tools/fetch_flink.py" --version "$1" --into "$(flink_home "$1")" \
    --cache "$FLINK_CACHE/archives" --python "$(build_python)"
}

flink_title() {
  echo "Apache Flink $FLINK_DEMO_VERSION and $FLINK_NEWEST_VERSION (about 600 MB to download)"
}
flink_needed() {
  [ ! -d "$(flink_home "$FLINK_DEMO_VERSION")" ] || [ ! -d "$(flink_home "$FLINK_NEWEST_VERSION")" ]
}
flink_apply() {
  fetch_flink "$FLINK_DEMO_VERSION"
  fetch_flink "$FLINK_NEWEST_VERSION"
}
flink_hint() { echo "is the Python package index reachable, and is there 2 GB of room in $SP_CACHE?"; }

# For a console: its own fetch then needs no network.
flink_archive_title() { echo "Apache Flink $FLINK_DEMO_VERSION (about 235 MB to download)"; }
flink_archive_needed() {
  ! compgen -G "$FLINK_CACHE/archives/apache[-_]flink[-_]libraries-$FLINK_DEMO_VERSION.tar.gz.sha256" >/dev/null
}
flink_archive_apply() {
  "$(build_python)" "$SP_ROOT/tools/fetch_flink.py" --version "$FLINK_DEMO_VERSION" --download-only \
    --cache "$FLINK_CACHE/archives" --python "$(build_python)"
}
flink_archive_hint() { flink_hint; }
