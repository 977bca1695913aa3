"""The rows of an answer of acsylla are read from the bytes that the server sent, of which it tells where they are."""

from __future__ import annotations

import struct
import sys
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.adapters._protocol_pages import page_reader
from coodie_drivers.adapters._protocol_types import CqlType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from coodie_drivers.testing.sources import CqlCluster

acsylla: Any = pytest.importorskip("acsylla", reason="needs acsylla")

from coodie_drivers.adapters._acsylla_pages import RowBytes, ScatteredError  # noqa: E402 - only where acsylla is
from coodie_drivers.adapters._acsylla_rows import LastDecoder, RowDecoders  # noqa: E402

pytestmark = pytest.mark.node

INT, TEXT = CqlType("int"), CqlType("text")
TYPES = {
    "n": INT,
    "tags": CqlType("list", (TEXT,)),
    "note": TEXT,
    "made": CqlType("timestamp"),
    "place": CqlType("tuple", (INT, TEXT)),
    "marks": CqlType("set", (INT,)),
}
ROWS = ("['a', 'b'], 'x', 0, (1, 'y'), {1}", "['c'], null, null, null, null", "null, null, 5, null, null")
KEPT: list[object] = []
"""What acsylla leaves open when a session of one's own goes: its sockets, of which Python would warn in any test."""


@pytest.fixture
async def session(cql_cluster: CqlCluster) -> AsyncIterator[Any]:
    """A session of acsylla's."""
    cluster = acsylla.create_cluster(cql_cluster.hosts, port=cql_cluster.port, log_level="disabled")
    KEPT.append(cluster)
    opened = await cluster.create_session()
    yield opened
    await opened.close()


@pytest.fixture
async def table(session: Any, cql_module_keyspace: str) -> str:
    """A table with rows that begin and end with nulls, and with collections."""
    name = f"{cql_module_keyspace}.pages"
    listed = ", ".join(f"{column} {cql_type}" for column, cql_type in TYPES.items() if column != "n")
    create = f"CREATE TABLE IF NOT EXISTS {name} (id int, n int, {listed}, PRIMARY KEY (id, n))"
    await session.execute(acsylla.create_statement(create))
    for number in range(30):
        insert = f"INSERT INTO {name} (id, {', '.join(TYPES)}) VALUES (1, {number}, {ROWS[number % len(ROWS)]})"
        await session.execute(acsylla.create_statement(insert))
    return name


@pytest.mark.parametrize("order", ["n, tags, note, made, place, marks", "tags, made, note, place, n", "note, made, n"])
@pytest.mark.parametrize("count", [2, 3, 29])
async def test_the_bytes_of_all_rows_are_had_and_read_as_the_library_reads_them(
    session: Any, table: str, order: str, count: int
) -> None:
    prepared = await session.create_prepared(f"SELECT {order} FROM {table} WHERE id = ? LIMIT ?")
    result = await session.execute(prepared.bind([1, count]))
    types = [TYPES[name] for name in order.split(", ")]
    octets = RowBytes([each.name in {"list", "set"} for each in types])
    taken = octets.of(result, count)
    assert octets.of(result, count) == taken  # the second time without a look at each value
    assert len(_cells(taken)) == count * len(types)
    single = await session.create_prepared(f"SELECT {order} FROM {table} WHERE id = ? AND n = ?")
    found = [await session.execute(single.bind([1, number])) for number in range(count)]
    one_by_one = [row for each in found for row in RowDecoders().get(each).rows(each)]
    assert page_reader(types)(taken, count) == one_by_one == RowDecoders().get(result).rows(result)


async def test_rows_with_nothing_in_them_have_no_place(session: Any, table: str) -> None:
    prepared = await session.create_prepared(f"SELECT note, place FROM {table} WHERE id = ? AND n IN (2, 5)")
    result = await session.execute(prepared.bind([1]))
    with pytest.raises(ScatteredError):
        RowBytes([False, False]).of(result, 2)
    assert RowDecoders().get(result).rows(result) == [(None, None)] * 2


async def test_the_wrong_start_of_collections_is_noticed(session: Any, table: str) -> None:
    prepared = await session.create_prepared(f"SELECT n, tags FROM {table} WHERE id = ?")
    result = await session.execute(prepared.bind([1]))
    with pytest.raises(ScatteredError):
        RowBytes([False, False]).of(result, 30)


async def test_few_large_results_are_kept_to_know_their_columns_again(session: Any, table: str) -> None:
    decoders = RowDecoders()
    results: list[tuple[LastDecoder, Any]] = []
    for number in range(20):
        prepared = await session.create_prepared(f"SELECT tags, n AS n{number} FROM {table} WHERE id = ?")
        results.append((LastDecoder(decoders), await session.execute(prepared.bind([1]))))
    before = [sys.getrefcount(result) for _, result in results]
    for _ in range(2):
        found = [last.get(result) for last, result in results]
        assert [each.rows(result) for each, (_, result) in zip(found, results, strict=True)] == [
            found[0].rows(results[0][1])
        ] * 20
    after = [sys.getrefcount(result) for _, result in results]
    assert sum(now > then for then, now in zip(before, after, strict=True)) == 16
    assert len(decoders.large) == 16


def _cells(data: bytes) -> list[bytes | None]:
    found: list[bytes | None] = []
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from(">i", data, at)
        at += 4
        found.append(None if length < 0 else data[at : at + length])
        at += max(0, length)
    return found
