# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# System packages, by purpose: tools/packages/NAME.txt lists Debian's names, `#` starts a remark.
# A change of C++ alone does not wait for a browser: each purpose is a step of its own.

package_list() { sed 's/#.*//' "$SP_ROOT/tools/packages/$1.txt" | tr -s ' \n' '\n' | sed '/^$/d'; }

missing_packages() { # missing_packages NAME: those of the list that are not installed
  command -v dpkg-query >/dev/null || fail "this set-up knows Debian's packages only" \
    "on another system, install what tools/packages/*.txt names and see CONTRIBUTING.md"
  local wanted
  mapfile -t wanted < <(package_list "$1")
  comm -23 <(printf '%s\n' "${wanted[@]}" | LC_ALL=C sort -u) \
    <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null |
      sed -n 's/ installed$//p' | LC_ALL=C sort -u)
}

install_packages() { # install_packages NAME
  local as_root=() missing
  [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
  mapfile -t missing < <(missing_packages "$1")
  [ ${#missing[@]} -gt 0 ] || return 0
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  # A set-up that was killed may have left packages unpacked but not configured.
  "${as_root[@]}" dpkg --configure -a
  "${apt[@]}" update
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
  # Java keeps certificates of its own; those that this machine's owner added must be in there, too.
  "${as_root[@]}" update-ca-certificates
}

packages_title() { # packages_title NAME TEXT
  local missing
  mapfile -t missing < <(missing_packages "$1")
  printf 'system packages %s (%d from Debian)\n' "$2" "${#missing[@]}"
  printf '%s\n' "${missing[*]}" | fold -s -w 96 | sed 's/^/    /'
}

packages_needed() { [ -n "$(missing_packages "$1")" ]; }

packages_hint() {
  echo "is the package mirror reachable? \`apt-get update\` shows it; run the same ./sp command again afterwards"
}

packages_build_title() { packages_title build "to build and run"; }
packages_build_needed() { packages_needed build; }
packages_build_apply() { install_packages build; }
packages_build_hint() { packages_hint; }

packages_test_title() { packages_title test "to test"; }
packages_test_needed() { packages_needed test; }
packages_test_apply() { install_packages test; }
packages_test_hint() { packages_hint; }

packages_fuzz_title() { packages_title fuzz "to fuzz"; }
packages_fuzz_needed() { packages_needed fuzz; }
packages_fuzz_apply() { install_packages fuzz; }
packages_fuzz_hint() { packages_hint; }

# Servers that tests start themselves, with data of their own. None runs as a service of this machine because of us: MariaDB's package
# without its service, and PostgreSQL's without the cluster that Debian makes and starts when it is installed.
packages_servers_title() { packages_title servers "that tests start: database servers"; }
packages_servers_needed() { packages_needed servers; }
packages_servers_apply() {
  local as_root=() setting=/etc/postgresql-common/createcluster.d/streampark-tests.conf status=0
  [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
  "${as_root[@]}" mkdir -p "$(dirname "$setting")"
  printf 'create_main_cluster = false\n' | "${as_root[@]}" tee "$setting" >/dev/null
  install_packages servers || status=$?
  "${as_root[@]}" rm -f "$setting"
  return "$status"
}
packages_servers_hint() { packages_hint; }

packages_browser_title() { packages_title browser "for browser tests"; }
packages_browser_needed() { packages_needed browser; }
packages_browser_apply() { install_packages browser; }
packages_browser_hint() { packages_hint; }

packages_lint_title() { packages_title lint "to lint"; }
packages_lint_needed() { packages_needed lint; }
packages_lint_apply() { install_packages lint; }
packages_lint_hint() { packages_hint; }
