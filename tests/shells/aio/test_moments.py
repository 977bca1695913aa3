"""What becomes of moments in a timestamp column, on the real node."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import pytest
from pydantic import Field, NaiveDatetime

from coodie.aio import Document
from coodie.fields import PrimaryKey
from coodie.types import as_timestamp

if TYPE_CHECKING:
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
