#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The front door: ./sp COMMAND. Each command is one file in tools/sp; `./sp help` lists them.
set -euo pipefail

SP_ROOT="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
export SP_ROOT
cd "$SP_ROOT"

# shellcheck source=tools/sp/setup/all.sh
source tools/sp/setup/all.sh

command="${1:-help}"
[ $# -gt 0 ] && shift
case "$command" in
  -h | --help) command=help ;;
esac
if [[ ! "$command" =~ ^[a-z]+$ || ! -f "tools/sp/$command.sh" ]]; then
  fail "there is no command '$command'" "./sp help lists the commands"
fi
# shellcheck source=/dev/null
source "tools/sp/$command.sh"
"command_$command" "$@"
