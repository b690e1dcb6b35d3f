# SPDX-License-Identifier: Apache-2.0
"""The real console on a free port with a data folder of its own."""
from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from support.rest import RestClient
from support.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
FINAL_STATES = ("SUCCEEDED", "FAILED", "CANCELLED")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def binary() -> Path:
    return Path(os.environ.get("STREAMPARK_BINARY", ROOT / "build/release/streampark"))


def agent_jar() -> Path:
    return Path(os.environ.get("STREAMPARK_AGENT_JAR", ROOT / "bridge/agent/target/streampark-flink-agent.jar"))


class Console:
    """`with Console(folder) as console:` starts it; leaving stops its clusters and then itself."""

    def __init__(self, folder: Path, *, port: int | None = None, arguments: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = port or free_port()
        self.log = folder / "console.log"
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._rest: RestClient | None = None

    def __enter__(self) -> Console:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the console was not started"
        return self._process.pid

    @property
    def rest(self) -> RestClient:
        """As the first administrator."""
        if self._rest is None:
            self._rest = RestClient(self.port, self.token())
        return self._rest

    def command_line(self) -> list[str]:
        return [str(binary()), "serve", "--data", str(self.data), "--port", str(self.port),
                "--agent-jar", str(agent_jar()), "--fetch-script", str(ROOT / "tools/fetch_flink.py"),
                *self._arguments]

    def start(self, *, seconds: float = 30) -> None:
        """Returns when /readyz answers 200."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(self.command_line(), stdin=subprocess.DEVNULL, stdout=output,
                                             stderr=subprocess.STDOUT, start_new_session=True)
        wait_for("the console is ready", self._is_ready, seconds=seconds, every=0.01)

    def _is_ready(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"the console ended with {self._process.returncode}: {self.log_tail()}")
        with contextlib.suppress(OSError):
            return RestClient(self.port).request("GET", "/readyz").status == 200
        return False

    def stop(self, *, seconds: float = 30) -> int:
        """SIGTERM; its exit code. Clusters and jobs go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=seconds)

    def kill(self) -> None:
        """As a crash would: SIGKILL, nothing else."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        """After stop() or kill(), on the same port and data."""
        self.start()

    def close(self) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            with contextlib.suppress(Exception):
                self.stop_clusters()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.stop()
        if self._process.poll() is None:
            self.kill()
        self._kill_left_over()

    def _kill_left_over(self) -> None:
        """Engine processes that still name our data folder; a failed test must not leave them behind."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if f"{self.data}/".encode() in (entry / "cmdline").read_bytes():
                        os.kill(int(entry.name), signal.SIGKILL)

    def log_tail(self, size: int = 4000) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-size:] if self.log.exists() else ""

    # ------------------------------------------------------------------ the CLI

    def cli(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`streampark ARGUMENTS` against this console, as the first administrator."""
        environment = {**os.environ, "STREAMPARK_SERVER": self.url, "STREAMPARK_TOKEN": self.rest.token or ""}
        return subprocess.run([str(binary()), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=300, check=check, env=environment)

    def reset_password(self) -> str:
        """The first administrator's new one-time password. It ends their tokens: `rest` makes another."""
        done = self.cli("admin", "reset-password", "--data", str(self.data))
        self._rest = None
        return done.stdout.strip()

    def token(self, user: str = "admin") -> str:
        command = [str(binary()), "admin", "token", "--data", str(self.data), "--user", user, "--expires", "1d"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                              check=True)
        return done.stdout.strip()

    # ------------------------------------------------------------------ operations and what they act on

    def await_operation(self, operation: dict[str, Any], *, seconds: float = 120, expect: str = "SUCCEEDED") -> dict:
        """Waits until it ended; AssertionError with its error when it ended otherwise than expected."""
        def look() -> dict | None:
            now = self.rest.get(f"operations/{operation['id']}")
            return now if now["state"] in FINAL_STATES else None

        ended = wait_for(f"operation {operation['kind']} of {operation['subject']['name']}", look, seconds=seconds)
        assert ended["state"] == expect, f"{ended['kind']} ended {ended['state']}: {ended['error']} {ended['steps']}"
        return ended

    def register_installation(self, home: Path) -> dict[str, Any]:
        made = self.rest.post("installations", {"engine": "FLINK", "home": str(home)}, expect=202)

        def look() -> dict | None:
            now = self.rest.get(f"installations/{made['id']}")
            assert now["state"] not in ("BROKEN", "FAILED"), now["message"]
            return now if now["state"] == "READY" else None

        return wait_for(f"installation {home}", look, seconds=60)

    def start_cluster(self, installation: dict[str, Any], *, name: str = "local", slots: int = 4,
                      **spec: Any) -> dict[str, Any]:
        """A managed session cluster that runs and has all its slots."""
        cluster = self.rest.post("clusters", {
            "name": name, "engine": "FLINK", "kind": "STANDALONE", "installationId": installation["id"],
            "jobManagerMemory": "900m", "taskManagerMemory": "1400m", "taskManagers": 1,
            "slotsPerTaskManager": slots, **spec}, expect=201)
        self.await_operation(self.rest.command(f"clusters/{cluster['id']}/operations", "START"), seconds=240)
        return self.await_cluster(cluster["id"], lambda now: now["state"] == "RUNNING" and now["slotsTotal"] >= slots)

    def await_cluster(self, cluster_id: str, condition: Any, *, seconds: float = 120) -> dict[str, Any]:
        def look() -> dict | None:
            now = self.rest.get(f"clusters/{cluster_id}")
            return now if condition(now) else None

        return wait_for(f"cluster {cluster_id}", look, seconds=seconds)

    def stop_clusters(self) -> None:
        """Stops every managed cluster with whatever runs on it."""
        clusters = [c for c in self.rest.get("clusters")["items"] if c["managed"] and c["state"] != "STOPPED"]
        for cluster in clusters:
            operation = self.rest.command(f"clusters/{cluster['id']}/operations", "STOP", jobs="KILL")
            self.await_operation(operation)

    def await_badge(self, job_id: str, *badges: str, seconds: float = 120) -> dict[str, Any]:
        """Waits until the job shows one of the badges."""
        last: dict[str, Any] = {}

        def look() -> dict | None:
            last.update(self.rest.get(f"jobs/{job_id}"))
            return last if last["badge"] in badges else None

        try:
            return wait_for(f"job {job_id} is {' or '.join(badges)}", look, seconds=seconds)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; badge {last.get('badge')}: {last.get('badgeReason')}") from None


def elapsed_ms(start: float) -> float:
    """Milliseconds since a time.monotonic()."""
    return (time.monotonic() - start) * 1000
