#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Refuses what the layers do not allow: includes upward or sideways, and a few rules of the sources.

A module is a folder of ALLOWED, with its public headers in include/streampark. Headers generated from api/ are
streampark/api/...
"""
from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

# Folder: the folders whose headers it may include, beside its own.
ALLOWED: dict[str, set[str]] = {
    "base": set(),
    "engines/api": {"base"},
    "engines/contract": {"base", "engines/api"},
    "engines/native": {"base", "engines/api", "engines/contract"},
    "engines/flink": {"base", "engines/api", "engines/contract"},
    "console/domain": {"base", "engines/api", "api"},
    "console/store": {"base", "engines/api", "console/domain", "api"},
    "console/http": {"base", "engines/api", "console/domain", "api"},
    "console/server": {"base", "engines/api", "engines/flink", "engines/native", "console/domain", "console/store", "console/http", "api"},
    "connectors/api": {"base"},
    "connectors/abi": {"base", "connectors/api"},
    "objects/s3": {"base", "connectors/api", "connectors/abi", "connectors/testing", "objects"},
    "objects": {"base", "connectors/api", "connectors/abi"},
    "core/testing": {"base", "connectors/api", "core", "objects"},
    "core": {"base", "connectors/api", "connectors/abi", "objects"},
    "state/rocksdb": {"base", "connectors/api", "connectors/abi", "core"},
    "formats/parquet": {"base", "connectors/api", "connectors/abi", "formats"},
    "formats": {"base", "connectors/api", "connectors/abi"},
    "connectors/testing": {"base", "connectors/api"},
    "connectors/wire": {"base"},
    "connectors/generator": {"base", "connectors/api", "connectors/testing"},
    "connectors/print": {"base", "connectors/api", "connectors/testing"},
    "connectors/file": {"base", "connectors/api", "connectors/testing", "formats"},
    "connectors/http": {"base", "connectors/api", "connectors/testing", "formats"},
    "connectors/sql": {"base", "connectors/api", "connectors/testing"},
    "connectors/postgres": {"base", "connectors/api", "connectors/sql", "connectors/testing"},
    "connectors/mariadb": {"base", "connectors/api", "connectors/sql", "connectors/testing"},
    "connectors/sqlite": {"base", "connectors/api", "connectors/sql", "connectors/testing"},
    "connectors/jdbc": {"base", "connectors/api", "connectors/sql", "connectors/testing"},
    "connectors/kafka": {"base", "connectors/api", "connectors/testing", "connectors/wire", "formats"},
    "connectors/redis": {"base", "connectors/api", "connectors/testing", "connectors/wire", "formats"},
    # Its tests run jobs over all of them.
    "connectors/builtin": {
        "base", "connectors/api", "connectors/file", "connectors/generator", "connectors/http", "connectors/jdbc", "connectors/kafka", "connectors/mariadb", "connectors/postgres",
        "connectors/print", "connectors/redis", "connectors/sqlite", "core",
    },
    "expressions": {"base", "connectors/api"},
    "pump": {"base", "connectors/api", "connectors/builtin", "connectors/testing", "core", "expressions", "objects"},  # its tests move tables
    "runner": {"base", "connectors/api", "connectors/abi", "core", "objects"},
    "cli": {"base", "connectors/api", "connectors/abi", "connectors/builtin", "core", "objects", "pump", "runner", "engines/native", "console/server", "api"},
    "docs/guide/samples": {"core", "core/testing"},
    "examples": {"base", "core"},
    "bench": {"base", "connectors/api", "connectors/builtin", "core", "formats"},
}
# Header pattern: the folders that alone may include it.
CONFINED = {
    r"boost/(beast|asio)\b": ("console/http/src/", "runner/src/"),
    r"curl/": ("base/src/",),
    r"(arrow|parquet)/": ("formats/parquet/src/",),
    r"rocksdb/": ("state/rocksdb/src/",),
    r"sqlite3\.h": ("console/store/src/", "connectors/sqlite/src/"),
    r"libpq-fe\.h": ("connectors/postgres/src/",),
    r"(mysql|errmsg)\.h|mysql/": ("connectors/mariadb/src/",),
    r"dlfcn\.h": ("base/src/", "connectors/abi/src/"),
    # Slow and recursive. The one user matches the patterns of a JSON schema, on input of bounded size.
    r"regex$": ("console/domain/src/code/schema_check.cc",),
}
IOSTREAM_ALLOWED = re.compile(r"(^|/)main\.cc$|_(test|it)\.cc$")
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)
SPDX = "SPDX-License-Identifier: Apache-2.0"
SOURCES = (".h", ".cc", ".java", ".py", ".sh", ".ts", ".mjs")
LINES_REFUSED = 800
TEMPLATES = "cli/templates/"  # become the sources of somebody else


def tracked_files() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and not name.startswith(TEMPLATES) and Path(name).is_file()]


def folder_of(path: str) -> str | None:
    """The module's folder that owns `path`, or None for files outside the layers."""
    return next((folder for folder in ALLOWED if path.startswith(folder + "/")), None)


def public_headers(files: list[str]) -> dict[str, str]:
    """Each public header as it is included: the folder that owns it."""
    owners = {}
    for path in files:
        folder, found, header = path.partition("/include/")
        if found and header.startswith("streampark/"):
            owners[header] = folder
    return owners


def owner_of(header: str, owners: dict[str, str]) -> str | None:
    """None for what is not ours, and for what a module generates for itself."""
    return "api" if header.startswith("streampark/api/") else owners.get(header)


def include_faults(path: str, text: str, owners: dict[str, str]) -> list[str]:
    faults = []
    folder = folder_of(path)
    for header in INCLUDE.findall(text):
        for pattern, places in CONFINED.items():
            if re.match(pattern, header) and not path.startswith(places):
                faults.append(f"{path}: <{header}> belongs to {' or '.join(places) or 'nobody'}")
        if header == "iostream" and not IOSTREAM_ALLOWED.search(path):
            faults.append(f"{path}: <iostream> belongs to main.cc")
        owner = owner_of(header, owners)
        if folder and owner and owner != folder and owner not in ALLOWED[folder]:
            faults.append(f"{path}: {folder} may not include {owner} ({header})")
    return faults


def file_faults(path: str, text: str) -> list[str]:
    faults = []
    lines = text.splitlines()
    if SPDX not in "\n".join(lines[:3]):
        faults.append(f"{path}: the first lines lack '{SPDX}'")
    if len(lines) > LINES_REFUSED:
        faults.append(f"{path}: {len(lines)} lines; more than {LINES_REFUSED} is two ideas, split it")
    return faults


def main() -> int:
    files = tracked_files()
    owners = public_headers(files)
    faults = []
    for path in files:
        if path.endswith(SOURCES) or path == "sp":
            text = Path(path).read_text(encoding="utf-8")
            faults += file_faults(path, text)
            if path.endswith((".h", ".cc")):
                faults += include_faults(path, text, owners)
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
