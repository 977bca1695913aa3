"""Fields that no update names: refused wherever changes come by name, and written where the program assigns them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel

from coodie.exceptions import ConditionFailedError, InvalidValueError
from coodie.fields import PrimaryKey, Protected
from coodie.results import LWTResult, WriteResult
from coodie.sync import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Account(Document):
    id: Annotated[int, PrimaryKey()]
    email: str = ""
    role: Annotated[str, Protected()] = "reader"
    rights: Annotated[set[str], Protected()] = set()


class Patch(BaseModel):
    email: str = ""
    role: str = ""


BY_NAME: dict[str, Callable[[], object]] = {
    "a document": lambda: Account(id=1).update(email="a", role="admin"),
    "a query": lambda: Account.find(id=1).update(role="admin"),
    "a part": lambda: Account.find(id=1).update(add__rights={"all"}),
    "a model": lambda: Account.find(id=1).update_from(Patch(role="admin")),
    "many": lambda: Account.find().update_many([Account(id=1)], role="admin"),
}


@pytest.mark.parametrize("way", BY_NAME)
def test_an_update_that_names_it_is_refused_with_the_way_out(way: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError, match=r"^Account\.(role|rights): is Protected\(\).*assign it to a document"):
        BY_NAME[way]()
    assert driver.requests == []


def test_what_a_program_assigns_is_written(driver: ScriptedDriver) -> None:
    account = Account(id=1)
    account.save()
    account.role = "admin"
    account.update()
    assert "admin" in driver.requests[-1].params
    Account.find(id=1).update_from(Patch(email="a"))
    assert "a" in driver.requests[-1].params


@pytest.mark.parametrize("result", [LWTResult(applied=False, existing={"id": 1}), WriteResult(applied=False)])
def test_a_result_raises_where_nothing_was_written(result: LWTResult) -> None:
    with pytest.raises(ConditionFailedError) as caught:
        result.raise_on_conflict()
    assert (caught.value.model, caught.value.existing) == (None, result.existing)
    assert WriteResult(applied=True, written=2).raise_on_conflict().written == 2
