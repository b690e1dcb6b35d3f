# SPDX-License-Identifier: Apache-2.0
"""./sp bench pump [--quick] [--only NAME]: what the pump costs beside the databases' own client.

1.5 million rows of 18 mixed columns between two PostgreSQL servers of this bench and a MariaDB. PostgreSQL's own bulk client is psql: COPY in binary
into COPY in binary. CPU is user and system time of the client alone; two that are compared go by turns, and each run's content is compared by
a hash over all rows on both sides.

copied     rows that nothing looks into, between two PostgreSQL servers
decoded    the same rows with cast, filter, set, mask, route, and one of a thousand dirty
mariadb    from MariaDB to PostgreSQL
to_mariadb from PostgreSQL to MariaDB
upsert     by key, half of the rows are there; against COPY into a stage and MERGE, two of them side by side"""
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
from collections.abc import Callable
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
HASH = "SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM {table} AS t"
# The rest is for a database that has no hash of PostgreSQL's: MD5 of the same text, 60 bits of it, summed.
MARIADB_COLUMNS = """orderkey bigint, partkey int, suppkey int, linenumber int, `lines` int, quantity decimal(15,2), price decimal(15,2),
discount decimal(15,2), tax decimal(15,2), flag char(1), status char(1), shipped date, committed date, received date, instruct varchar(25),
mode varchar(10), comment varchar(60), changed datetime(6)"""
MARIADB_FILL = """INSERT INTO lineitem SELECT seq, seq % 200000, seq % 10000, seq % 7, seq % 1000, seq % 50, (seq * 7.13) % 100000, (seq % 11) / 100,
(seq % 9) / 100, 'N', 'O', date '1992-01-01' + interval seq % 2500 day, date '1992-01-01' + interval seq % 2400 day,
date '1992-01-01' + interval seq % 2300 day, 'DELIVER IN PERSON', 'TRUCK',
if(seq % 10 = 0, null, concat('quoted " and \\\\ \\t 中文 ', seq)), timestamp('2020-01-01') + interval seq second FROM seq_1_to_{rows}"""
TEXT = "concat_ws('|', orderkey, partkey, suppkey, linenumber, {lines}, quantity, price, discount, tax, flag, status, shipped, committed, received, " \
    "instruct, mode, coalesce(comment, '-'), {changed})"
POSTGRES_MD5 = "SELECT count(*), sum(('x' || left(md5(" + TEXT.format(lines="lines", changed="to_char(changed, 'YYYY-MM-DD HH24:MI:SS.US')") + \
    "), 15))::bit(60)::bigint::numeric) FROM lineitem"
MARIADB_MD5 = "SELECT concat(count(*), '|', sum(cast(conv(left(md5(" + TEXT.format(lines="`lines`", changed="changed") + \
    "), 15), 16, 10) AS unsigned))) FROM lineitem"
# The same by the pump and in the source's own words.
TRANSFORMS = """  transforms:
    - tables: public.lineitem
      cast: {partkey: BIGINT, tax: "DECIMAL(12, 4)", changed: DATE}
      filter: mode = 'TRUCK' AND orderkey % 50 <> 0
      set: {share: 1000000 / (orderkey % 1000 - 7), net: "round(price * (1 - discount), 2)"}
      mask: {comment: {hash: sha256, salt: pepper}, instruct: {keepFirst: 2, keepLast: 2}}
      rename: {net: amount}
      route: decoded
"""
DECODED_HASH = """SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM (SELECT orderkey, partkey::bigint, suppkey, linenumber, lines, quantity,
price, discount, tax::numeric(12,4), flag, status, shipped, committed, received, 'DE' || repeat('*', 13) || 'ON' AS instruct, mode,
encode(hmac(comment, 'pepper', 'sha256'), 'hex') AS comment, changed::date, 1000000 / (orderkey % 1000 - 7) AS share,
round(price * (1 - discount), 2) AS amount FROM lineitem WHERE mode = 'TRUCK' AND orderkey % 50 <> 0 AND orderkey % 1000 <> 7) AS t"""
OLD = """INSERT INTO keyed SELECT i * 2, 1, 1, 1, 1, 1, 1, 1, 1, 'X', 'X', date '1992-01-01', date '1992-01-01', date '1992-01-01', 'OLD', 'OLD', 'OLD',
timestamp '2000-01-01' FROM generate_series(1, {half}) AS i"""


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


