"""What becomes of moments in a timestamp column, on the real node."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import Field, NaiveDatetime

from coodie.aio import Document
from coodie.exceptions import UnreadableValueError
from coodie.fields import PrimaryKey
from coodie.types import as_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Moment(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    at: dt.datetime
    local: NaiveDatetime | None = None
    others: list[dt.datetime] = []

    class Settings:
        name = "moments"


MOMENTS = [
    dt.datetime(2026, 3, 1, 12, 30, 15, 999_999, tzinfo=dt.timezone.utc),
    dt.datetime(2026, 7, 1, 23, 59, 59, 1, tzinfo=dt.timezone(dt.timedelta(hours=-9, minutes=-30))),
    dt.datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.timezone.utc),
    dt.datetime(1900, 1, 1, 0, 0, 0, 500, tzinfo=dt.timezone(dt.timedelta(hours=14))),
    dt.datetime(2026, 3, 1, 12, 30, 15, 123_456),  # noqa: DTZ001 - taken as UTC
]


async def test_a_document_that_is_read_has_what_as_timestamp_says(connection: AbstractDriver) -> None:
    await Moment.sync_table()
    for at in MOMENTS:
        written = Moment(at=at, local=at.replace(tzinfo=None), others=[at])
        await written.save()
        read = await Moment.get(id=written.id)
        kept = as_timestamp(at)
        assert (read.at, read.at.tzinfo, read.others) == (kept, dt.timezone.utc, [kept])
        assert read.local == as_timestamp(at.replace(tzinfo=None)).replace(tzinfo=None)
        assert read.local is not None
        assert read.local.tzinfo is None
        written.at, written.local, written.others = kept, read.local, [kept]
        assert written == read


class Far(Document):
    id: Annotated[int, PrimaryKey()]
    at: dt.datetime | None = None

    class Settings:
        name = "far_moments"


async def in_loop(query: Any) -> None:
    async for _ in query:
        pass


READING: dict[str, Callable[[Any], Any]] = {
    "all": lambda query: query.all(),
    "lazily": lambda query: query.all(lazy=True),
    "loop": in_loop,
    "skipping": lambda query: query.validate(on_invalid="skip").all(),
    "values": lambda query: query.values_list("at").all(),
    "first": lambda query: query.filter(id=1).first(),
}


@pytest.fixture
async def far(connection: AbstractDriver) -> None:
    """A row that Python can read, and one that it cannot."""
    await Far.sync_table()
    await Far(id=2, at=MOMENTS[0]).save()
    table = f"{connection.default_keyspace}.far_moments"
    await connection.execute_async(f"INSERT INTO {table} (id, at) VALUES (1, 253402300800000)", [])


_TOLD = (
    r"it is Far\.at: defer\('at'\) reads the rows without it, "
    r"only\('at'\)\.json\(\) shows it beside the key of its row as a text; write it anew"
)


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize("reading", READING)
async def test_a_moment_beyond_what_python_has_is_told_with_its_field(reading: str) -> None:
    with pytest.raises(UnreadableValueError, match=_TOLD) as told:
        await READING[reading](Far.find())
    assert (told.value.column, told.value.cql_type) == ("at", "timestamp")


@pytest.mark.usefixtures("far")
async def test_rows_of_such_moments_can_be_read_and_mended() -> None:
    assert {each.id for each in await Far.find().defer("at").all()} == {1, 2}
    assert any("10000-01-01" in each for each in await Far.find().json())
    beside_keys = sorted(await Far.find().only("at").json())
    assert [each.partition(",")[0] for each in beside_keys] == ['{"id": 1', '{"id": 2']
    await Far.find(id=1).update(at=MOMENTS[0])
    assert len(await Far.find().all()) == 2
