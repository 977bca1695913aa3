"""Conditional writes whose replies are lost: a read at SERIAL settles each, so that all agree on who has won."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import errors
from coodie_drivers.testing import proxy as faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.usefixtures("calm")]

CLIENTS, TIMEOUT = 50, 1.0


class Contest:
    """Clients who all want the same row, and the next one as soon as it has an owner.

    Attributes:
        told: by row, what each client was told in the end: that it has the row, or who has.
        unknown: how often a client was not told at first.
    """

    def __init__(self, driver: Any, table: str) -> None:
        self.told: dict[int, dict[str, str]] = {}
        self.unknown = 0
        self._driver = driver
        self._insert = f"INSERT INTO {table} (id, owner) VALUES (?, ?) IF NOT EXISTS"
        self._read = f"SELECT owner FROM {table} WHERE id = ?"
        self._names = count(1)
        self._row = 1

    async def contend(self, attempts: int) -> None:
        """Contend so often, each time by a name of its own."""
        for _ in range(attempts):
            row, name = self._row, f"owner {next(self._names)}"
            self.told.setdefault(row, {})[name] = await self._owner_of(row, name)
            self._row = max(self._row, row + 1)

    async def _owner_of(self, row: int, name: str) -> str:
        """Want a row; return whose it is."""
        while True:
            try:
                rows = await self._driver.execute_async(self._insert, [row, name], None, TIMEOUT)
            except errors.DriverError as error:
                if error.outcome == "unknown":
                    self.unknown += 1
                    owner = await self._settled(row)
                    if owner is not None:
                        return owner
            else:
                return name if rows.applied else str(rows[0]["owner"])

    async def _settled(self, row: int) -> str | None:
        """Read who has the row once every round that was begun for it has come to its end."""
        while True:
            try:
                rows = await self._driver.execute_async(self._read, [row], "SERIAL", TIMEOUT)
            except errors.DriverError:
                continue
            return str(rows[0]["owner"]) if rows else None


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> Callable[[], str]:
    """Make a table without rows."""
    numbers = count(1)

    def made() -> str:
        name = f"{cql_module_keyspace}.owned{next(numbers)}"
        ask(f"CREATE TABLE {name} (id int PRIMARY KEY, owner text)")
        return name

    return made


@pytest.mark.parametrize("attempts", [500, pytest.param(100_000, marks=pytest.mark.long)])
@pytest.mark.timeout(3_600)
async def test_one_has_won_each_row_and_all_know_who(
    through: Any, proxy: FaultProxy, table: Callable[[], str], attempts: int, note: Callable[..., None]
) -> None:
    name = table()
    contest = Contest(through, name)
    await contest.contend(1)
    with proxy.rules.add(faults.drop_reply(), text=f"INSERT INTO {name}", when=faults.sometimes(0.02, seed=6)) as lost:
        await asyncio.gather(*[contest.contend(attempts // CLIENTS) for _ in range(CLIENTS)])
    held = {row["id"]: row["owner"] for row in await through.execute_async(f"SELECT id, owner FROM {name}", [])}
    note(attempts=attempts, rows=len(held), lost=lost.hits, unknown=contest.unknown)
    assert lost.hits >= attempts // 100
    assert contest.unknown >= lost.hits
    liars = [(row, owners) for row, owners in contest.told.items() if set(owners.values()) != {held.get(row)}]
    assert liars == []
    # Each owner is one of those who wanted the row, and one alone believes to have it, for names are not shared.
    assert all(sum(name == owner for name, owner in owners.items()) == 1 for owners in contest.told.values())
