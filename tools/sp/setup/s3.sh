# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A server that speaks S3 for the tests: the Versity gateway (Apache-2.0) over folders, built from its Go module by a Go of our own. It
# checks signatures, takes uploads in parts and heeds conditions of writes. (Nothing else needs it.)

S3_SERVER_MODULE=github.com/versity/versitygw
S3_SERVER_VERSION=v1.8.0
S3_SERVER_SUM="h1:au+wI+aybno/STsQiSm35Uu6Q6iK5MWReQxgO6SEMFc="

s3_server() { printf '%s/s3/versitygw-%s' "$SP_CACHE" "$S3_SERVER_VERSION"; }

s3_go() { # s3_go ARGUMENT...: the pinned Go, which fetches no other and leaves what it fetches in the cache
  local root
  root="$(python_home go)"
  env -u GOFLAGS -u GOROOT PATH="$root/bin:$PATH" GOTOOLCHAIN=local GOPATH="$SP_CACHE/go" GOCACHE="$SP_CACHE/go/build" \
    GOFLAGS=-modcacherw CGO_ENABLED=0 "$root/bin/go" "$@"
}

build_s3_server() { # whole or not at all
  local part sum
  [ ! -x "$(s3_server)" ] || return 0
  make_python go
  sum="$(s3_go mod download -json "$S3_SERVER_MODULE@$S3_SERVER_VERSION" | sed -n 's/.*"Sum": "\(.*\)".*/\1/p')"
  [ "$sum" = "$S3_SERVER_SUM" ] || fail "the source of $S3_SERVER_MODULE has the sum $sum, and not $S3_SERVER_SUM" "do not use it"
  part="$(s3_server).part"
  rm -rf "$part"
  mkdir -p "$part"
  GOBIN="$part" s3_go install -p "$SP_JOBS" -trimpath -ldflags '-s -w' "$S3_SERVER_MODULE/cmd/versitygw@$S3_SERVER_VERSION"
  mv "$part/versitygw" "$(s3_server)"
  rm -rf "$part" "$SP_CACHE/go"
}

s3_title() { echo "a server that speaks S3, versitygw $S3_SERVER_VERSION (100 MB to download, minutes to build)"; }
s3_needed() { [ ! -x "$(s3_server)" ]; }
s3_apply() { with_lock "$SP_CACHE/s3/lock" build_s3_server; }
s3_hint() { echo "are the Python package index and the proxy of Go modules reachable?"; }
