# SPDX-License-Identifier: Apache-2.0
"""Pumps as jobs of the console, between files of SQLite."""
from __future__ import annotations

import contextlib
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.console import Console
from support.machine import Machine, running_machine
from support.waiting import wait_for

ROWS = 3_000_000


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_machine(tmp_path_factory.mktemp("pumps")) as made:
        yield made


class Shop:
    """A source with a table of so many orders, and an empty target."""

    def __init__(self, folder: Path, rows: int) -> None:
        self.source, self.target = folder / "shop.db", folder / "warehouse.db"
        self.execute(self.source, "CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT, amount INTEGER)")
        self.execute(self.source, f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) "
                              "INSERT INTO orders SELECT i, 'item ' || i, i % 100 FROM n")
        self.execute(self.target, "PRAGMA journal_mode = WAL")  # readers do not get in the way
        self.execute(self.target, "CREATE TABLE orders (id INTEGER, item TEXT, amount INTEGER)")

    @staticmethod
    def execute(file: Path, statement: str) -> list[Any]:
        with contextlib.closing(sqlite3.connect(file, timeout=60)) as database, database:
            return database.execute(statement).fetchall()

    def moved(self) -> int:
        return self.execute(self.target, "SELECT count(*) FROM orders")[0][0]

    def distinct(self) -> int:
        return self.execute(self.target, "SELECT count(DISTINCT id) FROM orders")[0][0]

    def section(self, more: str = "") -> str:
        return (f"source: {{connector: sqlite, url: 'sqlite:{self.source}', tables: orders}}\n"
                f"sink: {{connector: sqlite, url: 'sqlite:{self.target}'}}\nsplit: {{rows: 20000}}\n{more}")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path, 5_000)


def create(machine: Machine, section: str) -> dict[str, Any]:
    return machine.rest.post("jobs", {"name": f"pump-{uuid.uuid4().hex[:8]}", "teamId": machine.team["id"],
                                      "spec": {"engine": "NATIVE", "type": "PUMP", "pump": section,
                                               "target": {"clusterId": machine.cluster["id"]}}}, expect=201)


def test_it_moves_a_table_and_is_finished(machine: Machine, shop: Shop) -> None:
    job = create(machine, shop.section("transforms: [{tables: orders, filter: amount > 49}]\n"))
    machine.operate(job, "START")
    machine.console.await_badge(job["id"], "FINISHED")
    assert shop.moved() == 2_500
    shown = machine.rest.get(f"jobs/{job['id']}")
    assert (shown["type"], shown["spec"]["stateless"]) == ("PUMP", True)
    assert "sqlite" in str(machine.rest.get(f"jobs/{job['id']}/graph"))


def test_a_target_is_made_that_keeps_what_comes(machine: Machine, tmp_path: Path) -> None:
    shop = Shop(tmp_path, 10)
    # What SQLite keeps in such a column is a double: a target that is made so would not take decimals.
    shop.execute(shop.source, "CREATE TABLE prices (id INTEGER PRIMARY KEY, price DECIMAL(10, 2))")
    shop.execute(shop.source, "INSERT INTO prices VALUES (1, 1.5), (2, 99.25)")
    job = create(machine, shop.section().replace("tables: orders", "tables: prices").replace("warehouse.db'", "warehouse.db', create: true"))
    machine.operate(job, "START")
    machine.console.await_badge(job["id"], "FINISHED")
    assert shop.execute(shop.target, "SELECT price FROM prices ORDER BY id") == [("1.50",), ("99.25",)]


def test_a_stop_and_a_start_go_on_where_it_was(machine: Machine, tmp_path: Path) -> None:
    shop = Shop(tmp_path, ROWS)
    job = create(machine, shop.section())
    machine.operate(job, "START")
    wait_for("the first parts", lambda: shop.moved() > 0)
    machine.operate(job, "STOP", savepoint="NO")
    assert 0 < shop.moved() < ROWS
    machine.operate(job, "START")
    machine.console.await_badge(job["id"], "FINISHED")
    assert (shop.moved(), shop.distinct()) == (ROWS, ROWS)


@pytest.mark.parametrize("change, said", [
    (("connector: sqlite, url", "connector: sqlight, url"), "sqlight"),
    (("split:", "spilt:"), "spilt"),
    (("split: {rows: 20000}", "transforms: [{tables: orders, filter: amount >}]"), "character"),
])
def test_what_is_wrong_is_said_at_the_release(machine: Machine, shop: Shop, change: tuple[str, str], said: str) -> None:
    job = create(machine, shop.section().replace(*change))
    failed = machine.operate(job, "START", expect="FAILED")
    assert failed["error"]["code"] == "JOB_FILE_INVALID", failed
    assert said in str(failed["error"]), failed
    assert str(machine.console.data) not in str(failed["error"])
    assert shop.moved() == 0


def test_its_own_members_are_its_own(machine: Machine, shop: Shop) -> None:
    spec = {"engine": "NATIVE", "type": "PUMP", "target": {"clusterId": machine.cluster["id"]}}
    refused = machine.rest.post("jobs", {"name": "p", "teamId": machine.team["id"], "spec": {**spec, "config": "a: 1", "pump": shop.section()}},
                                expect=422)
    assert refused["fields"][0]["pointer"] == "/spec/config"
