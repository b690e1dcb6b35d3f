# SPDX-License-Identifier: Apache-2.0
"""Parquet files as pyarrow writes them, and what it reads of ours.

    pyarrow_files.py write FOLDER    NAME.parquet, and NAME.expected: the columns as StreamPark declares them, then a row a line
    pyarrow_files.py read FILE...    the types of the columns, then a row a line

Rows are written as streampark::connectors::DebugText writes them.
"""
from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

UTC = dt.timezone.utc
FIRST = dt.datetime(2026, 1, 31, 9, 5, 0)
LATER = dt.datetime(1931, 12, 1, 23, 59, 59, 250_000)


def text(value: object, type_: pa.DataType) -> str:
    if value is None:
        return "NULL"
    if pa.types.is_boolean(type_):
        return "true" if value else "false"
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return "'" + str(value).replace("'", "''") + "'"
    if pa.types.is_binary(type_) or pa.types.is_fixed_size_binary(type_):
        return "x'" + bytes(value).hex() + "'"
    if pa.types.is_timestamp(type_):
        out = value.strftime("%Y-%m-%d %H:%M:%S") + fraction(value.microsecond)
        return out + ("Z" if type_.tz else "")
    if pa.types.is_time(type_):
        return value.strftime("%H:%M:%S") + fraction(value.microsecond)
    if pa.types.is_decimal(type_):
        return f"{value:f}"
    if pa.types.is_floating(type_):
        return repr(float(value)).removesuffix(".0")
    if pa.types.is_map(type_):
        return "{" + ", ".join(text(k, type_.key_type) + ": " + text(v, type_.item_type) for k, v in value) + "}"
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return "[" + ", ".join(text(one, type_.value_type) for one in value) + "]"
    if pa.types.is_struct(type_):
        return "(" + ", ".join(text(value[field.name], field.type) for field in type_) + ")"
    return str(value)


def fraction(micros: int) -> str:
    return ("." + f"{micros:06d}".rstrip("0")) if micros else ""


def rows(table: pa.Table) -> list[str]:
    columns = [[text(value, column.type) for value in column.to_pylist()] for column in table.columns]
    return ["+I(" + ", ".join(row) + ")" for row in zip(*columns)]


