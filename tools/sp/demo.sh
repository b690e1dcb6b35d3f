# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Makes the demo on a console that runs; `./sp run --detach` leaves this behind itself.

source "$SP_ROOT/tools/sp/console.sh"

command_demo() { # --data DIR
  CONSOLE_DATA="$2"
  make_demo
}
