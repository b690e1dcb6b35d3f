# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition with a deadline; never for a length of time."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(what: str, look: Callable[[], T | None], *, seconds: float = 60, every: float = 0.05) -> T:
    """The first true answer of `look`. An AssertionError of `look` counts as "not yet" and is shown at the end."""
    deadline = time.monotonic() + seconds
    last: object = None
    while True:
        try:
            found = look()
            last = found
        except AssertionError as error:
            found, last = None, error
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s; last seen: {last}")
        time.sleep(every)
