"""IPv6 addresses with an IPv4 one in them, of which a server makes the IPv4 address where a collection is bound."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import pytest

from coodie.aio import Document
from coodie.exceptions import InvalidValueError
from coodie.fields import ClusteringKey, Frozen, Indexed, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

PLAIN = IPv6Address("2001:db8::1")
MAPPED = IPv6Address("::ffff:192.0.2.1")
OTHER = IPv6Address("::ffff:192.0.2.2")


class Visit(Document):
    site: Annotated[str, PrimaryKey()]
    host: Annotated[IPv6Address, ClusteringKey()]
    seen: Annotated[list[IPv6Address], Indexed()] = []
    known: set[IPv6Address] = set()
    fixed: Annotated[frozenset[IPv6Address] | None, Frozen()] = None
    times: Annotated[dict[IPv6Address, int], Indexed()] = {}
    routes: dict[str, IPv6Address] = {}
    nested: list[tuple[int, IPv6Address]] = []
    inside: dict[str, list[IPv6Address]] = {}
    either: list[IPv4Address | IPv6Address] = []

    class Settings:
        name = "mapped_visits"


@pytest.fixture
async def tables(connection: AbstractDriver) -> AbstractDriver:
    await Visit.sync_table()
    return connection


async def saved() -> Visit:
    visit = Visit(
        site=str(uuid4()),
        host=MAPPED,
        seen=[MAPPED, PLAIN, MAPPED],
        known={MAPPED, PLAIN},
        fixed=frozenset({MAPPED}),
        times={MAPPED: 1, PLAIN: 2},
        routes={"a": MAPPED},
        nested=[(1, MAPPED)],
        inside={"a": [MAPPED, PLAIN]},
    )
    await visit.save()
    return visit


async def read(visit: Visit) -> Visit:
    return await Visit.get(site=visit.site, host=visit.host)


@pytest.mark.usefixtures("tables")
async def test_they_are_read_as_the_field_says_and_written_again() -> None:
    visit = await saved()
    found = await read(visit)
    assert found == visit
    assert {type(each) for each in (*found.seen, *found.known, *found.times, *found.inside["a"])} == {IPv6Address}
    await found.save()
    found.seen.append(OTHER)
    found.known.discard(MAPPED)
    found.times[OTHER] = 3
    await found.update()
    assert await read(visit) == found
    rows = await Visit.find(site=visit.site).values_list("seen", "times").all()
    assert rows == [([MAPPED, PLAIN, MAPPED, OTHER], {MAPPED: 1, PLAIN: 2, OTHER: 3})]


@pytest.mark.usefixtures("tables")
async def test_parts_of_collections_that_hold_them_are_changed_and_found() -> None:
    visit = await saved()
    await visit.update(setindex__seen=(1, OTHER), remove__known={MAPPED}, remove__times={MAPPED})
    await visit.update(put__routes={"b": OTHER})
    assert (visit.seen, visit.known, visit.times) == ([MAPPED, OTHER, MAPPED], {PLAIN}, {PLAIN: 2})
    assert await read(visit) == visit
    await visit.update(put__times={OTHER: 3})
    await visit.delete_columns(collection_elements=[("times", OTHER)])
    assert await read(visit) == visit
    of_it = Visit.find(site=visit.site)
    assert await of_it.filter(seen__contains=OTHER).allow_filtering().count() == 1
    assert await of_it.filter(routes__contains=MAPPED).allow_filtering().count() == 1
    assert await of_it.filter(fixed={MAPPED}).allow_filtering().count() == 1
    assert await of_it.filter(fixed__contains=MAPPED).allow_filtering().count() == 1
    assert await of_it.filter(nested__contains=(1, MAPPED)).allow_filtering().count() == 1


@pytest.mark.usefixtures("tables")
async def test_of_a_field_of_both_versions_the_ipv4_address_is_read() -> None:
    visit = await saved()
    visit.either = [MAPPED]
    await visit.save()
    found = await read(visit)
    assert found.either == [IPv4Address("192.0.2.1")]
    found.either = [MAPPED]
    await found.update(known=set())
    assert await Visit.find(site=visit.site, either__contains=MAPPED).allow_filtering().count() == 1


@pytest.mark.usefixtures("tables")
async def test_a_list_to_look_in_takes_none() -> None:
    visit = await saved()
    of_it = Visit.find(site=visit.site)
    assert await of_it.filter(host=MAPPED).count() == 1
    with pytest.raises(InvalidValueError, match=r"Visit\.host: __in .* IPv6 .*; ask by equality for each") as said:
        await Visit.find(site=visit.site, host__in=[PLAIN, MAPPED]).count()
    assert "192.0.2.1" not in str(said.value).replace("such as ::ffff:192.0.2.1", "")
    assert await of_it.filter(host__in=[PLAIN]).count() == 0
    assert await Visit.find().in_bulk([(visit.site, MAPPED)]) == {(visit.site, MAPPED): visit}