#: Column: our type, pyarrow's, values, and how they are read where that is not how pyarrow shows them.
COLUMNS = {
    "bool": ("BOOLEAN", pa.bool_(), [True, None, False], None),
    "int8": ("TINYINT", pa.int8(), [-128, None, 127], None),
    "int16": ("SMALLINT", pa.int16(), [-32768, None, 32767], None),
    "int32": ("INT", pa.int32(), [-(2**31), None, 2**31 - 1], None),
    "int64": ("BIGINT", pa.int64(), [-(2**63), None, 2**63 - 1], None),
    "uint8": ("SMALLINT", pa.uint8(), [0, None, 255], None),
    "uint16": ("INT", pa.uint16(), [0, None, 65535], None),
    "uint32": ("BIGINT", pa.uint32(), [0, None, 2**32 - 1], None),
    "uint64": ("DECIMAL(20, 0)", pa.uint64(), [0, None, 2**64 - 1], None),
    "narrowed": ("TINYINT", pa.int64(), [-1, None, 1], None),
    "float16": ("FLOAT", pa.float16(), [0.5, None, -2.25], None),
    "float32": ("FLOAT", pa.float32(), [0.5, None, -2.25], None),
    "widened": ("DOUBLE", pa.float32(), [0.5, None, -2.25], None),
    "float64": ("DOUBLE", pa.float64(), [0.1, None, -2.25], None),
    "string": ("STRING", pa.string(), ["é漢", None, "it's"], None),
    "large_string": ("STRING", pa.large_string(), ["é漢", None, ""], None),
    "dictionary": ("STRING", pa.dictionary(pa.int32(), pa.string()), ["a", None, "a"], ["'a'", "NULL", "'a'"]),
    "binary": ("BYTES", pa.binary(), [b"\x00\xff", None, b""], None),
    "fixed": ("BYTES", pa.binary(3), [b"abc", None, b"\x00\x01\x02"], None),
    "date32": ("DATE", pa.date32(), [FIRST.date(), None, LATER.date()], None),
    "date64": ("DATE", pa.date64(), [FIRST.date(), None, LATER.date()], None),
    "time_s": ("TIME", pa.time32("s"), [FIRST.time(), None, dt.time(23, 59, 59)], None),
    "time_ms": ("TIME", pa.time32("ms"), [FIRST.time(), None, LATER.time()], None),
    "time_us": ("TIME", pa.time64("us"), [FIRST.time(), None, dt.time(1, 2, 3, 456_789)], None),
    "time_ns": ("TIME", pa.time64("ns"), [FIRST.time(), None, dt.time(1, 2, 3, 456_789)], None),
    "decimal_4": ("DECIMAL(4, 2)", pa.decimal128(4, 2), [Decimal("-99.99"), None, Decimal("0.01")], None),
    "decimal_18": ("DECIMAL(18, 6)", pa.decimal128(18, 6), [Decimal("-1.000001"), None, Decimal("12.000000")], None),
    "decimal_38": ("DECIMAL(38, 0)", pa.decimal128(38, 0), [Decimal(10**38 - 1), None, Decimal(-(10**38) + 1)], None),
    "decimal_76": ("DECIMAL(38, 2)", pa.decimal256(76, 2), [Decimal("123456789012345678901234567890.12"), None, Decimal("-0.01")], None),
    "rescaled": ("DECIMAL(10, 4)", pa.decimal128(6, 2), [Decimal("1.50"), None, Decimal("-2.25")], ["1.5000", "NULL", "-2.2500"]),
    "nothing": ("STRING", pa.null(), [None, None, None], None),
    "list": ("ARRAY<INT>", pa.list_(pa.int32()), [[1, None], None, []], None),
    "large_list": ("ARRAY<STRING>", pa.large_list(pa.string()), [["a", None], None, []], None),
    "fixed_list": ("ARRAY<INT>", pa.list_(pa.int32(), 2), [[1, 2], None, [3, 4]], None),
    "map": ("MAP<STRING, BIGINT>", pa.map_(pa.string(), pa.int64()), [[("a", 1), ("b", None)], None, []], None),
    "struct": ("ROW<x INT, y ARRAY<ROW<z STRING>>>",
               pa.struct([("x", pa.int32()), ("y", pa.list_(pa.struct([("z", pa.string())])))]),
               [{"x": 1, "y": [{"z": "a"}, None]}, None, {"x": None, "y": None}], None),
}  # fmt: skip
for unit in ("s", "ms", "us", "ns"):
    values = [FIRST, None, LATER if unit != "s" else LATER.replace(microsecond=0)]
    COLUMNS[f"timestamp_{unit}"] = ("TIMESTAMP", pa.timestamp(unit), values, None)
    zoned = [value and value.replace(tzinfo=UTC) for value in values]
    COLUMNS[f"timestamp_{unit}_utc"] = ("TIMESTAMP_LTZ", pa.timestamp(unit, "UTC"), zoned, None)

#: How the same rows are written.
WRITINGS: dict[str, dict[str, object]] = {
    "plain": {"compression": "none", "use_dictionary": False},
    "snappy": {"compression": "snappy"},
    "gzip": {"compression": "gzip", "row_group_size": 1},
    "zstd": {"compression": "zstd", "data_page_version": "2.0"},
    "lz4": {"compression": "lz4", "data_page_version": "2.0", "row_group_size": 2},
    "brotli": {"compression": "brotli", "store_schema": False},
    "indexed": {"write_page_index": True, "write_page_checksum": True, "write_statistics": False},
    "old_lists": {"use_compliant_nested_type": False},
    "small_pages": {"data_page_size": 1, "write_batch_size": 1},
    "decimals_as_integers": {"store_decimal_as_integer": True},
    "delta": {"use_dictionary": False, "column_encoding": {"int32": "DELTA_BINARY_PACKED", "int64": "DELTA_BINARY_PACKED",
                                                           "string": "DELTA_BYTE_ARRAY", "binary": "DELTA_LENGTH_BYTE_ARRAY",
                                                           "float32": "BYTE_STREAM_SPLIT", "float64": "BYTE_STREAM_SPLIT"}},
}  # fmt: skip


