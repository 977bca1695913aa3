"""How long parsing takes: ten times the text takes about ten times the time, whether it is accepted or refused."""

from __future__ import annotations

import contextlib
import gc
import time
from typing import TYPE_CHECKING

import pytest

from cql_builder import parse_script
from cql_builder.errors import CqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.once  # how time grows with the text is the same on every Python

STATEMENT = "SELECT a, b FROM ks.t WHERE k = 1;\n"
SHORT = 30_000
LONG = 1_000_000
MOST = 25
"""How much longer a text of ten times the length may take: about 10 where time is linear, 100 where it is quadratic.

It was 10 to 16 on a machine that much else ran on: caches serve long texts worse.
"""


def script(length: int) -> str:
    return STATEMENT * (length // len(STATEMENT))


def selection(length: int) -> str:
    """What is selected, so long, before FROM."""
    return f"SELECT {'a,' * (length // 2)}a"


TEXTS: dict[str, Callable[[int], str]] = {
    "a script": script,
    "a script with a mistake at its end": lambda length: script(length) + "SELECT a FORM t",
    "a script of another dialect at its end": lambda length: script(length) + "LIST SUPERUSERS",
    "one list": lambda length: f"{selection(length)} FROM t",
    "one list with a mistake after it": lambda length: f"{selection(length)} FORM t",
    "one list with a mistake at its end": lambda length: f"{selection(length)}, FROM t",
}


def cpu_time(text: str) -> float:
    """What this process computes to read a text, without the garbage collector: that goes through all there is."""
    gc.collect()
    gc.disable()
    try:
        began = time.process_time()
        with contextlib.suppress(CqlSyntaxError):
            parse_script(text)
        return time.process_time() - began
    finally:
        gc.enable()


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("length", [SHORT, pytest.param(LONG, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_ten_times_the_text_takes_ten_times_the_time(name: str, length: int) -> None:
    cpu_time(TEXTS[name](1000))
    short = min([cpu_time(TEXTS[name](length)) for _ in range(3)])
    assert cpu_time(TEXTS[name](10 * length)) < MOST * short
