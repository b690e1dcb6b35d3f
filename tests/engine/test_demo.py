# SPDX-License-Identifier: Apache-2.0
"""The demo's two jobs on real flights: what they sum up is what the data says, also after a failure."""
from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.console import ROOT, binary
from support.flink import committed_rows
from support.waiting import wait_for

JOBS = ("carrier-delays", "weather-delays")
ENOUGH_WINDOWS = 150


def rows_of(folder: Path) -> Iterator[dict]:
    for file in folder.glob("*.json"):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def hour_of(event: dict) -> str:
    return event["departed_at"][:13] + ":00:00"


def three_hours_of(event: dict) -> str:
    hour = int(event["departed_at"][11:13])
    return f"{event['departed_at'][:11]}{hour - hour % 3:02d}:00:00"


def flights_by_carrier(inputs: Path) -> Counter:
    return Counter((hour_of(f), f["carrier"]) for f in rows_of(inputs / "carrier-delays/flights"))


def flights_in_weather(inputs: Path) -> Counter:
    observed = {(w["origin"], w["observed_at"]) for w in rows_of(inputs / "weather-delays/weather")}
    return Counter((three_hours_of(f), f["origin"]) for f in rows_of(inputs / "weather-delays/flights")
                   if (f["origin"], hour_of(f)) in observed)


def written(results: Path, key: str) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for row in committed_rows(results):
        window = (row["window_start"], row[key])
        assert window not in found, f"{window} was written twice"
        found[window] = row["flights"]
    return found


def assert_right(found: dict[tuple[str, str], int], truth: Counter) -> None:
    """Every window up to the newest is there and right; the newest one's rows may be on their way."""
    newest = max(window for window, _ in found)
    wrong = {key: (count, truth[key]) for key, count in found.items() if truth[key] != count}
    missing = [key for key in truth if key[0] < newest and key not in found]
    assert not wrong and not missing, f"wrong: {wrong}, missing: {missing}"


@pytest.fixture
def replayer(site, tmp_path: Path) -> Iterator[Path]:
    """The folder of inputs, into which a replayer releases a file a second."""
    inputs = tmp_path / "demo"
    for folder in ("airlines", *(f"{job}/flights" for job in JOBS), "weather-delays/weather"):
        (inputs / folder).mkdir(parents=True)
    process = subprocess.Popen([
        str(binary().parent / "flights_replayer"), "--source", os.environ["STREAMPARK_FLIGHTS"],
        "--into", str(inputs), "--speed", "6000", "--every", "1"], stdin=subprocess.DEVNULL)
    yield inputs
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0


def job_files(site, inputs: Path) -> str:
    results = site.results(f"demo-{inputs.parent.name}")
    texts = [(ROOT / "examples/flights" / f"{job}.yaml").read_text(encoding="utf-8") for job in JOBS]
    text = "\n---\n".join(texts)
    for old, new in (("@INPUTS@", inputs.as_uri()), ("@RESULTS@", results.as_uri()), ("team: demo", "team: engine-tests"),
                     ("monitor-interval' = '2s", "monitor-interval' = '300ms"), ("interval: 10s", "interval: 1s")):
        text = text.replace(old, new)
    return text


def test_windows_hold_what_the_data_says_also_after_a_failure(site, replayer: Path) -> None:
    applied = site.rest.post("apply", job_files(site, replayer), content_type="application/yaml")["items"]
    assert [item["action"] for item in applied] == ["CREATE", "CREATE"]
    jobs = {item["name"]: item["jobId"] for item in applied}
    for job in jobs.values():
        site.console.await_badge(job, "RUNNING")
    results = site.results(f"demo-{replayer.parent.name}")
    carriers, weather = (results / job for job in JOBS)
    wait_for("windows", lambda: len(written(carriers, "carrier")) > ENOUGH_WINDOWS, seconds=120)

    cluster = site.rest.get(f"clusters/{site.cluster['id']}")
    worker = next(p for p in cluster["processes"] if p["role"] == "TASK_MANAGER")
    os.kill(worker["pid"], signal.SIGKILL)

    seen = len(written(carriers, "carrier"))
    wait_for("windows after the failure", lambda: len(written(carriers, "carrier")) > seen + ENOUGH_WINDOWS,
             seconds=180)
    for job in jobs.values():
        operation = site.rest.command(f"jobs/{job}/operations", "STOP", savepoint="YES")
        site.console.await_operation(operation)
    assert_right(written(carriers, "carrier"), flights_by_carrier(replayer))
    assert_right(written(weather, "origin"), flights_in_weather(replayer))
