# SPDX-License-Identifier: Apache-2.0
"""./sp bench pump [--quick]: what the pump costs beside the databases' own client.

1.5 million rows of 18 mixed columns between two PostgreSQL servers of this bench, whose own bulk client is psql: COPY in binary into COPY in
binary. CPU is user and system time of the client alone; the two go by turns, and each run's content is compared."""
from __future__ import annotations

import argparse
import os
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from figures import Figures  # noqa: E402

ROWS = 1_500_000
COLUMNS = """orderkey bigint, partkey int, suppkey int, linenumber int, lines int, quantity numeric(15,2), price numeric(15,2),
discount numeric(15,2), tax numeric(15,2), flag char(1), status char(1), shipped date, committed date, received date, instruct varchar(25),
mode varchar(10), comment varchar(60), changed timestamp"""
FILL = """INSERT INTO lineitem SELECT i, i % 200000, i % 10000, i % 7, i % 1000, i % 50, (i * 7.13) % 100000, (i % 11) / 100.0, (i % 9) / 100.0,
'N', 'O', date '1992-01-01' + (i % 2500), date '1992-01-01' + (i % 2400), date '1992-01-01' + (i % 2300), 'DELIVER IN PERSON', 'TRUCK',
CASE WHEN i % 10 = 0 THEN NULL ELSE E'quoted " and \\\\ \\t 中文 ' || i END, timestamp '2020-01-01' + i * interval '1 second'
FROM generate_series(1, {rows}) AS i"""
HASH = "SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM lineitem AS t"


class Postgres:
    """A server on a unix socket in a folder of its own, as the system user that the package made."""

    def __init__(self, folder: Path) -> None:
        self._programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self._user = "postgres" if os.geteuid() == 0 else None
        self.folder = folder

    def __enter__(self) -> Postgres:
        self.folder.mkdir(mode=0o755)
        if self._user:
            shutil.chown(self.folder, self._user)
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust")
        options = f"-k {self.folder} -c listen_addresses= -c max_wal_size=4GB -c shared_buffers=256MB"
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([str(self._programs / program), *arguments], check=True, stdout=subprocess.DEVNULL, user=self._user, cwd="/")

    def psql(self, statement: str) -> list[str]:
        return ["psql", "-XqAt", "-h", str(self.folder), "-U", "postgres", "-c", statement]

    def do(self, statement: str) -> str:
        return subprocess.run(self.psql(statement), check=True, capture_output=True, text=True).stdout.strip()

    @property
    def url(self) -> str:
        return f"postgres://postgres@{str(self.folder).replace('/', '%2F')}/postgres"


class Cost(NamedTuple):
    cpu_s: float
    wall_s: float
    rss_mib: float


def cost_of(*programs: subprocess.Popen[bytes], begun: float) -> Cost:
    """Of all of them together, once they have ended."""
    cpu, rss = 0.0, 0.0
    for program in programs:
        _, status, used = os.wait4(program.pid, 0)
        if status != 0:
            raise RuntimeError(f"{program.args} ended with {status}")
        cpu += used.ru_utime + used.ru_stime
        rss += used.ru_maxrss / 1024
    return Cost(cpu, time.perf_counter() - begun, rss)


def by_psql(source: Postgres, target: Postgres) -> Cost:
    begun = time.perf_counter()
    reads = subprocess.Popen(source.psql("COPY lineitem TO STDOUT (FORMAT binary)"), stdout=subprocess.PIPE)
    writes = subprocess.Popen(target.psql("COPY lineitem FROM STDIN (FORMAT binary)"), stdin=reads.stdout)
    reads.stdout.close()
    return cost_of(reads, writes, begun=begun)


def by_pump(source: Postgres, target: Postgres, folder: Path) -> Cost:
    job = folder / "lineitem.yaml"
    job.write_text(f"pump:\n  source: {{connector: postgres, url: '{source.url}', tables: public.lineitem}}\n"
                   f"  sink: {{connector: postgres, url: '{target.url}'}}\n  split: {{parallelism: 2, rows: 100000}}\n", encoding="utf-8")
    begun = time.perf_counter()
    program = subprocess.Popen([os.environ["STREAMPARK_BINARY"], "pump", str(job)], stderr=subprocess.DEVNULL,
                               env={**os.environ, "XDG_STATE_HOME": str(folder / "state")})
    return cost_of(program, begun=begun)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, one run")
    quick = parser.parse_args().quick
    rows, runs = (ROWS // 10, 1) if quick else (ROWS, 5)
    figures = Figures("pump")
    taken: dict[str, list[Cost]] = {"psql": [], "pump": []}
    with tempfile.TemporaryDirectory(prefix="streampark-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Postgres(folder / "source") as source, Postgres(folder / "target") as target:
            source.do(f"CREATE TABLE lineitem ({COLUMNS})")
            target.do(f"CREATE TABLE lineitem ({COLUMNS})")
            source.do(FILL.format(rows=rows))
            source.do("VACUUM ANALYZE lineitem")
            expected = source.do(HASH)
            for run in range(runs + 1):
                for side, costs in taken.items():
                    target.do("TRUNCATE lineitem")
                    target.do("CHECKPOINT")
                    cost = by_psql(source, target) if side == "psql" else by_pump(source, target, folder)
                    if target.do(HASH) != expected:
                        raise RuntimeError(f"{side}: what arrived is not what was sent")
                    if run > 0 or quick:
                        costs.append(cost)
    middle = {side: Cost(*(statistics.median(values) for values in zip(*costs))) for side, costs in taken.items()}
    pump, psql = middle["pump"], middle["psql"]
    figures.add("pg_pg_cpu_s", pump.cpu_s, "s", against=psql.cpu_s, rows=rows, worst=round(max(one.cpu_s for one in taken["pump"]), 3))
    figures.add("pg_pg_wall_s", pump.wall_s, "s", against=psql.wall_s, worst=round(max(one.wall_s for one in taken["pump"]), 3))
    figures.add("rss_mib", pump.rss_mib, "MiB", against=psql.rss_mib, worst=round(max(one.rss_mib for one in taken["pump"]), 1))
    figures.table()


if __name__ == "__main__":
    main()
