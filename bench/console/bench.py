# SPDX-License-Identifier: Apache-2.0
"""./sp bench console [--quick]: start, memory and load of the console; what a person sees in a browser."""
from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import page_figures  # noqa: E402
import server_figures  # noqa: E402
from figures import Figures, rss_mib  # noqa: E402
from support.console import Console  # noqa: E402
from support.flink import flink_homes  # noqa: E402


def helpers_mib(console: Console) -> float:
    """Resident memory of the console's SQL agents."""
    tasks = Path(f"/proc/{console.pid}/task").iterdir()
    children = {int(pid) for task in tasks for pid in (task / "children").read_text().split()}
    return sum(rss_mib(pid) for pid in children if b"streampark-flink-agent" in Path(f"/proc/{pid}/cmdline").read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer runs and shorter loads")
    quick = parser.parse_args().quick
    runs, seconds = (3, 5) if quick else (10, 20)
    web = ("--web-root", os.environ["STREAMPARK_WEB_ROOT"])
    figures = Figures("console")
    with tempfile.TemporaryDirectory(prefix="streampark-bench-") as folder:
        with Console(Path(folder) / "thousand", arguments=web) as console:
            server_figures.seed(console, 1000)
            server_figures.start_to_first_list(figures, console)
            server_figures.memory(figures, console, idle_seconds=5 if quick else 60)
            server_figures.list_under_load(figures, console, seconds)
        with Console(Path(folder) / "ten-thousand", arguments=web) as console:
            server_figures.seed(console, 10_000)
            with page_figures.Page(console) as page:
                page_figures.first_load(figures, page, runs)
                page_figures.long_tasks(figures, console, page, seconds)
        with Console(Path(folder) / "flink", arguments=web) as console:
            home = flink_homes()[0].path
            cluster = console.start_cluster(console.register_installation(home))
            team = console.rest.get("teams")["items"][0]["id"]
            page_figures.validation(figures, console, cluster, team, runs)
            with page_figures.Page(console) as page:
                page_figures.start_and_event(figures, console, page, cluster, team, home, runs)
            figures.add("helpers_rss_mib", helpers_mib(console), "MiB")
    figures.table()


if __name__ == "__main__":
    main()
