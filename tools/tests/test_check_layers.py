# SPDX-License-Identifier: Apache-2.0
"""The layer rules, on sources made for them."""
from __future__ import annotations

import pytest

import check_layers

NAMES = {"api": "api", "base": "base", "engine": "engines/api", "flink": "engines/flink",
         "domain": "console/domain", "store": "console/store", "server": "console/server"}


@pytest.mark.parametrize(("path", "header"), [
    ("console/domain/src/job.cc", "streampark/base/result.h"),
    ("console/domain/src/job.cc", "streampark/engine/engine.h"),
    ("console/server/src/main.cc", "streampark/flink/flink_engine.h"),
    ("console/http/src/server.cc", "boost/beast/http.hpp"),
    ("cli/src/main.cc", "iostream"),
])
def test_allowed(path: str, header: str) -> None:
    assert not check_layers.include_faults(path, f"#include <{header}>\n", NAMES)


@pytest.mark.parametrize(("path", "header"), [
    ("base/src/log.cc", "streampark/engine/engine.h"),
    ("console/domain/src/job.cc", "streampark/store/database.h"),
    ("console/domain/src/job.cc", "streampark/flink/flink_engine.h"),
    ("engines/flink/src/client.cc", "streampark/domain/job.h"),
    ("console/server/src/wiring.cc", "boost/asio.hpp"),
    ("console/domain/include/streampark/domain/job.h", "boost/beast.hpp"),
    ("console/domain/src/job.cc", "sqlite3.h"),
    ("base/src/log.cc", "iostream"),
    ("base/src/log.cc", "regex"),
])
def test_refused(path: str, header: str) -> None:
    assert len(check_layers.include_faults(path, f'#include "{header}"\n', NAMES)) == 1


def test_a_source_says_its_licence_and_stays_short() -> None:
    assert not check_layers.file_faults("a.cc", f"// {check_layers.SPDX}\n")
    assert len(check_layers.file_faults("a.cc", "int x;\n")) == 1
    assert len(check_layers.file_faults("a.cc", f"// {check_layers.SPDX}\n" + "\n" * 800)) == 1
