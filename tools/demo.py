#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the demo of examples/flights on a console that runs: Flink, a cluster, a team and two jobs.

    demo.py --url URL --flink VERSION --jobs DIR --inputs DIR --results DIR     the token is in STREAMPARK_TOKEN

Every step looks first at what is there, so an interrupted run can be repeated.
"""
from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from console_client import ConsoleClient, Problem

CLUSTER = "local"
TEAM = "demo"
JOBS = ("carrier-delays", "weather-delays")
FETCH_LIMIT_SECONDS = 900
START_LIMIT_SECONDS = 180


def say(text: str) -> None:
    print(f"  demo: {text}", flush=True)


def wait_for(what: str, seconds: float, look: Callable[[], Any]) -> Any:
    """What `look` answers, once it answers something."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Problem(0, "TIMEOUT", f"{what} took more than {seconds:.0f} s")
        time.sleep(0.3)


def ready_installation(client: ConsoleClient, version: str) -> str:
    """The id of the installation of that version, fetched if need be."""
    known = [i for i in client.get("installations")["items"] if i["version"] == version and i["state"] == "READY"]
    if known:
        return known[0]["id"]
    say(f"fetching Flink {version}")
    made = client.post("installations", {"engine": "FLINK", "version": version})

    def look() -> bool:
        now = client.get(f"installations/{made['id']}")
        if now["state"] in ("FAILED", "BROKEN"):
            raise Problem(0, "FETCH_FAILED", now["message"])
        return now["state"] == "READY"

    wait_for(f"fetching Flink {version}", FETCH_LIMIT_SECONDS, look)
    return made["id"]


def ensure_team(client: ConsoleClient) -> None:
    if all(team["name"] != TEAM for team in client.get("teams")["items"]):
        client.post("teams", {"name": TEAM, "description": "The flights of 2013; examples/flights"})


def find_cluster(client: ConsoleClient) -> dict | None:
    return next((c for c in client.get("clusters")["items"] if c["spec"]["name"] == CLUSTER), None)


def running_cluster(client: ConsoleClient, installation: str) -> None:
    cluster = find_cluster(client) or client.post("clusters", {
        "name": CLUSTER, "engine": "FLINK", "kind": "STANDALONE", "installationId": installation,
        "description": "A session cluster on this machine", "jobManagerMemory": "900m",
        "taskManagerMemory": "1400m", "taskManagers": 1, "slotsPerTaskManager": 4})
    if cluster["state"] in ("STOPPED", "FAILED") and not cluster["operation"]:
        say(f"starting cluster {CLUSTER}")
        client.post(f"clusters/{cluster['id']}/operations", {"kind": "START"})

    def look() -> bool:
        now = client.get(f"clusters/{cluster['id']}")
        if now["state"] == "FAILED":
            raise Problem(0, "CLUSTER_FAILED", now["message"])
        return now["state"] == "RUNNING" and now["slotsTotal"] > 0

    wait_for(f"starting cluster {CLUSTER}", START_LIMIT_SECONDS, look)


def job_file(template: Path, inputs: Path, results: Path) -> str:
    text = template.read_text(encoding="utf-8")
    return text.replace("@INPUTS@", inputs.as_uri()).replace("@RESULTS@", results.as_uri())


def make_folders(inputs: Path, results: Path) -> None:
    """Flink refuses to watch a folder that is not there yet."""
    for folder in ("airlines", "carrier-delays/flights", "weather-delays/flights", "weather-delays/weather"):
        (inputs / folder).mkdir(parents=True, exist_ok=True)
    results.mkdir(parents=True, exist_ok=True)


def make(client: ConsoleClient, arguments: argparse.Namespace) -> None:
    inputs, results = Path(arguments.inputs).absolute(), Path(arguments.results).absolute()
    make_folders(inputs, results)
    ensure_team(client)
    running_cluster(client, ready_installation(client, arguments.flink))
    for name in JOBS:
        say(f"applying job {name}")
        client.post_yaml("apply", job_file(Path(arguments.jobs) / f"{name}.yaml", inputs, results))


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes the demo on a console that runs.")
    for name in ("url", "flink", "jobs", "inputs", "results"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    try:
        make(ConsoleClient(arguments.url, os.environ["STREAMPARK_TOKEN"]), arguments)
        return 0
    except Problem as problem:
        print(f"  demo: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
