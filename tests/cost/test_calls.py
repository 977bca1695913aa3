"""How many Python calls a verb costs: a budget that needs no clock. Who spends more says why, here."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest

from coodie.fields import BigInt, ClusteringKey, PrimaryKey
from coodie.sync import BatchQuery, Document
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from coodie_drivers.messages import BatchRequest, Request

TENANT = uuid4()


class Item(Document):
    tenant: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, BigInt(), ClusteringKey()]
    name: str = ""
    price: float = 0.0
    stock: int = 0
    tags: list[str] = []

    class Settings:
        name = "items"
        keyspace = "ks"


class Answering(ScriptedDriver):
    """Answers each request alike, and remembers none."""

    needs_row_validation = False
    answer = Reply()

    def send(self, request: Request | BatchRequest) -> Reply:
        """Answer at once."""
        del request
        return self.answer


@pytest.fixture
def driver() -> Iterator[Answering]:
    """The default connection."""
    answering = Answering()
    register_driver("cost", answering, default=True)
    yield answering
    unregister_driver("cost")


def calls_of(verb: Callable[[], Any]) -> int:
    """Count the Python functions that a verb calls, itself not counted, when everything is planned already."""
    verb()
    verb()
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        del frame, argument
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    gc.disable()  # whoever has asked to be called when there is garbage would be counted
    sys.setprofile(note)
    try:
        verb()
    finally:
        sys.setprofile(before)
        gc.enable()
    return count - 1


def rows(number: int) -> Reply:
    """Make an answer of so many rows."""
    return Reply([(TENANT, place, "a", 1.0, 2, ["x"]) for place in range(number)], tuple(Item.model_fields))


def item(number: int = 1) -> Item:
    """Make a document that no other verb has written or deleted."""
    return Item(tenant=TENANT, number=number, tags=["x"])


SAVED, INSERTED, CHANGED, DELETED, BATCHED = item(), item(), item(), item(), [item(number) for number in range(20)]
APPLIED = Reply([(True,)], ("[applied]",), None, True)


def save_twenty() -> None:
    """Save documents by one batch."""
    with BatchQuery() as batch:
        for each in BATCHED:
            each.save(batch=batch)


BUDGETS: dict[str, tuple[Callable[[], Any], Reply, int]] = {
    "save": (SAVED.save, Reply(), 13),
    "insert": (INSERTED.insert, APPLIED, 17),
    "batch of twenty": (save_twenty, Reply(), 289),
    "update of two": (lambda: CHANGED.update(price=2.0, stock=3), Reply(), 15),
    "delete": (DELETED.delete, Reply(), 12),
    "get": (lambda: Item.get(tenant=TENANT, number=1), rows(1), 19),
    "find one row": (lambda: Item.find(tenant=TENANT).all(), rows(1), 19),
    "find a hundred rows": (lambda: Item.find(tenant=TENANT).all(), rows(100), 19),
    "count": (lambda: Item.find(tenant=TENANT).count(), Reply([(3,)], ("count",)), 18),
    "chain": (lambda: Item.find(tenant=TENANT).filter(number__gte=1).order_by("-number").limit(20), Reply(), 16),
}


@pytest.mark.parametrize("verb", BUDGETS)
def test_a_verb_keeps_to_its_budget(driver: Answering, verb: str) -> None:
    call, answer, budget = BUDGETS[verb]
    driver.answer = answer
    spent = calls_of(call)
    assert spent <= budget, f"{verb} spends {spent} calls, more than {budget}"


def test_the_count_sees_a_call_more(driver: Answering) -> None:
    def nothing() -> None:
        """Do nothing."""

    assert calls_of(lambda: nothing()) == calls_of(nothing) + 1  # noqa: PLW0108 - the call is what is counted
