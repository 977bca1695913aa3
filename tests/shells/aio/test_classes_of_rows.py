"""The class of a row of a family on the real node: no write takes it away, nor gives one that there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import InvalidQueryError, InvalidValueError
from coodie.fields import ClusteringKey, Discriminator, PrimaryKey, Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

NO_CLASS: Any = None
"""What no type checker lets a program assign to a discriminator, and what a form or a patch may all the same."""


class Boat(Document):
    fleet: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    kind: Annotated[str, Discriminator()] = ""
    name: str = ""

    class Settings:
        name = "boats_of_classes"


class Raft(Boat):
    logs: int = 4

    class Settings(Boat.Settings):
        __discriminator_value__ = "raft"


class Punt(Boat):
    class Settings(Boat.Settings):
        __discriminator_value__ = "punt"


async def _batched(raft: Raft) -> None:
    async with AsyncBatchQuery() as batch:
        await raft.save(batch=batch)


VERBS: dict[str, Callable[[Raft], Any]] = {
    "save": lambda raft: raft.save(),
    "save without nulls": lambda raft: raft.save(nulls="skip"),
    "insert": lambda raft: raft.insert(),
    "save_json": lambda raft: raft.save_json(),
    "save_many": lambda raft: Raft.find().save_many([raft]),
    "save_many of the base": lambda raft: Boat.find().save_many([raft]),
    "save_many in batches": lambda raft: Raft.find().save_many([raft], batched=True),
    "insert_many": lambda raft: Raft.find().insert_many([raft]),
    "in a batch": _batched,
}


@pytest.mark.parametrize("verb", VERBS)
async def test_a_new_row_is_never_without_its_class(connection: AbstractDriver, verb: str) -> None:
    await Boat.sync_table()
    raft = Raft(fleet=uuid4(), number=1)
    raft.kind = NO_CLASS
    with pytest.raises(InvalidValueError, match=r"^Raft\.kind: .*tells .* apart, .* 'raft'; leave it out$"):
        await VERBS[verb](raft)
    del raft.kind
    with pytest.raises(InvalidValueError, match=r"^Raft\.kind: has no value"):
        await VERBS[verb](raft)
    assert await Boat.find(fleet=raft.fleet).count() == 0


async def test_a_row_keeps_its_class(connection: AbstractDriver) -> None:
    await Boat.sync_table()
    raft = Raft(fleet=uuid4(), number=1)
    await raft.save()
    raft.kind = NO_CLASS
    verbs: tuple[Callable[[], Any], ...] = (
        raft.save,
        raft.update,
        raft.save_json,
        lambda: raft.save(changed_only=True),
        lambda: raft.delete_columns("kind"),
    )
    for verb in verbs:
        with pytest.raises(InvalidValueError, match=r"^Raft\.kind: tells the classes apart.*; leave it out$"):
            await verb()
    assert await Boat.find(fleet=raft.fleet).all() == [Raft(fleet=raft.fleet, number=1)]


class Tug(Document):
    """A family with a version, whose documents are saved by updates."""

    id: Annotated[UUID, PrimaryKey()]
    kind: Annotated[str, Discriminator()] = ""
    version: Annotated[int, Version()] = 0

    class Settings:
        name = "tugs_of_classes"


class Pusher(Tug):
    class Settings(Tug.Settings):
        __discriminator_value__ = "pusher"


async def test_a_row_with_a_version_keeps_its_class(connection: AbstractDriver) -> None:
    await Tug.sync_table()
    pusher = Pusher(id=uuid4())
    await pusher.save()
    pusher.kind = NO_CLASS
    for verb in (pusher.save, pusher.update, lambda: pusher.delete_columns("kind")):
        with pytest.raises(InvalidValueError, match=r"^Pusher\.kind: tells the classes apart"):
            await verb()
    assert type(await Tug.get(id=pusher.id)) is Pusher


async def test_documents_of_the_base_are_written_as_they_are(connection: AbstractDriver) -> None:
    await Boat.sync_table()
    fleet = uuid4()
    boats = [Boat(fleet=fleet, number=number) for number in range(4)]
    boats[1].kind = "wreck"
    boats[2].kind = NO_CLASS
    for boat in boats:
        await boat.save()
    await boats[3].delete_columns("kind")
    found = await Boat.find(fleet=fleet).all()
    assert [(type(each), each.kind) for each in found] == [(Boat, kind) for kind in ("", "wreck", "", "")]


async def test_an_update_of_the_base_gives_no_class_that_there_is_not(connection: AbstractDriver) -> None:
    await Boat.sync_table()
    fleet = uuid4()
    raft, boat = Raft(fleet=fleet, number=1), Boat(fleet=fleet, number=2)
    await raft.save()
    await boat.save()
    row, problem = Boat.find(fleet=fleet, number=1), r"^Boat\.kind: .* no class of Boat .*: 'raft', 'punt'"
    for kind in ("zzz", ""):
        with pytest.raises(InvalidQueryError, match=problem):
            await row.update(kind=kind)
    with pytest.raises(InvalidQueryError, match=problem):
        await boat.update(kind="zzz")
    with pytest.raises(InvalidQueryError, match=problem):
        await Boat.find().update_many([boat], kind="zzz")
    await boat.update(kind="", name="as it is")  # what a program sends that gives all fields
    with pytest.raises(InvalidQueryError, match=r"^Boat\.kind"):
        await row.update(kind=NO_CLASS)
    assert [type(each) for each in await Boat.find(fleet=fleet).all()] == [Raft, Boat]
    await row.update(kind="punt")
    await boat.update(kind="raft", name="made")
    assert await Boat.find(fleet=fleet).all() == [
        Punt(fleet=fleet, number=1),
        Raft(fleet=fleet, number=2, name="made", logs=4),
    ]


class Buoy(Document):
    """A base none of whose classes this program defines."""

    id: Annotated[UUID, PrimaryKey()]
    kind: Annotated[str, Discriminator()] = ""

    class Settings:
        name = "buoys_of_classes"


async def test_a_base_alone_knows_no_classes_to_refuse_others(connection: AbstractDriver) -> None:
    await Buoy.sync_table()
    buoy = Buoy(id=uuid4())
    await buoy.save()
    await Buoy.find(id=buoy.id).update(kind="bell")
    assert (await Buoy.get(id=buoy.id)).kind == "bell"
