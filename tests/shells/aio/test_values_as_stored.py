"""What is looked for and removed is what the validators of a field have made, on the real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import pytest
from pydantic import StringConstraints

from coodie.aio import Document
from coodie.fields import Indexed, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

Email = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True)]


class Account(Document):
    id: Annotated[UUID, PrimaryKey()]
    email: Annotated[Email | None, Indexed()] = None
    tags: set[Email] = set()
    limits: dict[Email, int] = {}

    class Settings:
        name = "accounts_as_stored"


async def test_what_was_given_is_found_and_removed(connection: AbstractDriver) -> None:
    await Account.sync_table()
    name = uuid4().hex
    account = Account(id=uuid4(), email=f" {name.upper()}@X.com", tags={"A", " b"}, limits={"DAY": 1, "night": 2})
    await account.save()
    assert await Account.find(email=f" {name.upper()}@X.com").all() == [account]
    row = Account.find(id=account.id)
    assert await row.filter(email__in=[f"{name}@X.COM"]).allow_filtering().count() == 1
    assert await row.filter(tags__contains="B", limits__contains_key="Day").allow_filtering().count() == 1
    await account.delete_columns(collection_elements=[("limits", " DAY "), ("tags", "A")])
    await row.update(remove__limits={"NIGHT"})
    await row.update(put__limits={"WEEK": 3})
    found = await Account.get(id=account.id)
    assert (account.tags, found.tags, found.limits) == ({"b"}, {"b"}, {"week": 3})


async def test_a_row_that_holds_something_else_is_found_between_bounds(connection: AbstractDriver) -> None:
    await Account.sync_table()
    account = Account(id=uuid4())
    account.email = "ANN"  # which validates nothing
    await account.save()
    row = Account.find(id=account.id).allow_filtering()
    assert await row.filter(email="ANN").count() == 0
    assert await row.filter(email__gte="ANN", email__lte="ANN").count() == 1
    read = await Account.get(id=account.id)
    changed = await read.update(limits={"day": 1}, if_conditions={"email": read.email})
    assert changed.applied
