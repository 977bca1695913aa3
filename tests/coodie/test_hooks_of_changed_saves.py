"""Hooks of `save(changed_only=True)`: those of saves, whether the document has a row or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import pytest
from tests.coodie.failing import assigned

from coodie.fields import PrimaryKey, Version
from coodie.hooks import after_save, after_update, before_save, before_update
from coodie.sync import BatchQuery, Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver

APPLIED = Reply([(True,)], ("[applied]",), None, True)


class Order(Document):
    id: Annotated[int, PrimaryKey()]
    slug: Annotated[str, PrimaryKey()] = "none"
    total: int = 0
    note: str = ""
    saves: int = 0
    ran: ClassVar[list[str]] = []

    @before_save
    def check(self) -> None:
        self.ran.append("before save")
        if self.total < 0:
            raise ValueError("an order costs something")
        self.saves += 1
        if self.note == "moved":
            self.slug = "moved"

    @after_save
    def saved(self) -> None:
        self.ran.append("after save")

    @before_update
    @after_update
    def updated(self) -> None:
        self.ran.append("update")


class Versioned(Order):
    version: Annotated[int, Version()] = 0


SAVED = ["before save", "after save"]


@pytest.mark.parametrize("model", [Order, Versioned])
def test_hooks_of_saves_run_once(model: type[Order], script: Callable[..., ScriptedDriver]) -> None:
    driver = script(APPLIED, APPLIED)
    order = model(id=1)
    Order.ran.clear()
    order.save(changed_only=True)
    assert (Order.ran, order.saves) == (SAVED, 1)
    Order.ran.clear()
    order.total = 5
    order.save(changed_only=True)
    assert (Order.ran, order.saves) == (SAVED, 2)
    assert assigned(driver) == {"total = ?", "saves = ?"} | ({"version = ?"} if model is Versioned else set())


def test_what_a_hook_refuses_is_not_written(driver: ScriptedDriver) -> None:
    order = Order(id=1)
    order.save()
    order.total = -1
    with pytest.raises(ValueError, match="costs something"):
        order.save(changed_only=True)
    assert len(driver.requests) == 1
    assert order.saves == 1


def test_a_document_that_a_hook_gives_another_key_is_written_whole(driver: ScriptedDriver) -> None:
    order = Order(id=1, total=5)
    order.save()
    order.note = "moved"
    order.save(changed_only=True)
    sent = driver.requests[-1]
    assert sent.statement.cql.startswith("INSERT")
    assert list(sent.params) == [1, "moved", 5, "moved", 2]


def test_in_a_batch_hooks_behind_it_run_when_that_was_sent(driver: ScriptedDriver) -> None:
    order = Order(id=1)
    order.save()
    Order.ran.clear()
    with BatchQuery() as batch:
        order.total = 5
        order.save(changed_only=True, batch=batch)
        assert Order.ran == ["before save"]
    assert Order.ran == SAVED
    batch = BatchQuery()
    order.save(changed_only=True, batch=batch)
    batch.__exit__(KeyError, KeyError(), None)
    assert order.saves == 2
    assert len(driver.requests) == 2
