# SPDX-License-Identifier: Apache-2.0
"""./sp run and ./sp stop as a person uses them, on a machine whose network has gone: what is there must be enough."""
from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.console import ROOT, binary, free_port
from support.waiting import wait_for

DEMO = ["carrier-delays", "weather-delays"]


class OfflineMachine:
    """A network namespace with loopback alone; processes and files are this machine's."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        self._holder = subprocess.Popen(["unshare", *as_root, "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"],
                                        stdout=subprocess.PIPE, text=True)
        self._enter = ["nsenter", "-t", str(self._holder.pid), "-n", *(["-U", "--preserve-credentials"] if as_root else [])]
        assert self._holder.stdout is not None and self._holder.stdout.readline() == "up\n", "no network namespace can be made here"

    def run(self, *command: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([*self._enter, *command], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=300, check=False, env={**os.environ, **environment})
        assert done.returncode == 0 or not check, f"{command}: {done.stdout}{done.stderr}"
        return done

    def sp(self, *arguments: str, check: bool = True) -> str:
        done = self.run("./sp", *arguments, "--data", str(self.data), "--port", str(self.port), check=check)
        return done.stdout + done.stderr

    def jobs(self) -> dict[str, str]:
        """Names and badges of the jobs; empty while no console answers."""
        token = self.run(str(binary()), "admin", "token", "--data", str(self.data), check=False).stdout.strip()
        listed = self.run(str(binary()), "job", "list", "-o", "json", check=False, STREAMPARK_TOKEN=token,
                          STREAMPARK_SERVER=f"http://127.0.0.1:{self.port}")
        return {job["name"]: job["badge"] for job in json.loads(listed.stdout)} if listed.returncode == 0 else {}

    def await_demo(self) -> None:
        wait_for("the demo runs", lambda: self.jobs() == dict.fromkeys(DEMO, "RUNNING"), seconds=180, every=1)

    def console_pid(self) -> int:
        return int((self.data / "console.pid").read_text(encoding="ascii").split()[0])

    def close(self) -> None:
        self.sp("stop", "--force", check=False)
        self._holder.kill()
        self._holder.wait()
        for entry in Path("/proc").iterdir():  # what a failed test left behind
            if entry.name.isdigit() and f"{self.data}/".encode() in _command_line(entry):
                os.kill(int(entry.name), signal.SIGKILL)


def _command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[OfflineMachine]:
    made = OfflineMachine(tmp_path / "data")
    yield made
    made.close()


def test_run_and_stop_go_on_where_they_were_whatever_interrupted_them(machine: OfflineMachine) -> None:
    first = machine.sp("run", "--detach")
    assert f"http://127.0.0.1:{machine.port}" in first
    password = (machine.data / "first-password").read_text(encoding="utf-8").strip()
    assert password not in first, "a log must not hold the password"
    machine.await_demo()

    assert "runs already" in machine.sp("run", "--detach")

    os.kill(machine.console_pid(), signal.SIGKILL)
    machine.sp("run", "--detach")
    machine.await_demo()

    stopped = machine.sp("stop")
    assert "Stopped in" in stopped
    assert "Nothing runs" in machine.sp("stop")

    machine.sp("run", "--detach")
    machine.await_demo()


def test_a_run_that_was_cut_off_before_the_demo_makes_it_the_next_time(machine: OfflineMachine) -> None:
    machine.sp("run", "--detach", "--no-demo")
    assert machine.jobs() == {}
    machine.sp("run", "--detach")
    machine.await_demo()
    refused = machine.run("./sp", "stop", "--data", str(machine.data), "--port", "1", check=False)
    assert refused.returncode == 1 and "not the one at port 1" in refused.stderr
