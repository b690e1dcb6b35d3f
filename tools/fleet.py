#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Suspends or resumes everything that a console manages; the token is in STREAMPARK_TOKEN.

    fleet.py suspend --url URL [--force]   waits until all is stopped; exit code 1 when something could not be
    fleet.py resume --url URL              returns when the console has accepted it
"""
from __future__ import annotations

import argparse
import os
import sys
import time

from console_client import ConsoleClient, Problem

SUSPEND_LIMIT_SECONDS = 900


def suspend(client: ConsoleClient, *, force: bool) -> int:
    operation = client.post("fleet/operations", {"kind": "SUSPEND", "force": force})
    shown: dict[str, str] = {}
    deadline = time.monotonic() + SUSPEND_LIMIT_SECONDS
    while True:
        for item in operation["items"]:
            line = f"  {item['kind'].lower()} {item['name']}: {item['state'].lower()} {item['message']}".rstrip()
            if item["state"] not in ("PENDING", "RUNNING") and shown.get(item["id"]) != line:
                shown[item["id"]] = line
                print(line, flush=True)
        if operation["state"] not in ("PENDING", "RUNNING"):
            break
        if time.monotonic() > deadline:
            print("not all is suspended after a quarter of an hour", file=sys.stderr)
            return 1
        time.sleep(0.3)
        operation = client.get(f"fleet/operations/{operation['id']}")
    if operation["state"] == "SUCCEEDED":
        return 0
    if operation["error"]:
        print(f"{operation['error']['detail']} {operation['error'].get('hint', '')}".rstrip(), file=sys.stderr)
    return 1


def resume(client: ConsoleClient) -> None:
    """A suspension that an interrupted stop left behind is waited for."""
    deadline = time.monotonic() + SUSPEND_LIMIT_SECONDS
    while True:
        try:
            client.post("fleet/operations", {"kind": "RESUME"})
            return
        except Problem as problem:
            if problem.code != "OPERATION_IN_FLIGHT" or time.monotonic() > deadline:
                raise
        time.sleep(0.3)


def main() -> int:
    parser = argparse.ArgumentParser(description="Suspends or resumes everything that a console manages.")
    parser.add_argument("kind", choices=("suspend", "resume"))
    parser.add_argument("--url", required=True)
    parser.add_argument("--force", action="store_true", help="go on although a job cannot be suspended")
    arguments = parser.parse_args()
    client = ConsoleClient(arguments.url, os.environ["STREAMPARK_TOKEN"])
    try:
        if arguments.kind == "suspend":
            return suspend(client, force=arguments.force)
        resume(client)
        return 0
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
