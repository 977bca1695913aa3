"""How long a key may be: what is sent the real node takes, and what is refused it would refuse."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import pytest

from coodie.aio import Document
from coodie.exceptions import InvalidValueError
from coodie.fields import ClusteringKey, Frozen, PrimaryKey
from coodie_drivers.errors import InvalidRequestError

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Part(Document):
    site: Annotated[str, PrimaryKey(partition_key_index=0)]
    names: Annotated[list[str], Frozen(), PrimaryKey(partition_key_index=1)]
    prices: Annotated[dict[str, Decimal], Frozen(), PrimaryKey(partition_key_index=2)]
    first: Annotated[str, ClusteringKey(clustering_key_index=0)] = ""
    second: Annotated[str, ClusteringKey(clustering_key_index=1)] = ""
    text: str = ""

    class Settings:
        name = "parts_with_long_keys"


def part(site: str = "s", first: str = "", second: str = "") -> Part:
    # 4 for the number of elements, 4 for each length, 4 for a decimal's scale, 3 for each column.
    return Part(site=site, names=["a", "b"], prices={"d": Decimal("1.5")}, first=first, second=second, text="there")


WITHOUT_SITE = (4 + 5 + 5) + (4 + 5 + 4 + 5) + 9
LONGEST = part(site="x" * (65_535 - WITHOUT_SITE))
"""Its partition key has 65,535 bytes."""


async def test_the_longest_partition_key_is_written_and_read(connection: AbstractDriver) -> None:
    await Part.sync_table()
    await LONGEST.save()
    found = await Part.find(site=LONGEST.site, names=LONGEST.names, prices=LONGEST.prices).all()
    assert found == [LONGEST]
    longer = part(site=LONGEST.site + "x")
    with pytest.raises(InvalidValueError, match="has 65,536 bytes"):
        await longer.save()
    stmt = f"INSERT INTO {connection.default_keyspace}.parts_with_long_keys (site, names, prices, first, second) "
    with pytest.raises(InvalidRequestError, match="Key length of 65536 is longer"):
        await connection.execute_async(stmt + "VALUES (?, ?, ?, '', '')", [longer.site, longer.names, longer.prices])


async def test_the_longest_clustering_key_is_written_and_deleted(connection: AbstractDriver) -> None:
    await Part.sync_table()
    longest = part(first="a" * 30_000, second="b" * 35_535)
    await longest.save()
    await longest.update(text="changed")
    await longest.delete()
    longer = part(first="a" * 30_001, second="b" * 35_535)
    with pytest.raises(InvalidValueError, match="has 65,536 bytes"):
        await longer.delete()
    where = "site = ? AND names = ? AND prices = ? AND first = ? AND second = ?"
    stmt = f"DELETE FROM {connection.default_keyspace}.parts_with_long_keys WHERE {where}"
    with pytest.raises(InvalidRequestError, match="Key length of 65536 is longer"):
        await connection.execute_async(stmt, [longer.site, longer.names, longer.prices, longer.first, longer.second])