def put(folder: Path, name: str, schema: str, expected: list[str], table: pa.Table, **options: object) -> None:
    pq.write_table(table, folder / f"{name}.parquet", **options)
    (folder / f"{name}.expected").write_text("\n".join([schema, *expected]) + "\n", encoding="utf-8")


def shown(name: str) -> list[str]:
    _, type_, values, expected = COLUMNS[name]
    return expected or [text(value, type_) for value in values]


def write(folder: Path) -> None:
    table = pa.table({name: pa.array(values, type_) for name, (_, type_, values, _) in COLUMNS.items()})
    schema = ", ".join(f"`{name}` {ours}" for name, (ours, *_) in COLUMNS.items())
    expected = ["+I(" + ", ".join(row) + ")" for row in zip(*(shown(name) for name in COLUMNS))]
    for name, options in WRITINGS.items():
        put(folder, name, schema, expected, table, **options)

    times = {"ts": COLUMNS["timestamp_us"], "tz": COLUMNS["timestamp_us_utc"]}
    int96 = pa.table({name: pa.array(values, type_) for name, (_, type_, values, _) in times.items()})
    put(folder, "int96", "ts TIMESTAMP, tz TIMESTAMP_LTZ",
        ["+I(" + ", ".join(row) + ")" for row in zip(shown("timestamp_us"), shown("timestamp_us_utc"))],
        int96, use_deprecated_int96_timestamps=True)  # fmt: skip

    many = pa.table({"n": pa.array(range(100_000), pa.int64()), "name": [f"row {i % 977}" for i in range(100_000)]})
    put(folder, "many", "name STRING, n BIGINT NOT NULL", [f"+I('row {i % 977}', {i})" for i in range(100_000)], many,
        row_group_size=7_001, data_page_size=4_096)  # fmt: skip

    fine = pa.table({"n": [1, 2, 3], "ts": pa.array([1_000, 1_001, -1_999], pa.timestamp("ns"))})
    put(folder, "fine", "n BIGINT, ts TIMESTAMP",
        ["dirty: row 2: 'ts': 1970-01-01 00:00:00.000001001 is finer than a microsecond",
         "dirty: row 3: 'ts': 1969-12-31 23:59:59.999998001 is finer than a microsecond",
         "+I(1, 1970-01-01 00:00:00.000001)"], fine)  # fmt: skip

    lengths = pa.table({"length": pa.array([1], pa.duration("s")), "parts": pa.array([[1]], pa.list_(pa.duration("s")))})
    put(folder, "lengths", "length BIGINT",
        ["error: the column 'length' is duration[s] in the file, and cannot be read as BIGINT [leave it out: there is no type for it]"],
        lengths)  # fmt: skip
    nested = pa.table({"order": pa.array([{"id": 1, "lines": [{"price": 1.5}]}])})
    put(folder, "nested", "`order` ROW<id BIGINT, lines ARRAY<ROW<price STRING>>>",
        ["error: the column 'order.lines.element.price' is double in the file, and cannot be read as STRING [declare it as DOUBLE]"],
        nested)  # fmt: skip


def read(paths: list[str]) -> None:
    for path in sorted(paths):
        table = pq.read_table(path)
        pq.ParquetFile(path, page_checksum_verification=True).read()
        print(", ".join(f"{field.name} {field.type}{'' if field.nullable else ' not null'}" for field in table.schema))
        print("\n".join(rows(table)))


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]))
    else:
        read(sys.argv[2:])
