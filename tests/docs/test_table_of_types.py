"""The table of types on the page about values says what columns a model really has."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import create_model

from coodie import fields
from coodie.sync import CounterDocument, Document
from coodie.types import CqlDuration
from coodie_drivers import register_driver
from coodie_drivers.testing.scripted import ScriptedDriver

PAGE = Path(__file__).resolve().parents[2] / "docs/coodie/values.md"
ROW = re.compile(r"^\| `(?P<python>[^`]+)` \| `(?P<cql>[^`]+)`[^|]*\| (?P<marked>.*?) ?\|$", re.MULTILINE)
MARKED = re.compile(r"`([^`]+)` with `([^`]+)`")
NAMES: dict[str, Any] = {
    "CqlDuration": CqlDuration,
    "Decimal": Decimal,
    "IPv4Address": IPv4Address,
    "UUID": UUID,
    **{name: getattr(dt, name) for name in ("date", "datetime", "time", "timedelta")},
    **{name: getattr(fields, name) for name in fields.__all__},
}
ROWS = [(row["python"], row["cql"], row["marked"]) for row in ROW.finditer(PAGE.read_text("utf-8"))]
CASES = [(python, None, cql) for python, cql, _ in ROWS] + [
    (python, marker, cql) for python, _, marked in ROWS for cql, marker in MARKED.findall(marked)
]


@pytest.mark.parametrize(("python", "marker", "cql"), CASES)
def test_a_row_is_true(python: str, marker: str | None, cql: str, no_connection: None) -> None:
    found: Any = eval(python, {}, NAMES)  # noqa: S307 - of our own page
    annotation = found if marker is None else Annotated[found, eval(marker, {}, NAMES)]  # noqa: S307 - as above
    given: dict[str, Any] = {"id": (Annotated[int, fields.PrimaryKey()], ...), "it": (annotation, ...)}
    made = create_model("Made", __base__=CounterDocument if cql == "counter" else Document, **given)
    driver = ScriptedDriver()
    register_driver("default", driver)
    made.sync_table()
    assert {column.name: column.cql_type for column in driver.tables[-1][2]}["it"] == cql


def test_all_rows_are_read() -> None:
    assert len(ROWS) > 15
    assert len(CASES) > 25
