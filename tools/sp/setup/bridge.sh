# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The Java agent, by Maven.

AGENT_JAR="$SP_ROOT/bridge/agent/target/streampark-flink-agent.jar"

bridge_digest() { digest_of_files "$SP_ROOT/bridge"; }

bridge_title() { echo "the Java agent (bridge, by Maven)"; }
bridge_needed() {
  [ -f "$SP_ROOT/bridge/pom.xml" ] || return 1
  [ ! -f "$AGENT_JAR" ] || ! stamp_is bridge "$(bridge_digest)"
}
bridge_apply() {
  drop_stamp bridge
  run_maven package -DskipTests
  write_stamp bridge "$(bridge_digest)"
}
bridge_hint() { echo "is Maven's repository reachable? the same command again goes on where it stopped"; }

# run_maven GOAL [ARGUMENT...]: in bridge/, without the network once the same poms went through GOAL
# on this machine, in whichever clone.
run_maven() {
  local maven=(mvn -B -q -Dstyle.color=never -f "$SP_ROOT/bridge/pom.xml") known
  known="$SP_CACHE/maven/$1-$(bridge_poms_digest)"
  if [ -f "$known" ]; then
    "${maven[@]}" -o "$@"
  else
    "${maven[@]}" "$@"
    mkdir -p "$SP_CACHE/maven"
    touch "$known"
  fi
}

bridge_poms_digest() {
  find "$SP_ROOT/bridge" -name pom.xml -not -path '*/target/*' -print0 | LC_ALL=C sort -z | xargs -0 cat |
    digest_of_text
}
