"""Keys of 65,535 bytes are sent and longer ones refused, counted as the server counts them."""

from __future__ import annotations

import datetime as dt
import ipaddress
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import pytest

from coodie.exceptions import InvalidValueError
from coodie.fields import ClusteringKey, Counter, Frozen, PrimaryKey, VarInt
from coodie.sync import BatchQuery, CounterDocument, Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver

MOST = 65_535


class Page(Document):
    url: Annotated[str, PrimaryKey()]
    text: str = ""


class Blob(Document):
    data: Annotated[bytes, PrimaryKey()]


class Part(Document):
    site: Annotated[str, PrimaryKey(partition_key_index=0)]
    path: Annotated[str, PrimaryKey(partition_key_index=1)]
    number: Annotated[int, PrimaryKey(partition_key_index=2)]
    text: str = ""


class Line(Document):
    book: Annotated[int, PrimaryKey()]
    first: Annotated[str, ClusteringKey(clustering_key_index=0)]
    second: Annotated[bytes, ClusteringKey(clustering_key_index=1)]
    text: str = ""


class Hits(CounterDocument):
    site: Annotated[str, PrimaryKey(partition_key_index=0)]
    path: Annotated[str, PrimaryKey(partition_key_index=1)]
    count: Annotated[int, Counter()] = 0


class Number(Document):
    value: Annotated[int, VarInt(), PrimaryKey()]


class Many(Document):
    names: Annotated[list[str], Frozen(), PrimaryKey(partition_key_index=0)]
    pair: Annotated[tuple[str, int | None], PrimaryKey(partition_key_index=1)]
    prices: Annotated[dict[str, Decimal], Frozen(), PrimaryKey(partition_key_index=2)]


class Everything(Document):
    name: Annotated[str, PrimaryKey(partition_key_index=0)]
    day: Annotated[dt.date, PrimaryKey(partition_key_index=1)]
    at: Annotated[dt.datetime, PrimaryKey(partition_key_index=2)]
    time: Annotated[dt.time, PrimaryKey(partition_key_index=3)]
    address: Annotated[ipaddress.IPv6Address, PrimaryKey(partition_key_index=4)]
    flag: Annotated[bool, PrimaryKey(partition_key_index=5)]
    number: Annotated[float, PrimaryKey(partition_key_index=6)]
    key: Annotated[UUID, PrimaryKey(partition_key_index=7)]


def everything(length: int) -> Everything:
    moment = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc)
    return Everything(
        name="x" * length,
        day=moment.date(),
        at=moment,
        time=moment.time(),
        address=ipaddress.IPv6Address("::1"),
        flag=True,
        number=1.5,
        key=UUID(int=1),
    )


AT_THE_LIMIT: dict[str, tuple[Callable[[int], Document], str, int]] = {
    "one text": (lambda more: Page(url="x" * (MOST + more)), "url", MOST),
    "characters of two bytes": (lambda more: Page(url="ä" * 32_767 + "x" * (1 + more)), "url", MOST),
    "one blob": (lambda more: Blob(data=bytes(MOST + more)), "data", MOST),
    "three columns": (lambda more: Part(site="s" * 10, path="p" * (65_512 + more), number=1), "path", MOST),
    "clustering columns": (lambda more: Line(book=1, first="a" * 30_000, second=bytes(35_535 + more)), "second", MOST),
    "a number": (lambda more: Number(value=1 << (8 * (MOST + more) - 2)), "value", MOST),
    "collections": (
        # 4 for the number of elements, 4 for each length; the parts of a tuple as well; a decimal has 4 of its scale.
        lambda more: Many(names=["a", "b" * 60_000], pair=("c" * (5_487 + more), None), prices={"d": Decimal("1.5")}),
        "names",
        MOST,
    ),
    # 4, 8, 8, 16, 1, 4 and 16 bytes, and 3 for each of eight columns.
    "fixed sizes": (lambda more: everything(65_454 + more), "name", MOST),
}


@pytest.mark.parametrize("case", AT_THE_LIMIT)
def test_the_last_byte_decides(case: str, driver: ScriptedDriver) -> None:
    make, field, most = AT_THE_LIMIT[case]
    make(0).save()
    assert len(driver.requests) == 1
    for write in (make(1).save, make(1).insert, make(1).delete, lambda: make(1).save(batch=BatchQuery())):
        with pytest.raises(InvalidValueError, match=rf"has {most + 1:,} bytes") as caught:
            write()
        assert caught.value.field == field
    assert len(driver.requests) == 1


def test_the_sentence_says_what_is_counted_and_the_way_out(driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Part(site="s" * MOST, path="p", number=1).save()
    assert str(caught.value) == (
        "Part.site: the partition key ('site', 'path', 'number') has 65,549 bytes, 3 for each column among them; a "
        "server takes 65,535: store a digest of it as the key, and the whole in another field"
    )
    assert driver.requests == []


LONG = "x" * (MOST + 1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Page.get(url=LONG),
        lambda: Page.find(url=LONG).all(),
        lambda: Page.find(url__in=["a", LONG]).count(),
        lambda: Page.find(url=LONG).update(text="x"),
        lambda: Page.find(url=LONG).delete(),
        lambda: Page.find().in_bulk([LONG]),
        lambda: Part.find(site=LONG, path="", number=1).update(text="x"),
        lambda: Part.find(site=LONG[1:-5], path="xxx", number=1).delete(),
        lambda: Part(site=LONG, path="", number=1).update(text="x"),
        lambda: Hits.increment(site=LONG[9:], path="xxxxxx", count=1),
        lambda: Hits(site=LONG[9:], path="xxxxxx").increment(count=1),
        lambda: Line.find(book=1, first=LONG, second=b"").update(text="x"),
        lambda: Line(book=1, first=LONG, second=b"").delete_columns("text"),
    ],
)
def test_every_verb_refuses_before_anything_is_sent(call: Callable[[], object], driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError, match="a server takes 65,535"):
        call()
    assert driver.requests == []


def test_ranges_of_a_clustering_key_are_of_any_length(driver: ScriptedDriver) -> None:
    Line.find(book=1, first__gt=LONG).all()
    assert len(driver.requests) == 1


def test_parts_of_a_partition_key_may_be_empty_and_a_whole_one_may_not(driver: ScriptedDriver) -> None:
    Part(site="", path="", number=1).save()
    assert len(driver.requests) == 1
    with pytest.raises(InvalidValueError, match="is the whole partition key and is empty"):
        Page(url="").save()


def test_a_key_of_the_wrong_type_is_named(driver: ScriptedDriver) -> None:
    page = Page(url="a")
    page.url = 5  # type: ignore[assignment]  # what the test is about
    with pytest.raises(InvalidValueError, match=r"^Page\.url: CQL text takes str, not int"):
        page.save()
    assert driver.requests == []
