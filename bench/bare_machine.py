# SPDX-License-Identifier: Apache-2.0
"""A bare Debian 12 beside this machine: what a newcomer has, and nothing else.

A minimal debootstrap in a folder, entered by chroot with an empty environment. It shares this machine's network,
and knows its certificates and how its package clients are set up; no cache of ours. Needs root."""
from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

RELEASE = "bookworm"
PACKAGES = "ca-certificates,git"  # without them nobody has a clone
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MOUNTS = ("proc", "sys", "dev", "dev/pts", "dev/shm")
# How this network is reached; read by the package clients themselves.
NETWORK = ("PIP_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO",
           "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "MAVEN_OPTS", "JAVA_TOOL_OPTIONS")
ROOT = Path(__file__).resolve().parents[1]


class BareMachine:
    """Made and dropped as a context; `clone` is this repository's HEAD in it."""

    def __init__(self) -> None:
        if os.geteuid() != 0:
            raise SystemExit("a bare machine is a chroot, which needs root")
        if shutil.which("debootstrap") is None:
            subprocess.run(["apt-get", "install", "-y", "-q", "debootstrap"], check=True, capture_output=True)
        self.root = Path(tempfile.mkdtemp(prefix="streampark-bare-", dir="/var/tmp"))
        self.root.chmod(0o755)  # as every machine's
        self.clone = "/srv/streampark"

    def __enter__(self) -> BareMachine:
        try:
            subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, self.root],
                           check=True, stdout=subprocess.DEVNULL)
            self._join_the_network()
            for name in MOUNTS:
                (self.root / name).mkdir(parents=True, exist_ok=True)
                subprocess.run(["mount", "--bind", f"/{name}", self.root / name], check=True)
            subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, f"{self.root}{self.clone}"], check=True)
        except BaseException:
            self.drop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def drop(self) -> None:
        self._end_processes()
        for name in reversed(MOUNTS):
            if os.path.ismount(self.root / name):
                subprocess.run(["umount", "-l", self.root / name], check=True)
        if not any(os.path.ismount(self.root / name) for name in MOUNTS):
            shutil.rmtree(self.root)

    def run(self, *command: str, check: bool = True, **more: object) -> subprocess.CompletedProcess[str]:
        """In the clone, as root, with what a fresh login has."""
        environment = {"HOME": "/root", "TERM": "dumb", "LANG": "C.UTF-8", "PATH": PATH}
        environment |= {name: value for name, value in os.environ.items()
                        if name.upper() in NETWORK or name.startswith("npm_config_")}
        return subprocess.run(["chroot", self.root, "/bin/sh", "-c", f'cd {self.clone} && exec "$@"', "sh", *command],
                              env=environment, check=check, text=True, stdin=subprocess.DEVNULL, **more)

    def _join_the_network(self) -> None:
        shutil.copy("/etc/resolv.conf", self.root / "etc")
        (self.root / "etc/apt/sources.list").unlink(missing_ok=True)
        for known in ("etc/apt/sources.list", "etc/apt/sources.list.d/debian.sources", "etc/apt/apt.conf.d",
                      "etc/ssl/certs/ca-certificates.crt", "usr/local/share/ca-certificates"):
            if Path("/", known).exists():
                _copy(Path("/", known), self.root / known)

    def _end_processes(self) -> None:
        """Those whose root is this machine's, by pid."""
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if (entry / "root").readlink() == self.root:
                    os.kill(int(entry.name), 9)
            except OSError:
                continue


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)  # follows links
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
