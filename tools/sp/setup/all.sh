# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The set-up steps and what they share. A step NAME is four functions in NAME.sh:
#   NAME_title    one line for people: what will be installed or built
#   NAME_needed   succeeds when there is work to do; cheap, changes nothing, needs no network
#   NAME_apply    does the work; repeatable, and leaves nothing half-made where NAME_needed looks
#   NAME_hint     what to try when NAME_apply fails
# `setup NAME...` (steps.sh) runs those that are needed, in the order given.

SP_CACHE="${STREAMPARK_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/streampark}"
SP_BUILD="$SP_ROOT/build"
SP_STAMPS="$SP_BUILD/.stamps"
SP_LOGS="$SP_BUILD/logs"
SP_JOBS="${STREAMPARK_BUILD_JOBS:-$(nproc 2>/dev/null || echo 2)}"

for SP_PART in terminal stamps process steps packages python arrow node web bridge native job_user flink kafka s3 flights; do
  # shellcheck source=/dev/null
  source "$SP_ROOT/tools/sp/setup/$SP_PART.sh"
done
unset SP_PART
