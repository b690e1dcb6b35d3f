# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#: build                      the console and its CLI, the web app and the Java agent

command_build() {
  [ $# -eq 0 ] || fail "build takes no options" "./sp help"
  set_up_product
  say "console and CLI: $CONSOLE_BINARY"
}

set_up_product() { # all that the console needs to run; the order is by who needs whom
  setup packages_build python arrow node web_packages web bridge native
}
