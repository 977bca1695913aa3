"""Tuples, lists and sets that a SELECT makes of columns are read as values of such columns are, whatever is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import CqlDuration, init_coodie, unregister_driver
from coodie_drivers.values import FrozenMap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

SPAN, WIDE = CqlDuration(-1, -2, -3), (5, CqlDuration(0, 1, 0))
BOOK = FrozenMap({"Name": "x", "pages": None})


@pytest.fixture(scope="module")
def driver(cql_cluster: CqlCluster, driver_type: str) -> Iterator[Any]:
    """A driver of this adapter."""
    opened: Any = init_coodie(hosts=cql_cluster.hosts, port=cql_cluster.port, driver_type=driver_type, name="made")
    yield opened
    unregister_driver("made").close()


@pytest.fixture(scope="module")
def table(driver: Any, driver_type: str, cql_module_keyspace: str) -> str:
    """A table with a row, and one without values."""
    name, book = f"{cql_module_keyspace}.made_{driver_type}", f"{cql_module_keyspace}.book"
    driver.execute(f'CREATE TYPE IF NOT EXISTS {book} ("Name" text, pages frozen<list<int>>)', [])
    driver.execute(
        f"CREATE TABLE {name} (id int PRIMARY KEY, d duration, td tuple<int, duration>, l frozen<list<int>>,"
        f" st set<frozen<list<int>>>, books frozen<set<{book}>>, tags set<text>, own {book})",
        [],
    )
    insert = f"INSERT INTO {name} (id, d, td, l, st, books, tags, own) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    driver.execute(insert, [1, SPAN, WIDE, [], {(1, 2)}, {BOOK}, {"x"}, BOOK])
    driver.execute(f"INSERT INTO {name} (id) VALUES (2)", [])
    return name


MADE: list[tuple[str, dict[str, object]]] = [
    ("(id, d)", {"(id, d)": (1, SPAN)}),
    ("[d]", {"[d]": [SPAN]}),
    ("(d, d) AS both, id", {"both": (SPAN, SPAN), "id": 1}),
    ("(id, td), td", {"(id, td)": (1, WIDE), "td": WIDE}),
    ("[(id, td)]", {"[(id, td)]": [(1, WIDE)]}),
    ("[id] AS ids, {id} AS each, td", {"ids": [1], "each": {1}, "td": WIDE}),
    ("(list<duration>) [d], td", {"(list<duration>)[d]": [SPAN], "td": WIDE}),
    ("[books] AS b", {"b": [{BOOK}]}),
    ("(l, books) AS b", {"b": ([], {BOOK})}),
    ("[l] AS lists, id", {"lists": [[]], "id": 1}),
    ("id, {st}", {"id": 1, "{st}": {frozenset({(1, 2)})}}),
    ("[tags], d", {"[tags]": [{"x"}], "d": SPAN}),
    ("(own, id) AS mine", {"mine": (dict(BOOK), 1)}),
    ("[[tags]], [null, l] AS lists", {"[[tags]]": [[{"x"}]], "lists": [None, []]}),
    ("[id, 2, id + 1] AS ids, [l] AS lists", {"ids": [1, 2, 2], "lists": [[]]}),
    ("[tags, {'y'}] AS sets, [own.pages] AS pages", {"sets": [{"x"}, {"y"}], "pages": [None]}),
]
"""What is selected, and the row."""


@pytest.mark.parametrize(("selected", "expected"), MADE)
@pytest.mark.parametrize("prepared", [False, True], ids=["as text", "prepared"])
def test_what_a_select_makes_of_columns_is_read(
    driver: Any, table: str, selected: str, expected: dict[str, object], *, prepared: bool
) -> None:
    rows = driver.execute(f"SELECT {selected} FROM {table} WHERE id = {'?' if prepared else 1}", [1][:prepared])
    assert rows == [expected]
    assert list(rows[0]) == list(expected)


@pytest.mark.parametrize("prepared", [False, True], ids=["as text", "prepared"])
def test_null_inside_is_read_beside_rows_without(driver: Any, table: str, *, prepared: bool) -> None:
    select = (
        f"SELECT id, [tags] AS sets, (own, l) AS both FROM {table} WHERE id IN {'(?, ?)' if prepared else '(1, 2)'}"
    )
    found = {row.pop("id"): row for row in driver.execute(select, [1, 2][: 2 * prepared])}
    assert found == {1: {"sets": [{"x"}], "both": (dict(BOOK), [])}, 2: {"sets": [None], "both": (None, None)}}


def test_null_inside_is_read_on_a_later_page(driver: Any, table: str) -> None:
    pages = [driver.execute(f"SELECT [tags] AS sets FROM {table} WHERE id IN (1, 2)", [], None, None, 1)]
    while (state := pages[-1].paging_state) is not None:
        pages.append(driver.execute(f"SELECT [tags] AS sets FROM {table} WHERE id IN (1, 2)", [], None, None, 1, state))
    assert [row for page in pages for row in page] == [{"sets": [{"x"}]}, {"sets": [None]}]
