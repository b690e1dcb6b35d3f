# SPDX-License-Identifier: Apache-2.0
"""What a person sees, in a real browser: the first page, a long list that changes, a start, an event."""
from __future__ import annotations

import concurrent.futures
import json
import os
import statistics
import subprocess
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from engine_floor import Agent, start_to_running
from figures import Figures, median_and_worst
from server_figures import sign_in
from support.console import Console, agent_jar
from support.rest import RestClient

SQL = ("CREATE TABLE orders (id BIGINT, price DECIMAL(10, 2)) WITH ('connector' = 'datagen', 'rows-per-second' = '10');\n"
       "CREATE TABLE totals (id BIGINT, total DECIMAL(38, 2)) WITH ('connector' = 'blackhole');\n"
       "INSERT INTO totals SELECT id, SUM(price) FROM orders GROUP BY id;\n")


class Page:
    """A browser signed in at a console; page.mjs has its commands."""

    def __init__(self, console: Console) -> None:
        settings = {"url": console.url, "cookie": sign_in(console), "executable": os.environ.get("CHROMIUM", "/usr/bin/chromium")}
        self._process = subprocess.Popen([os.environ.get("STREAMPARK_NODE", "node"), str(Path(__file__).parent / "page.mjs"), json.dumps(settings)],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self._read()

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_: object) -> None:
        self.send("close")
        self._process.wait(timeout=30)

    def send(self, what: str, **more: Any) -> None:
        self._process.stdin.write(json.dumps({"do": what, **more}) + "\n")

    def ask(self, what: str, **more: Any) -> dict[str, Any]:
        self.send(what, **more)
        return self._read()

    def answer(self) -> dict[str, Any]:
        return self._read()

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        found = json.loads(line) if line else {"error": "the browser has gone"}
        if "error" in found:
            raise RuntimeError(found["error"])
        return found


def first_load(figures: Figures, page: Page, runs: int) -> None:
    loads = [page.ask("first-load") for _ in range(runs)]
    figures.add("first_load_gzip_kb", statistics.median(load["gzipKb"] for load in loads), "kB", requests=loads[0]["requests"])
    median, worst = median_and_worst([load["ms"] for load in loads])
    figures.add("first_page_ms", median, "ms", worst=round(worst))


def long_tasks(figures: Figures, console: Console, page: Page, seconds: int) -> None:
    """Ten thousand jobs, a hundred of them changed each second."""
    jobs = console.rest.get("jobs", limit=500)["items"]
    page.ask("long-tasks", seconds=1)  # the list is open and warm
    changed = 0
    stop = threading.Event()

    def change(share: int, shares: int) -> int:
        done = 0
        client = RestClient(console.port, console.rest.token)
        begin = time.monotonic()
        while not stop.is_set():
            job = jobs[(done * shares + share) % len(jobs)]
            now = client.request("GET", f"jobs/{job['id']}")
            draft = {"name": job["name"], "teamId": job["team"]["id"], "tags": ["bench", f"edit-{done}"], "spec": now.body["spec"]}
            client.put(f"jobs/{job['id']}", draft, headers={"If-Match": now.etag})
            done += 1
            stop.wait(max(0.0, begin + done * shares / 100 - time.monotonic()))
        return done

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        workers = [pool.submit(change, share, 8) for share in range(8)]
        seen = page.ask("long-tasks", seconds=seconds)
        stop.set()
        changed = sum(worker.result() for worker in workers)
    figures.add("longest_task_ms", seen["longestMs"], "ms", jobs=10_000, changes_per_s=round(changed / seconds), row_stayed=not seen["moved"])


def validation(figures: Figures, console: Console, cluster: dict[str, Any], team: str, runs: int) -> None:
    """A script of 200 lines that is valid but for nothing; the other side is the planner's own time."""
    body = "\nUNION ALL\n".join(f"SELECT id,\n  price * {number} AS total\nFROM orders WHERE id > {number}" for number in range(48))
    sql = "\n".join([*SQL.splitlines()[:2], "INSERT INTO totals", body]) + "\n"
    request = {"teamId": team, "clusterId": cluster["id"], "sql": sql}
    verdicts = []
    took = []
    for run in range(runs + 3):
        begin = time.perf_counter()
        verdict = console.rest.post("sql/validate", request, expect=200)
        if run >= 3:
            took.append((time.perf_counter() - begin) * 1000)
            verdicts.append(verdict["tookMs"])
    if verdict["diagnostics"]:
        raise RuntimeError(f"the script should be valid: {verdict['diagnostics']}")
    median, worst = median_and_worst(took)
    figures.add("validation_warm_ms", median, "ms", against=statistics.median(verdicts), worst=round(worst), lines=sql.count("\n"))


def start_and_event(figures: Figures, console: Console, page: Page, cluster: dict[str, Any], team: str, home: Path, runs: int) -> None:
    """Start pressed → Running shown, beside the engine alone; and a job cancelled behind the console's back → shown."""
    job = console.rest.post("jobs", {"name": "start-me", "teamId": team,
                                     "spec": {"engine": "FLINK", "type": "SQL", "target": {"clusterId": cluster["id"]}, "sql": SQL, "stateless": True}}, expect=201)
    agent = Agent(agent_jar(), home)
    plan = agent.call("compile", {"sql": SQL})["plan"]
    address = cluster["webUrl"].split("#", 1)[0].rstrip("/")
    starts, events, floors = [], [], []
    for run in range(runs + 3):
        pressed = page.ask("start", job=job["id"])["ms"]
        page.send("watch", job=job["id"], label="Stopped")
        page.answer()
        attempt = console.rest.get(f"jobs/{job['id']}/attempts")["items"][0]
        cancelled = time.time() * 1000
        urllib.request.urlopen(urllib.request.Request(f"{address}/jobs/{attempt['engineJobId']}?mode=cancel", method="PATCH"), timeout=5).read()
        shown = page.answer()["at"] - cancelled
        floor = start_to_running(agent, address, SQL, plan, {"execution.checkpointing.interval": "10s"})
        if run >= 3:
            starts.append(pressed)
            events.append(shown)
            floors.append(floor)
    agent.close()
    median, worst = median_and_worst(starts)
    figures.add("start_to_running_ms", median, "ms", against=statistics.median(floors), worst=round(worst))
    median, worst = median_and_worst(events)
    figures.add("event_to_page_ms", median, "ms", worst=round(worst))
