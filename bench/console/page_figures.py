# SPDX-License-Identifier: Apache-2.0
"""What a person sees, in a real browser: the first page, a long list that changes, a start, an event."""
from __future__ import annotations

import concurrent.futures
import http.client
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

SQL = ("CREATE TABLE orders (id BIGINT, price DECIMAL(10, 2)) WITH ('connector' = 'datagen', 'rows-per-second' = '10');\n"
       "CREATE TABLE totals (id BIGINT, total DECIMAL(38, 2)) WITH ('connector' = 'blackhole');\n"
       "INSERT INTO totals SELECT id, SUM(price) FROM orders GROUP BY id;\n")

RATE = 100  # changes a second, which the bar is for


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
    figures.add("first_load_gzip_kb", statistics.median(load["gzipKb"] for load in loads), "kB", requests=loads[0]["requests"],
                answers_kb=round(statistics.median(load["answersKb"] for load in loads)))
    median, worst = median_and_worst([load["ms"] for load in loads])
    figures.add("first_page_ms", median, "ms", worst=round(worst))


def long_tasks(figures: Figures, console: Console, page: Page, seconds: int) -> None:
    """Ten thousand jobs, all of them read, a hundred of them renamed each second: rows move all over the list.

    Measured with the pointer away, moving over a row and resting on it; the worst counts."""
    count = console.rest.get("jobs", limit=1)["total"]
    page.ask("read-all", jobs=count)
    jobs = console.rest.get("jobs", limit=500)["items"]
    longest: dict[str, float] = {}
    stayed = True
    changed = 0
    begin = time.monotonic()
    with Renames(console, jobs) as renames:
        page.ask("long-tasks", seconds=1, pointer="away")  # the first changes warm both sides up
        before = renames.done
        begin = time.monotonic()
        for pointer in ("away", "moving", "resting"):
            seen = page.ask("long-tasks", seconds=seconds, pointer=pointer)
            longest[pointer] = seen["longestMs"]
            stayed = stayed and not seen["moved"]
            if not seen["drawn"]:
                raise RuntimeError(f"no row changed while the pointer was {pointer}")
        changed = renames.done - before
    rate = changed / (time.monotonic() - begin)
    if rate < RATE * 0.95:
        raise RuntimeError(f"only {rate:.0f} changes a second: this machine cannot measure {RATE}")
    figures.add("longest_task_ms", max(longest.values()), "ms", jobs=count, changes_per_s=round(rate), row_stayed=stayed,
                **{f"pointer_{pointer}": round(took) for pointer, took in longest.items()})


class Renames:
    """Renames jobs from other places of the world, RATE a second, until it is left."""

    def __init__(self, console: Console, jobs: list[dict[str, Any]]) -> None:
        self._console = console
        self._jobs = jobs
        self._stop = threading.Event()
        self._counts = [0] * 8
        self._pool = concurrent.futures.ThreadPoolExecutor(len(self._counts))
        self._workers: list[concurrent.futures.Future[None]] = []

    @property
    def done(self) -> int:
        return sum(self._counts)

    def __enter__(self) -> Renames:
        self._workers = [self._pool.submit(self._work, share) for share in range(len(self._counts))]
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._pool.shutdown()
        for worker in self._workers:
            worker.result()

    def _work(self, share: int) -> None:
        # Without the contract's checks of tests, which would cost more than what is measured.
        shares = len(self._counts)
        connection = http.client.HTTPConnection("127.0.0.1", self._console.port, timeout=30)
        authorized = {"Authorization": f"Bearer {self._console.rest.token}", "Content-Type": "application/json"}

        def ask(method: str, job_id: str, body: object = None, **headers: str) -> dict[str, Any]:
            connection.request(method, f"/api/v1/jobs/{job_id}", None if body is None else json.dumps(body), {**authorized, **headers})
            answer = connection.getresponse()
            found = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{method} of a job: {answer.status} {found[:300]!r}")
            return json.loads(found)

        mine = [ask("GET", job["id"]) for job in self._jobs[share::shares]]
        begin = time.monotonic()
        while not self._stop.is_set():
            done = self._counts[share]
            job = mine[done % len(mine)]
            number = job["name"].split("-", 1)[1]
            # A digit first: near the top of the list, where the page looks, and next time away from there again.
            name = f"{done % 10}-{number}" if done // len(mine) % 2 == 0 else f"orders-{number}"
            draft = {"name": name, "teamId": job["team"]["id"], "tags": ["bench", f"edit-{done}"], "spec": job["spec"]}
            mine[done % len(mine)] = ask("PUT", job["id"], draft, **{"If-Match": job["etag"]})
            self._counts[share] = done + 1
            self._stop.wait(max(0.0, begin + (done + 1) * shares / RATE - time.monotonic()))


def validation(figures: Figures, console: Console, cluster: dict[str, Any], team: str, runs: int) -> None:
    """A script of 200 lines that is valid but for nothing; the other side is the planner's own time."""
    body = "\nUNION ALL\n".join(f"SELECT id,\n  price * {number} AS total\nFROM orders WHERE id > {number}" for number in range(50))
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
