# SPDX-License-Identifier: Apache-2.0
"""A ZooKeeper for Flink's high availability: the one that every Flink distribution carries."""
from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from pathlib import Path

from support.console import free_port
from support.waiting import wait_for

MAIN = "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer"


class ZooKeeper:
    """`with ZooKeeper(home, folder) as zookeeper:` one server on loopback; `address` is its quorum."""

    def __init__(self, home: Path, folder: Path) -> None:
        self._home = home
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> ZooKeeper:
        self._folder.mkdir(parents=True, exist_ok=True)
        configuration = self._folder / "zoo.cfg"
        configuration.write_text(
            f"tickTime=500\ndataDir={self._folder / 'data'}\nclientPort={self.port}\nclientPortAddress=127.0.0.1\n"
            "admin.enableServer=false\nmaxClientCnxns=200\n", encoding="utf-8")
        with (self._folder / "zookeeper.log").open("wb") as output:
            self._process = subprocess.Popen(
                [java(), "-Xmx128m", "-cp", f"{self._home / 'lib'}/*", MAIN, "--zkConfigFile", str(configuration), "--peerId", "1"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        wait_for("ZooKeeper listens", self._listens, seconds=60)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def _listens(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError((self._folder / "zookeeper.log").read_text(encoding="utf-8")[-2000:])
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


def java() -> str:
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    assert found, "there is no Java"
    return found
