# SPDX-License-Identifier: Apache-2.0
"""The layer rules, on sources made for them."""
from __future__ import annotations

import pytest

import check_layers

OWNERS = check_layers.public_headers([
    "base/include/streampark/base/result.h",
    "engines/api/include/streampark/engines/engine.h",
    "engines/flink/include/streampark/flink/flink_engine.h",
    "console/domain/include/streampark/console/jobs/job.h",
    "console/store/include/streampark/store/database.h",
    "console/server/src/main.cc",
])


@pytest.mark.parametrize(("path", "header"), [
    ("console/domain/src/job.cc", "streampark/base/result.h"),
    ("console/domain/src/job.cc", "streampark/engines/engine.h"),
    ("console/server/src/main.cc", "streampark/flink/flink_engine.h"),
    ("console/http/src/server.cc", "boost/beast/http.hpp"),
    ("cli/src/main.cc", "iostream"),
])
def test_allowed(path: str, header: str) -> None:
    assert not check_layers.include_faults(path, f"#include <{header}>\n", OWNERS)


@pytest.mark.parametrize(("path", "header"), [
    ("base/src/log.cc", "streampark/engines/engine.h"),
    ("console/domain/src/job.cc", "streampark/store/database.h"),
    ("console/domain/src/job.cc", "streampark/flink/flink_engine.h"),
    ("engines/flink/src/client.cc", "streampark/console/jobs/job.h"),
    ("console/server/src/wiring.cc", "boost/asio.hpp"),
    ("console/domain/include/streampark/console/jobs/job.h", "boost/beast.hpp"),
    ("console/domain/src/job.cc", "sqlite3.h"),
    ("base/src/log.cc", "iostream"),
    ("base/src/log.cc", "regex"),
])
def test_refused(path: str, header: str) -> None:
    assert len(check_layers.include_faults(path, f'#include "{header}"\n', OWNERS)) == 1


def test_a_source_says_its_licence_and_stays_short() -> None:
    assert not check_layers.file_faults("a.cc", f"// {check_layers.SPDX}\n")
    assert len(check_layers.file_faults("a.cc", "int x;\n")) == 1
    assert len(check_layers.file_faults("a.cc", f"// {check_layers.SPDX}\n" + "\n" * 800)) == 1
