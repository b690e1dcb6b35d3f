# SPDX-License-Identifier: Apache-2.0
"""The engine alone: what a start costs without a console. One warm agent, the same script, the same cluster, polled at once."""
from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
import urllib.request
from pathlib import Path

OPENED = ("java.lang", "java.util", "java.util.concurrent", "java.net", "java.io", "java.nio", "java.time", "sun.net.util", "java.lang.reflect",
          "java.text", "java.util.concurrent.atomic", "java.util.concurrent.locks")


class Agent:
    """A SQL agent of our own, spoken to as bridge/agent/PROTOCOL.md says."""

    def __init__(self, jar: Path, flink_home: Path) -> None:
        opens = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
        self._process = subprocess.Popen(
            ["java", "-Xmx512m", "-XX:+UseSerialGC", *opens, "-cp", f"{jar}:{flink_home}/lib/*", "org.apache.streampark.flink.agent.Main"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1,
            env={**os.environ, "FLINK_HOME": str(flink_home)})
        self._next = 0
        self.call("warm", {})

    def call(self, method: str, params: dict) -> dict:
        self._next += 1
        self._process.stdin.write(json.dumps({"id": self._next, "method": method, "params": params}) + "\n")
        for line in self._process.stdout:
            reply = json.loads(line)
            if reply.get("id") != self._next or "progress" in reply:
                continue
            if "error" in reply:
                raise RuntimeError(f"{method}: {reply['error']}")
            return reply["result"]
        raise RuntimeError("the agent has gone")

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=10)


def overview(address: str) -> list[dict]:
    with urllib.request.urlopen(f"{address}/jobs/overview", timeout=5) as answer:
        return json.load(answer)["jobs"]


def start_to_running(agent: Agent, address: str, sql: str, plan: str, options: dict[str, str]) -> float:
    """Milliseconds from the submit to all tasks running; the job is cancelled afterwards."""
    job_id = secrets.token_hex(16)
    begin = time.perf_counter()
    agent.call("submit", {"jobId": job_id, "name": "floor", "sql": sql, "plan": plan, "options": options, "parallelism": 1, "restAddresses": [address]})
    while True:
        job = next((job for job in overview(address) if job["jid"] == job_id), None)
        if job and job["state"] == "RUNNING" and job["tasks"]["running"] == job["tasks"]["total"]:
            break
        time.sleep(0.005)
    took = (time.perf_counter() - begin) * 1000
    request = urllib.request.Request(f"{address}/jobs/{job_id}?mode=cancel", method="PATCH")
    urllib.request.urlopen(request, timeout=5).read()
    while any(job["jid"] == job_id and job["state"] not in ("CANCELED", "FAILED", "FINISHED") for job in overview(address)):
        time.sleep(0.02)
    return took
