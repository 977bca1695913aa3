"""The class of a row of a family on the real node: no write takes it away, nor gives one that there is not."""

from __future__ import annotations

import pickle
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


class Ship(Document):
    """A base whose own instances are told apart, too."""

    fleet: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    kind: Annotated[str, Discriminator()] = ""
    name: str = ""

    class Settings:
        name = "ships_of_classes"
        __discriminator_value__ = "ship"


class Ferry(Ship):
    class Settings(Ship.Settings):
        __discriminator_value__ = "ferry"


OF_SHIPS: dict[str, Callable[[Ship], Any]] = {
    "save": lambda ship: ship.save(),
    "save without nulls": lambda ship: ship.save(nulls="skip"),
    "save what changed": lambda ship: ship.save(changed_only=True),
    "insert": lambda ship: ship.insert(),
    "save_json": lambda ship: ship.save_json(),
    "save_many": lambda ship: Ship.find().save_many([ship]),
    "save_many in batches": lambda ship: Ship.find().save_many([ship], batched=True),
    "insert_many": lambda ship: Ship.find().insert_many([ship]),
    "update": lambda ship: ship.update(),
}


@pytest.mark.parametrize("verb", OF_SHIPS)
@pytest.mark.parametrize("kind", [NO_CLASS, "zzz", "ferry"])
async def test_a_base_with_a_value_of_its_own_keeps_its_class(connection: AbstractDriver, verb: str, kind: Any) -> None:
    await Ship.sync_table()
    ship = Ship(fleet=uuid4(), number=1)
    await ship.save()
    new = Ship(fleet=ship.fleet, number=2)
    for each in (ship, new):
        each.kind = kind
        if each is ship or verb != "update":
            with pytest.raises(InvalidValueError, match=r"^Ship\.kind: .*tells .* apart, .* 'ship'; leave it out$"):
                await OF_SHIPS[verb](each)
    assert await Ship.find(fleet=ship.fleet).all() == [Ship(fleet=ship.fleet, number=1)]


async def test_a_base_with_a_value_of_its_own_is_never_without_it(connection: AbstractDriver) -> None:
    await Ship.sync_table()
    ship = Ship(fleet=uuid4(), number=1)
    await ship.save()
    with pytest.raises(
        InvalidValueError, match=r"^Ship\.kind: tells the classes apart, and is never deleted; leave it"
    ):
        await ship.delete_columns("kind")
    del ship.kind
    with pytest.raises(InvalidValueError, match=r"^Ship\.kind: has no value"):
        await ship.save()
    assert type(await Ship.get(fleet=ship.fleet, number=1)) is Ship


class Submarine(Document):
    """What another program knows of the table."""

    fleet: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    kind: str = "submarine"

    class Settings:
        name = "ships_of_classes"


async def test_rows_of_classes_that_a_base_does_not_know_are_written_as_they_are(connection: AbstractDriver) -> None:
    await Ship.sync_table()
    fleet = uuid4()
    for number in (1, 2, 3):
        await Submarine(fleet=fleet, number=number).save()
    ships = await Ship.find(fleet=fleet).all()
    for ship in ships:
        ship.name = "Nautilus"
    await ships[0].save()
    await ships[1].save_json()
    await ships[2].update()
    found = await Ship.find(fleet=fleet).all()
    assert [(type(each), each.kind, each.name) for each in found] == [(Ship, "submarine", "Nautilus")] * 3


@pytest.mark.parametrize("verb", [verb for verb in OF_SHIPS if verb not in ("update", "save what changed")])
async def test_what_was_read_of_a_class_that_a_base_does_not_know_outlives_pickling_and_deletes(
    connection: AbstractDriver, verb: str
) -> None:
    await Ship.sync_table()
    fleet = uuid4()
    for number in (1, 2):
        await Submarine(fleet=fleet, number=number).save()
    deleted, read = await Ship.find(fleet=fleet).all()
    pickled = pickle.loads(pickle.dumps(read))  # noqa: S301 - pickled one line before
    await Ship.find(fleet=fleet).delete()
    await deleted.delete()
    for ship in (deleted, pickled):
        for kind in ("ferry", "zzz"):
            ship.kind = kind
            with pytest.raises(InvalidValueError, match=r"^Ship\.kind: .*tells .* apart"):
                await OF_SHIPS[verb](ship)
        ship.kind = "submarine"
        await OF_SHIPS[verb](ship)
        ship.kind = "ferry"
        with pytest.raises(InvalidValueError, match=r"^Ship\.kind: .*tells .* apart"):
            await OF_SHIPS[verb](ship)
    found = await Ship.find(fleet=fleet).all()
    assert [(type(each), each.number, each.kind) for each in found] == [(Ship, 1, "submarine"), (Ship, 2, "submarine")]


async def test_a_base_keeps_its_class_also_where_the_row_was_forgotten(connection: AbstractDriver) -> None:
    await Ship.sync_table()
    deleted, read = Ship(fleet=uuid4(), number=1), Ship(fleet=uuid4(), number=2)
    for ship in (deleted, read):
        await ship.save()
    await deleted.delete()
    for ship in (deleted, pickle.loads(pickle.dumps(read))):  # noqa: S301 - pickled one line before
        for kind in ("zzz", "", "ferry", NO_CLASS):
            ship.kind = kind
            with pytest.raises(InvalidValueError, match=r"^Ship\.kind: .*tells .* apart"):
                await ship.save()
    assert await Ship.find(fleet=deleted.fleet).count() == 0


async def test_a_row_without_a_class_is_one_of_the_base_and_gets_its_class_by_the_next_save(
    connection: AbstractDriver,
) -> None:
    await Ship.sync_table()
    fleet = uuid4()
    other = Submarine(fleet=fleet, number=1)
    await other.save()
    await other.delete_columns("kind")
    for _ in range(2):
        ship, is_new = await Ship.find().get_or_create(fleet=fleet, number=1)
        assert (ship, is_new) == (Ship(fleet=fleet, number=1), False)
        await ship.save()
    assert (await Submarine.get(fleet=fleet, number=1)).kind == "ship"


async def test_a_row_of_the_base_becomes_one_of_another_class_where_that_is_named(connection: AbstractDriver) -> None:
    await Ship.sync_table()
    ship = Ship(fleet=uuid4(), number=1)
    await ship.save()
    assert await Ship.find(fleet=ship.fleet, kind="ship").allow_filtering().count() == 1
    await ship.update(kind="ferry")
    await ship.save()
    assert await Ship.find(fleet=ship.fleet, kind="ferry").allow_filtering().all() == [
        Ferry(fleet=ship.fleet, number=1)
    ]
    await Ship.find(fleet=ship.fleet, number=1).update(kind="ship")
    assert type(await Ship.get(fleet=ship.fleet, number=1)) is Ship
