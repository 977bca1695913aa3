"""What `create()` and `get_or_create()` are given besides fields: an option is refused, and never passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AliasChoices, AliasPath, Field

from coodie import aio
from coodie.exceptions import InvalidQueryError
from coodie.fields import PrimaryKey
from coodie.sync import BatchQuery, Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Ware(Document):
    id: Annotated[int, PrimaryKey()]
    count: int = 0


class LaterWare(aio.Document):
    id: Annotated[int, PrimaryKey()]


class Offer(Document):
    """Its fields are called as options are, or are constructed by such names."""

    id: Annotated[int, PrimaryKey()]
    life: int = Field(default=0, alias="ttl")
    seconds: int = Field(default=0, alias="timeout")
    level: str = Field(default="", validation_alias=AliasChoices("consistency", "nothing"))
    moment: int = Field(default=0, validation_alias=AliasPath("timestamp", 0))


class Closed(Document, extra="forbid"):
    id: Annotated[int, PrimaryKey()]


CREATING: dict[str, tuple[object, str]] = {
    "ttl": (60, r"takes no ttl=.*write Ware\.find\(\)\.ttl\(\.\.\.\)\.create\(\.\.\.\)"),
    "timestamp": (5, r"write Ware\.find\(\)\.timestamp\(\.\.\.\)\.create\(\.\.\.\)"),
    "consistency": ("QUORUM", r"write Ware\.find\(\)\.consistency\(\.\.\.\)\.create\(\.\.\.\)"),
    "timeout": (1, r"write Ware\.find\(\)\.timeout\(\.\.\.\)\.create\(\.\.\.\)"),
    "if_not_exists": (True, r"write Ware\.find\(\)\.if_not_exists\(\)\.create\(\.\.\.\)"),
    "keyspace": ("ann", r"write Ware\.find\(\)\.using\(keyspace=\.\.\.\)\.create\(\.\.\.\)"),
    "connection": ("ann", r"write Ware\.find\(\)\.using\(connection=\.\.\.\)\.create\(\.\.\.\)"),
    "nulls": ("skip", r"write Ware\(\.\.\.\)\.save\(nulls=\.\.\.\)"),
    "if_exists": (True, r"update\(\) asks for a row that is there"),
    "if_conditions": ({"count": 1}, r"update\(\) asks for a row that is there"),
}
FINDING: dict[str, tuple[object, str]] = {
    "ttl": (60, r"get_or_create\(\) of Ware takes no ttl=.*Ware\.find\(\)\.ttl\(\.\.\.\)\.get_or_create\(\.\.\.\)"),
    "consistency": ("ONE", r"write Ware\.find\(\)\.consistency\(\.\.\.\)\.get_or_create\(\.\.\.\)"),
    "keyspace": ("ann", r"write Ware\.find\(\)\.using\(keyspace=\.\.\.\)\.get_or_create\(\.\.\.\)"),
    "timestamp": (5, r"a lightweight transaction is timed by the server; leave it out"),
    "if_not_exists": (True, r"it creates nothing where there is a row; leave it out"),
    "batch": (BatchQuery(), r"its answer is needed at once; write Ware\(\.\.\.\)\.insert\(batch=\.\.\.\)"),
    "nulls": ("write", r"leave it out"),
    "if_exists": (True, r"leave it out"),
}


@pytest.mark.parametrize("option", CREATING)
def test_an_option_is_no_field_to_create(option: str, driver: ScriptedDriver) -> None:
    value, sentence = CREATING[option]
    given: dict[str, Any] = {"id": 1, option: value}
    creating: list[Callable[[], object]] = [
        lambda: Ware.create(**given),
        lambda: Ware.find().create(**given),
        lambda: Ware.find().if_not_exists().create(**given),
    ]
    for create in creating:
        with pytest.raises(InvalidQueryError, match=rf"^create\(\) of Ware .*{sentence}"):
            create()
    assert driver.requests == []


@pytest.mark.parametrize("option", FINDING)
def test_an_option_is_no_field_to_get_or_create(option: str, driver: ScriptedDriver) -> None:
    value, sentence = FINDING[option]
    given: dict[str, Any] = {"id": 1, option: value}
    with pytest.raises(InvalidQueryError, match=sentence):
        Ware.find().get_or_create(**given)
    assert driver.requests == []


async def test_nor_is_it_asynchronously(driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=r"LaterWare\.find\(\)\.ttl\(\.\.\.\)\.create\(\.\.\.\)"):
        await LaterWare.create(id=1, ttl=60)
    with pytest.raises(InvalidQueryError, match=r"its answer is needed at once"):
        await LaterWare.find().get_or_create(id=1, batch=aio.AsyncBatchQuery())
    assert driver.requests == []


def test_a_field_of_that_name_is_one(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(Reply(), Reply(), Reply([(True,)], ("[applied]",), applied=True))
    fields: dict[str, Any] = {"id": 1, "ttl": 2, "timeout": 3, "consistency": "4", "timestamp": [5]}
    made = [Offer.create(**fields), Offer.find().create(**fields), Offer.find().get_or_create(**fields)[0]]
    assert {(each.life, each.seconds, each.level, each.moment) for each in made} == {(2, 3, "4", 5)}
    assert len(driver.requests) == len(made)


def test_what_a_model_does_with_others_is_its_own(driver: ScriptedDriver) -> None:
    assert Ware.create(id=1, name="x") == Ware(id=1)
    with pytest.raises(InvalidQueryError, match=r"Closed\.find\(\)\.ttl"):
        Closed.create(id=1, ttl=60)
    assert len(driver.requests) == 1
