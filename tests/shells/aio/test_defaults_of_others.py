"""Defaults that are made of other fields, where a row of a real node has a null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import Field

from coodie.aio import Document
from coodie.fields import PrimaryKey
from coodie.usertype import UserType

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class OldPenName(UserType):
    first: str = ""
    short: str | None = None

    class Settings:
        type_name = "pen_names_by_first"


class PenName(UserType):
    first: str = ""
    short: str = Field(default_factory=lambda data: data["first"][:1])

    class Settings:
        type_name = "pen_names_by_first"


class Writer(Document):
    id: Annotated[int, PrimaryKey()]
    name: str
    pen: OldPenName | None = None

    class Settings:
        name = "writers_by_name"


class WriterWithSlug(Document):
    id: Annotated[int, PrimaryKey()]
    name: str
    slug: str = Field(default_factory=lambda data: data["name"].lower())
    pen: PenName | None = None

    class Settings:
        name = "writers_by_name"


async def test_rows_from_before_the_field_read_as_the_model_would_make_them(connection: AbstractDriver) -> None:
    await Writer.sync_table()
    await Writer(id=1, name="Ann", pen=OldPenName(first="Bob")).save()
    await WriterWithSlug.sync_table()
    read = await WriterWithSlug.get(id=1)
    assert read == WriterWithSlug(id=1, name="Ann", pen=PenName(first="Bob"))
    assert (read.slug, read.pen) == ("ann", PenName(first="Bob", short="B"))
    assert [each.slug for each in await WriterWithSlug.find(id=1).only("slug").all()] == ["ann"]
    assert await WriterWithSlug.find(id=1).values_list("slug").all() == [("ann",)]
    assert await WriterWithSlug.find(id=1).validate().all() == [read]
    await read.save()
    assert await WriterWithSlug.find(id=1).values_list("slug", flat=True).all() == ["ann"]
