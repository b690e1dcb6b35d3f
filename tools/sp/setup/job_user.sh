# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The system user as whom a console of root runs what jobs bring along (docs/adr/0011-separate-user.md).

JOB_USER=streampark

job_user_title() { echo "the system user '$JOB_USER', as whom jobs' code runs"; }
job_user_needed() { [ "$(id -u)" -eq 0 ] && ! getent passwd "$JOB_USER" >/dev/null; }
job_user_apply() { useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$JOB_USER"; }
job_user_hint() { echo "without it jobs run as root; \`useradd --system $JOB_USER\` shows what is wrong"; }