class Mariadb:
    """A server on a unix socket in a folder of its own, as the system user that the package made."""

    def __init__(self, folder: Path) -> None:
        self._user = "nobody" if os.geteuid() == 0 else None
        self.folder = folder
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Mariadb:
        self.folder.mkdir(mode=0o755)
        if self._user:
            shutil.chown(self.folder, self._user)
        data = f"--datadir={self.folder}/data"
        subprocess.run(["mariadb-install-db", "--no-defaults", data, "--basedir=/usr", "--auth-root-authentication-method=normal", "--skip-test-db"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self._user, cwd="/")
        self._server = subprocess.Popen(
            ["/usr/sbin/mariadbd", "--no-defaults", data, f"--socket={self.folder}/socket", f"--pid-file={self.folder}/pid", "--skip-networking",
             "--innodb-buffer-pool-size=256M", "--innodb-flush-log-at-trx-commit=2", "--innodb-log-file-size=512M", "--character-set-server=utf8mb4"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self._user, cwd="/")
        deadline = time.monotonic() + 60
        while subprocess.run(self._client("SELECT 1"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
            if time.monotonic() > deadline or self._server.poll() is not None:
                raise RuntimeError("MariaDB did not start")
            time.sleep(0.2)
        self.do("CREATE DATABASE bench", database="mysql")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._server:
            self._server.terminate()
            self._server.wait()

    def _client(self, statement: str, database: str = "mysql") -> list[str]:
        return ["mariadb", "--no-defaults", "-N", "-B", "-u", "root", f"--socket={self.folder}/socket", "--default-character-set=utf8mb4", database,
                "-e", statement]

    def do(self, statement: str, database: str = "bench") -> str:
        return subprocess.run(self._client(statement, database), check=True, capture_output=True, text=True).stdout.strip()

    @property
    def url(self) -> str:
        return f"mariadb://root@{str(self.folder).replace('/', '%2F')}%2Fsocket/bench"


def by_psql(source: Postgres, target: Postgres) -> Cost:
    begun = time.perf_counter()
    reads = subprocess.Popen(source.psql("COPY lineitem TO STDOUT (FORMAT binary)"), stdout=subprocess.PIPE)
    writes = subprocess.Popen(target.psql("COPY lineitem FROM STDIN (FORMAT binary)"), stdin=reads.stdout)
    reads.stdout.close()
    return cost_of(reads, writes, begun=begun)


def by_merge(source: Postgres, target: Postgres, rows: int) -> Cost:
    """Two halves side by side, each a stage and a MERGE in one transaction."""
    columns = [column.split()[0] for column in COLUMNS.replace("\n", " ").replace("(15,2)", "").split(",")]
    listed = ", ".join(columns)
    begun = time.perf_counter()
    programs = []
    for least, most in ((0, rows // 2), (rows // 2, rows)):
        reads = subprocess.Popen(source.psql(f"COPY (SELECT * FROM lineitem WHERE orderkey > {least} AND orderkey <= {most}) TO STDOUT (FORMAT binary)"),
                                 stdout=subprocess.PIPE)
        programs += [reads, subprocess.Popen(
            [*target.psql("BEGIN"), "-c", "CREATE TEMPORARY TABLE stage (LIKE keyed) ON COMMIT DROP", "-c", "COPY stage FROM STDIN (FORMAT binary)",
             "-c", f"MERGE INTO keyed AS t USING stage AS s ON t.orderkey = s.orderkey WHEN MATCHED THEN UPDATE SET "
                   f"{', '.join(f'{name} = s.{name}' for name in columns[1:])} WHEN NOT MATCHED THEN INSERT ({listed}) VALUES "
                   f"({', '.join('s.' + name for name in columns)})", "-c", "COMMIT"], stdin=reads.stdout)]
        reads.stdout.close()
    return cost_of(*programs, begun=begun)


class Pump:
    """Runs job files in a folder; how many rows its last run kept as dirty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.dirty = 0

    def run(self, name: str, source: str, sink: str, more: str = "") -> Cost:
        kept = self._folder / f"{name}.jsonl"
        kept.unlink(missing_ok=True)
        job = self._folder / f"{name}.yaml"
        job.write_text(f"pump:\n  source: {{{source}}}\n  sink: {{{sink}}}\n  split: {{parallelism: 2, rows: 100000}}\n"
                       f"  dirty: {{keep: {kept}, stopAfter: 100000}}\n{more}", encoding="utf-8")
        begun = time.perf_counter()
        with open(self._folder / f"{name}.log", "wb") as log:
            program = subprocess.Popen([os.environ["STREAMPARK_BINARY"], "pump", str(job)], stderr=log, stdout=log,
                                       env={**os.environ, "XDG_STATE_HOME": str(self._folder / "state")})
        try:
            cost = cost_of(program, begun=begun)
        except RuntimeError as error:
            raise RuntimeError((self._folder / f"{name}.log").read_text(encoding="utf-8")[-2000:]) from error
        self.dirty = kept.read_bytes().count(b"\n") if kept.exists() else 0
        return cost


class Bench:
    """The servers with their tables, and how often each is measured."""

    def __init__(self, source: Postgres, target: Postgres, mariadb: Mariadb, pump: Pump, figures: Figures, quick: bool) -> None:
        self.rows, self.runs = (ROWS // 10, 1) if quick else (ROWS, 5)
        self.source, self.target, self.mariadb, self._pump, self._figures, self._quick = source, target, mariadb, pump, figures, quick
        self._from_postgres = f"connector: postgres, url: '{source.url}', tables: public.lineitem"
        self._to_postgres = f"connector: postgres, url: '{target.url}'"
        for one in (source, target):
            one.do(f"CREATE TABLE lineitem ({COLUMNS})")
        source.do("CREATE EXTENSION pgcrypto")
        source.do(FILL.format(rows=self.rows))
        source.do("VACUUM ANALYZE lineitem")
        mariadb.do(f"CREATE TABLE lineitem ({MARIADB_COLUMNS})")

    def _measure(self, sides: dict[str, Callable[[], Cost]], prepare: Callable[[], object], is_right: Callable[[], bool],
                 runs: int) -> dict[str, list[Cost]]:
        """By turns, after one that does not count."""
        taken: dict[str, list[Cost]] = {side: [] for side in sides}
        for run in range(runs + 1):
            for side, measure in sides.items():
                prepare()
                cost = measure()
                if not is_right():
                    raise RuntimeError(f"{side}: what arrived is not what was sent")
                if run > 0 or self._quick:
                    taken[side].append(cost)
            if self._quick:
                break
        return taken

    def _add(self, metric: str, unit: str, taken: dict[str, list[Cost]], field: str, **more: object) -> None:
        values = {side: [getattr(cost, field) for cost in costs] for side, costs in taken.items()}
        against = next((statistics.median(of) for side, of in values.items() if side != "pump"), None)
        self._figures.add(metric, statistics.median(values["pump"]), unit, against=against, worst=round(max(values["pump"]), 3), **more)

    def copied(self) -> None:
        expected = self.source.do(HASH.format(table="lineitem"))
        taken = self._measure(
            {"psql": lambda: by_psql(self.source, self.target), "pump": lambda: self._pump.run("copied", self._from_postgres, self._to_postgres)},
            lambda: self.target.do("TRUNCATE lineitem; CHECKPOINT"), lambda: self.target.do(HASH.format(table="lineitem")) == expected, self.runs)
        self._add("pg_pg_cpu_s", "s", taken, "cpu_s", rows=self.rows)
        self._add("pg_pg_wall_s", "s", taken, "wall_s")
        self._add("rss_mib", "MiB", taken, "rss_mib")

    def decoded(self) -> None:
        expected = self.source.do(DECODED_HASH)
        dirty = int(self.source.do("SELECT count(*) FROM lineitem WHERE orderkey % 50 <> 0 AND orderkey % 1000 = 7"))
        taken = self._measure(
            {"pump": lambda: self._pump.run("decoded", self._from_postgres, self._to_postgres + ", create: true", TRANSFORMS)},
            lambda: self.target.do("DROP TABLE IF EXISTS decoded; CHECKPOINT"),
            lambda: self.target.do(HASH.format(table="decoded")) == expected and self._pump.dirty == dirty, min(self.runs, 3))
        self._add("pg_pg_decoded_cpu_s", "s", taken, "cpu_s", dirty=dirty)
        self._add("pg_pg_decoded_wall_s", "s", taken, "wall_s")
        self._add("pg_pg_decoded_rss_mib", "MiB", taken, "rss_mib")

    def from_mariadb(self) -> None:
        self.mariadb.do("TRUNCATE lineitem")
        self.mariadb.do(MARIADB_FILL.format(rows=self.rows))
        expected = self.mariadb.do(MARIADB_MD5)
        source = f"connector: mariadb, url: '{self.mariadb.url}', tables: lineitem"
        taken = self._measure({"pump": lambda: self._pump.run("mariadb", source, self._to_postgres)},
                              lambda: self.target.do("TRUNCATE lineitem; CHECKPOINT"), lambda: self.target.do(POSTGRES_MD5) == expected,
                              min(self.runs, 3))
        self._add("mariadb_pg_cpu_s", "s", taken, "cpu_s")
        self._add("mariadb_pg_wall_s", "s", taken, "wall_s")

    def to_mariadb(self) -> None:
        expected = self.source.do(POSTGRES_MD5)
        sink = f"connector: mariadb, url: '{self.mariadb.url}'"
        taken = self._measure({"pump": lambda: self._pump.run("to_mariadb", self._from_postgres, sink)},
                              lambda: self.mariadb.do("TRUNCATE lineitem"), lambda: self.mariadb.do(MARIADB_MD5) == expected, min(self.runs, 3))
        self._add("pg_mariadb_cpu_s", "s", taken, "cpu_s")
        self._add("pg_mariadb_wall_s", "s", taken, "wall_s")

    def upsert(self) -> None:
        for one in (self.source, self.target):
            one.do(f"CREATE TABLE keyed ({COLUMNS}, PRIMARY KEY (orderkey))")
        self.source.do("INSERT INTO keyed SELECT * FROM lineitem")
        self.source.do("VACUUM ANALYZE keyed")
        expected = self.source.do(HASH.format(table="keyed"))

        def prepare() -> None:
            self.target.do("TRUNCATE keyed")
            self.target.do(OLD.format(half=self.rows // 2))
            self.target.do("VACUUM ANALYZE keyed")
            self.target.do("CHECKPOINT")

        source = self._from_postgres.replace("lineitem", "keyed")
        taken = self._measure(
            {"merge": lambda: by_merge(self.source, self.target, self.rows),
             "pump": lambda: self._pump.run("upsert", source, self._to_postgres + ", mode: upsert")},
            prepare, lambda: self.target.do(HASH.format(table="keyed")) == expected, min(self.runs, 3))
        self._add("pg_upsert_wall_s", "s", taken, "wall_s")
        self._add("pg_upsert_cpu_s", "s", taken, "cpu_s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, one run")
    parser.add_argument("--only", help="one of copied, decoded, mariadb, to_mariadb, upsert")
    arguments = parser.parse_args()
    figures = Figures("pump")
    with tempfile.TemporaryDirectory(prefix="streampark-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Postgres(folder / "source") as source, Postgres(folder / "target") as target, Mariadb(folder / "mariadb") as mariadb:
            bench = Bench(source, target, mariadb, Pump(folder), figures, arguments.quick)
            for metric, measure in {"copied": bench.copied, "decoded": bench.decoded, "mariadb": bench.from_mariadb, "to_mariadb": bench.to_mariadb,
                                    "upsert": bench.upsert}.items():
                if arguments.only in (None, metric):
                    measure()
    figures.table()


if __name__ == "__main__":
    main()
