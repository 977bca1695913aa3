"""Types that columns keep as other ones come back from a real node as they were made."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import AnyUrl, Field, SecretStr

from coodie.aio import Document
from coodie.fields import BigInt, ClusteringKey, PrimaryKey
from kept_types import VALUES, Kept, Stamped

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Typed(Kept[Decimal], Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)

    class Settings(Stamped.Settings):
        name = "kept_types"


class Keyed(Document):
    token: Annotated[SecretStr, PrimaryKey()]
    url: Annotated[AnyUrl, ClusteringKey()]
    after: Annotated[dt.timedelta, BigInt(), ClusteringKey(clustering_key_index=1)]
    value: int = 0

    class Settings:
        name = "kept_keys"


@pytest.fixture
async def tables(connection: AbstractDriver) -> AbstractDriver:
    await Typed.sync_table()
    await Keyed.sync_table()
    return connection


@pytest.mark.usefixtures("tables")
async def test_an_instance_that_was_read_is_the_one_that_was_made() -> None:
    for values in (VALUES, dict[str, Any]()):
        made = Typed.model_validate(values)
        await made.save()
        read = await Typed.get(id=made.id)
        assert read == made
        assert read.model_dump() == made.model_dump()
        assert repr(read) == repr(made)
        assert {name: type(getattr(read, name)) for name in Typed.model_fields} == {
            name: type(getattr(made, name)) for name in Typed.model_fields
        }


@pytest.mark.usefixtures("tables")
async def test_they_are_parts_of_keys_and_compared() -> None:
    made = [
        Keyed(token=SecretStr("t"), url=AnyUrl("http://a.example/"), after=dt.timedelta(seconds=each))
        for each in (-5, 5)
    ]
    for each in made:
        await each.save()
    assert await Keyed.find(token="t").all() == made
    later = Keyed.find(token=SecretStr("t"), url="http://a.example/", after__gt=dt.timedelta(0))
    assert await later.all() == made[1:]


@pytest.mark.usefixtures("tables")
async def test_they_are_updated() -> None:
    made = Typed(id=uuid4())
    await made.save()
    given = {name: value for name, value in VALUES.items() if name != "aliased"}
    await made.update(**given)
    assert await Typed.get(id=made.id) == made
    assert made.url == AnyUrl(VALUES["url"])
