"""The tables, lists and imports of the documents: types, markers, lookups, methods, errors, drivers."""

from __future__ import annotations

import ast
import datetime as dt
import importlib
import ipaddress
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from pydantic import create_model

from coodie import aio, exceptions, fields, sync
from coodie.exceptions import ConfigurationError, CoodieError
from coodie.fields import PrimaryKey
from coodie_drivers import init_coodie, register_driver
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from cql_builder.schema import ColumnDefinition

SPEC = Path(__file__).resolve().parents[2].parent / "shared" / "spec"
DOCUMENT = "\n".join(path.read_text("utf-8") for path in SPEC.glob("002*.txt"))
IMPORT = re.compile(r"^from coodie[\w.]* import .+$", re.MULTILINE)

if not DOCUMENT:
    pytest.skip("the documents are not beside the repository (../shared/spec)", allow_module_level=True)

DRIVERS_LATER: dict[str, str] = {}


def section(title: str) -> str:
    return DOCUMENT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def table(title: str, first_heading: str) -> list[list[str]]:
    """The rows of a table, cell by cell, without its headings."""
    lines = section(title).partition(f"| {first_heading} |")[2].splitlines()[2:]
    rows = [line for line in lines[: next((at for at, line in enumerate(lines) if not line), len(lines))] if line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "UUID": UUID,
    "datetime": dt.datetime,
    "date": dt.date,
    "time": dt.time,
    "Decimal": Decimal,
    "bytes": bytes,
    "ipaddress.IPv4Address": ipaddress.IPv4Address,
    "IPv6Address": ipaddress.IPv6Address,
    "list[X]": list[int],
    "set[X]": set[int],
    "dict[K, V]": dict[str, int],
    "tuple[X, ...]": tuple[int, int],  # of a fixed length; one of any length has no CQL tuple
}
MARKED: dict[str, Any] = {"Double": float, "Ascii": str, "TimeUUID": UUID, "Time": dt.time, "Frozen": list[int]}


@pytest.fixture
def asked(no_connection: None) -> ScriptedDriver:
    """The default connection: it remembers what it was asked."""
    driver = ScriptedDriver()
    register_driver("default", driver)
    return driver


def cql_type(annotation: Any, driver: ScriptedDriver) -> str:
    """The CQL type of a field with this annotation."""
    definitions: dict[str, Any] = {"id": (Annotated[UUID, PrimaryKey()], ...), "field": (annotation, ...)}
    model = create_model("Probe", __base__=sync.Document, **definitions)
    model.sync_table()
    columns: list[ColumnDefinition] = driver.tables[-1][2]
    return next(column.cql_type for column in columns if column.name == "field")


@pytest.mark.parametrize(
    ("python", "cql"),
    [(name, quoted(row[1])[0]) for row in table("Field Types", "Python Type") for name in quoted(row[0])],
)
def test_a_python_type_has_its_documented_cql_type(python: str, cql: str, asked: ScriptedDriver) -> None:
    concrete = {"list<X>": "list<int>", "set<X>": "set<int>", "map<K, V>": "map<text, int>"}
    expected = "tuple<int, int>" if cql.startswith("tuple") else concrete.get(cql, cql)
    assert cql_type(TYPES[python], asked) == expected


@pytest.mark.parametrize(
    ("marker", "cql"), [[quoted(cell)[0] for cell in row] for row in table("Field Types", "Annotation")]
)
def test_a_marker_has_its_documented_cql_type(marker: str, cql: str, asked: ScriptedDriver) -> None:
    name = marker.removesuffix("()")
    expected = "frozen<list<int>>" if cql == "frozen<...>" else cql
    assert cql_type(Annotated[MARKED.get(name, int), getattr(fields, name)()], asked) == expected


class Searched(sync.Document):
    id: Annotated[UUID, PrimaryKey()]
    price: int = 0
    status: str = ""
    name: str = ""
    tags: set[str] = set()
    metadata: dict[str, str] = {}


@pytest.mark.parametrize(
    ("lookup", "cql", "example"), [[quoted(cell)[0] for cell in row] for row in table("Filtering", "Lookup")]
)
def test_a_lookup_is_its_documented_operator(lookup: str, cql: str, example: str, asked: ScriptedDriver) -> None:
    keyword = ast.parse(f"f({example})", mode="eval").body
    assert isinstance(keyword, ast.Call)
    name, value = str(keyword.keywords[0].arg), keyword.keywords[0].value
    field = name.removesuffix(lookup)
    assert name != field
    Searched.find(**{name: 0 if isinstance(value, ast.Name) else ast.literal_eval(value)}).allow_filtering().all()
    operator = cql.replace("TOKEN()", f"TOKEN({field})") if "TOKEN" in cql else f"{field} {cql}"
    assert f"WHERE {operator} ?".lower() in asked.requests[-1].statement.cql.lower()


@pytest.mark.parametrize("kind", [sync, aio], ids=["sync", "aio"])
@pytest.mark.parametrize("heading", ["Chain methods", "Terminal methods"])
def test_queries_have_the_documented_methods(kind: Any, heading: str) -> None:
    line = re.search(rf"^\*\*{heading}:\*\* (.*)$", section("QuerySet API"), re.MULTILINE)
    assert line is not None
    names = {name.strip(".()") for name in quoted(line[1])}
    assert len(names) > 6
    assert {name for name in names if not hasattr(kind.QuerySet, name)} == set()


def test_errors_have_their_documented_names() -> None:
    names = [quoted(row[0])[0] for row in table("Exceptions", "Exception")]
    assert len(names) == 5
    for name in names:
        error = getattr(exceptions, name)
        assert issubclass(error, CoodieError)


@pytest.mark.parametrize("driver", [quoted(row[0])[0] for row in table("Drivers & Initialization", "Driver")])
def test_drivers_are_known_by_their_documented_type(driver: str) -> None:
    """A lazy driver is made only of a type that there is; it connects to nothing."""
    if driver in DRIVERS_LATER:
        with pytest.raises(
            ConfigurationError, match=f"adapter for driver type '{driver}' is not part of this version yet"
        ):
            init_coodie(hosts=["127.0.0.1:9"], driver_type=driver, name="probe")
        return
    with pytest.raises(CoodieError) as raised:
        init_coodie(hosts=["127.0.0.1:9"], driver_type=driver, name="probe")
    assert "no driver type" not in str(raised.value)


@pytest.mark.parametrize(
    "line", sorted({line for path in SPEC.glob("*.txt") for line in IMPORT.findall(path.read_text("utf-8"))})
)
def test_documented_imports_work(line: str) -> None:
    module, _, names = line.removeprefix("from ").partition(" import ")
    found = importlib.import_module(module)
    for name in names.split(", "):
        if name != "...":
            assert hasattr(found, name), f"{module} has no {name}"
