"""Bases of families that name classes of rows which no class has, or have the class in their key, on the real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID, uuid4

import pytest

from coodie.aio import Document
from coodie.exceptions import InvalidValueError
from coodie.fields import ClusteringKey, Discriminator, PrimaryKey, Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

NO_CLASS: Any = None
"""What no type checker lets a program assign to a discriminator, and what a form or a patch may all the same."""


class Yacht(Document):
    """A base with a value and a version of its own, which names the classes of its rows."""

    id: Annotated[UUID, PrimaryKey()]
    kind: Annotated[Literal["yacht", "cutter", "old"], Discriminator()] = "yacht"
    version: Annotated[int, Version()] = 0

    class Settings:
        name = "yachts_of_classes"
        __discriminator_value__ = "yacht"


class Cutter(Yacht):
    class Settings(Yacht.Settings):
        __discriminator_value__ = "cutter"


async def test_a_base_takes_what_it_names_and_no_class_has(connection: AbstractDriver) -> None:
    await Yacht.sync_table()
    yacht = Yacht(id=uuid4())
    for _ in range(2):
        await yacht.save()
        for kind in (NO_CLASS, "cutter"):
            yacht.kind = kind
            for verb in (yacht.save, yacht.update):
                with pytest.raises(InvalidValueError, match=r"^Yacht\.kind: tells the classes apart"):
                    await verb()
        yacht.kind = "old"
    await yacht.save()
    assert [type(each) for each in await Yacht.find(id=yacht.id).all()] == [Yacht]
    assert (await Yacht.get(id=yacht.id)).kind == "old"


class Deck(Document):
    """A base whose rows have their class in their key."""

    fleet: Annotated[UUID, PrimaryKey()]
    kind: Annotated[str, ClusteringKey(), Discriminator()] = ""
    name: str = ""

    class Settings:
        name = "decks_of_classes"
        __discriminator_value__ = "deck"


class Bridge(Deck):
    class Settings(Deck.Settings):
        __discriminator_value__ = "bridge"


async def test_a_class_in_the_key_is_the_documents_own(connection: AbstractDriver) -> None:
    await Deck.sync_table()
    deck = Deck(fleet=uuid4())
    await deck.save()
    for kind in ("zzz", "bridge"):
        deck.kind = kind
        verbs: tuple[Callable[[], Any], ...] = (deck.save, deck.delete, lambda: deck.update(name="x"))
        for verb in verbs:
            with pytest.raises(InvalidValueError, match=r"^Deck\.kind: tells the classes apart"):
                await verb()
    assert await Deck.find(fleet=deck.fleet).all() == [Deck(fleet=deck.fleet)]
    await Deck.find(fleet=deck.fleet, kind="deck").delete()
    assert await Deck.find(fleet=deck.fleet).count() == 0
