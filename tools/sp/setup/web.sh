# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The web app: its packages and its build in web/dist.

web_packages_digest() { cat "$SP_ROOT/web/package.json" "$SP_ROOT/web/package-lock.json" | digest_of_text; }

web_packages_title() { echo "npm packages of the web app (web/package-lock.json)"; }
web_packages_needed() {
  [ -f "$SP_ROOT/web/package-lock.json" ] || return 1
  [ ! -d "$SP_ROOT/web/node_modules" ] || ! stamp_is web-packages "$(web_packages_digest)"
}
web_packages_apply() {
  drop_stamp web-packages
  in_web npm ci
  write_stamp web-packages "$(web_packages_digest)"
}
web_packages_hint() { echo "is the npm registry reachable? \`npm ping\` shows it; the same command again goes on"; }

web_digest() {
  { digest_of_files "$SP_ROOT/web" "$SP_ROOT/api"; web_packages_digest; } | digest_of_text
}

web_title() { echo "the web app (web/dist)"; }
web_needed() {
  [ -f "$SP_ROOT/web/package-lock.json" ] || return 1
  [ ! -f "$SP_ROOT/web/dist/index.html" ] || ! stamp_is web "$(web_digest)"
}
web_apply() {
  drop_stamp web
  in_web npm run build
  # The build may write generated sources, so the digest is taken after it.
  write_stamp web "$(web_digest)"
}
web_hint() { echo "the log's end says which file does not compile; ./sp test web says more"; }
