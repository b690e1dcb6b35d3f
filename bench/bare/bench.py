# SPDX-License-Identifier: Apache-2.0
"""./sp bench bare: from a bare Debian 12 to the demo's running jobs; again while it runs, and after ./sp stop.

Downloads everything, so it depends on the network too. Needs root."""
from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bare_machine import BareMachine  # noqa: E402
from figures import Figures  # noqa: E402
from support.console import free_port  # noqa: E402
from support.rest import RestClient  # noqa: E402
from support.waiting import wait_for  # noqa: E402

DATA = "/var/lib/streampark"
DEMO_JOBS = 2


def seconds(action: Callable[[], object]) -> float:
    begin = time.monotonic()
    action()
    return time.monotonic() - begin


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="the same: nothing here can be left out")
    parser.parse_args()
    figures = Figures("bare")
    port = free_port()
    with BareMachine() as machine:
        def sp(*arguments: str) -> None:
            machine.run("./sp", *arguments, stdout=sys.stderr)

        def await_demo() -> None:
            token = machine.run("build/release/streampark", "admin", "token", "--data", DATA, capture_output=True).stdout
            rest = RestClient(port, token.strip())
            wait_for("the demo's jobs run", lambda: [job["badge"] for job in rest.get("jobs")["items"]].count("RUNNING")
                     == DEMO_JOBS, seconds=600)

        run = ("run", "--detach", "--port", str(port))
        begin = time.monotonic()
        sp(*run)
        figures.add("first_run_ready_s", time.monotonic() - begin, "s")
        await_demo()
        figures.add("first_run_demo_s", time.monotonic() - begin, "s")
        figures.add("run_again_s", seconds(lambda: sp(*run)), "s")
        figures.add("stop_s", seconds(lambda: sp("stop")), "s")
        begin = time.monotonic()
        sp(*run)
        figures.add("after_stop_ready_s", time.monotonic() - begin, "s")
        await_demo()
        figures.add("after_stop_demo_s", time.monotonic() - begin, "s")
        sp("stop")
    figures.table()


if __name__ == "__main__":
    main()
