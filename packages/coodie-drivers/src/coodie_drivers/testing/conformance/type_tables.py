"""The tables that the cases about values share: a column for each type in each position; and round trips."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.testing.conformance.samples import KEY_TYPES, SAMPLES
from coodie_drivers.testing.conformance.suite import Suite, fresh_number, made_once

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coodie_drivers.testing.conformance.ways import Way

__all__ = ["TypeSuite", "round_trip"]

POSITIONS = {
    "plain": "{}",
    "in_list": "list<{}>",
    "in_frozen_list": "frozen<list<{}>>",
    "in_tuple": "tuple<{}, int>",
    "in_map": "map<int, {}>",
    "in_udt": "of_{}",
}
KEY_POSITIONS = {"in_set": "set<{}>", "in_frozen_set": "frozen<set<{}>>", "as_key": "map<{}, int>"}


class TypeSuite(Suite):
    """What the parts about values share."""

    @pytest.fixture
    def typed(self, driver: Any, keyspace: str) -> str:
        """A table with a column for each type in each position."""
        name = f"{keyspace}.typed"
        types = [f'CREATE TYPE {keyspace}.of_{cql_type} (value {cql_type}, "Other Name" int)' for cql_type in SAMPLES]
        columns = [f"{cql_type}_{where} {shape.format(cql_type)}" for cql_type, where, shape in _positions()]
        made_once(driver, name, *types, f"CREATE TABLE {{name}} (id int PRIMARY KEY, {', '.join(columns)})")
        return name

    @pytest.fixture
    def keyed(self, driver: Any, keyspace: str) -> str:
        """A table whose partition key and clustering key have every type that keys can have; statics too."""
        name = f"{keyspace}.keyed"
        keys = [f"{part}_{cql_type} {cql_type}" for part in "pc" for cql_type in KEY_TYPES]
        statics = [f"s_{cql_type} {cql_type} static" for cql_type in SAMPLES]
        partition, clustering = (", ".join(f"{part}_{cql_type}" for cql_type in KEY_TYPES) for part in "pc")
        columns = ", ".join([*keys, *statics])
        made_once(driver, name, f"CREATE TABLE {{name}} ({columns}, PRIMARY KEY (({partition}), {clustering}))")
        return name


def _positions() -> Iterable[tuple[str, str, str]]:
    for cql_type in SAMPLES:
        shapes = {**POSITIONS, **(KEY_POSITIONS if cql_type in KEY_TYPES else {})}
        yield from ((cql_type, where, shape) for where, shape in shapes.items())


def round_trip(way: Way, table: str, column: str, values: Iterable[object]) -> list[Any]:
    """Write values into a column, each in a row of its own, and read them again in order."""
    return list(map(partial(_there_and_back, way, table, column), values))


def _there_and_back(way: Way, table: str, column: str, value: object) -> object:
    number = fresh_number()
    way.execute(f"INSERT INTO {table} (id, {column}) VALUES (?, ?)", [number, value])
    return way.execute(f"SELECT {column} FROM {table} WHERE id = ?", [number])[0][column]
