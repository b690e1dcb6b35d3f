# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Kafka brokers for the tests, one a line, under the cache: the jars that Maven has. (Nothing else needs them.)

KAFKA_OLDEST_VERSION=3.9.1
KAFKA_NEWEST_VERSION=4.1.0

kafka_home() { printf '%s/kafka/kafka-%s' "$SP_CACHE" "$1"; }

kafka_digest() { # kafka_digest VERSION: over names and contents of its jars
  case "$1" in
    3.9.1) echo 3221d2e48338fa5d ;;
    4.1.0) echo 38f329389ea16ea6 ;;
  esac
}

fetch_kafka() { # fetch_kafka VERSION: whole or not at all
  local home part found
  home="$(kafka_home "$1")"
  part="$home.part"
  [ ! -d "$home" ] || return 0
  rm -rf "$part"
  mkdir -p "$part"
  mvn -B -q -Dstyle.color=never -f "$SP_ROOT/tools/kafka/pom.xml" "-Dkafka.version=$1" \
    "-DoutputDirectory=$part/libs" dependency:copy-dependencies
  found="$(cd "$part" && digest_of_files libs)"
  if [ "$found" != "$(kafka_digest "$1")" ]; then
    fail "the jars of Kafka $1 have the digest $found, and not $(kafka_digest "$1")" "do not use them"
  fi
  mv "$part" "$home"
}

kafka_title() { echo "Apache Kafka $KAFKA_OLDEST_VERSION and $KAFKA_NEWEST_VERSION (about 110 MB to download)"; }
kafka_needed() {
  [ ! -d "$(kafka_home "$KAFKA_OLDEST_VERSION")" ] || [ ! -d "$(kafka_home "$KAFKA_NEWEST_VERSION")" ]
}
kafka_apply() {
  with_lock "$SP_CACHE/kafka/lock" fetch_kafka "$KAFKA_OLDEST_VERSION"
  with_lock "$SP_CACHE/kafka/lock" fetch_kafka "$KAFKA_NEWEST_VERSION"
}
kafka_hint() { echo "is Maven's repository reachable?"; }
