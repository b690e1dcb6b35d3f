# SPDX-License-Identifier: Apache-2.0
"""A job that counts rows by key, and the proof that it lost none and counted none twice."""
from __future__ import annotations

from pathlib import Path

from support.flink import committed_rows

ROWS_A_SECOND = 200

# Rows are committed by checkpoints, and committed rows are what tests wait for.
OFTEN = {"execution.checkpointing.interval": "500ms"}
ROLLING = "'sink.rolling-policy.rollover-interval' = '500ms', 'sink.rolling-policy.check-interval' = '200ms'"

# Numbers each row of its key. Only a state that was restored exactly leaves no gap and no double.
COUNT = """
    SELECT id, MOD(id, 3), COUNT(*) OVER (PARTITION BY MOD(id, 3) ORDER BY seen_at
                                          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    FROM ticks;
    """


def counting_source() -> str:
    return f"""
        CREATE TABLE ticks (id BIGINT, seen_at AS PROCTIME()) WITH (
          'connector' = 'datagen', 'rows-per-second' = '{ROWS_A_SECOND}',
          'fields.id.kind' = 'sequence', 'fields.id.start' = '0', 'fields.id.end' = '100000');
        """


def counting_sql(results: Path) -> str:
    return counting_source() + f"""
        CREATE TABLE counted (id BIGINT, k BIGINT, n BIGINT) WITH (
          'connector' = 'filesystem', 'format' = 'json', 'path' = '{results.as_uri()}',
          {ROLLING});
        INSERT INTO counted {COUNT}"""


def unseen_counting_sql() -> str:
    """The same with nothing outside that would have to go back with it to an older state, as files cannot."""
    return counting_source() + f"""
        CREATE TABLE counted (id BIGINT, k BIGINT, n BIGINT) WITH ('connector' = 'blackhole');
        INSERT INTO counted {COUNT}"""


def numbers_by_key(results: Path) -> dict[int, list[int]]:
    numbers: dict[int, list[int]] = {}
    for row in committed_rows(results):
        numbers.setdefault(row["k"], []).append(row["n"])
    return {key: sorted(found) for key, found in numbers.items()}


def total(results: Path) -> int:
    return sum(map(len, numbers_by_key(results).values()))


def assert_exact(results: Path) -> None:
    for key, numbers in numbers_by_key(results).items():
        assert numbers == list(range(1, len(numbers) + 1)), f"key {key}: gaps or doubles"
    ids = sorted(row["id"] for row in committed_rows(results))
    assert ids == list(range(len(ids)))
