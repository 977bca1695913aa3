"""Updates of collections as they are documented, with every adapter on a real node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import Field

from coodie.aio import Document
from coodie.fields import Frozen, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = [pytest.mark.node, pytest.mark.every_adapter]
shows = pytest.mark.shows


class UserProfile(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    tags: set[str] = set()
    scores: list[int] = []
    comments: list[str] = []
    metadata: dict[str, str] = {}
    data: Annotated[list[int], Frozen()] = []

    class Settings:
        name = "documented_profiles"


@pytest.fixture
async def profile(connection: AbstractDriver) -> UserProfile:
    """A profile that was saved, with something in each collection."""
    await UserProfile.sync_table()
    made = UserProfile(
        tags={"old", "vip"}, scores=[50, 7, 50], comments=["said"], metadata={"a": "1", "b": "2"}, data=[1]
    )
    await made.save()
    return made


async def updated(profile: UserProfile, **changes: Any) -> UserProfile:
    """A profile as it is on the server after an update; the object in memory has become the same."""
    await profile.update(**changes)
    found = await UserProfile.get(id=profile.id)
    assert found == profile
    return found


@shows("collections of a model")
async def test_collections_come_back_as_they_were_saved(profile: UserProfile) -> None:
    assert await UserProfile.get(id=profile.id) == profile
    empty = UserProfile()
    await empty.save()
    assert await UserProfile.get(id=empty.id) == empty


@shows("update: add to a set")
async def test_what_is_added_to_a_set_joins_it(profile: UserProfile) -> None:
    assert (await updated(profile, add__tags={"new"})).tags == {"new", "old", "vip"}


@shows("update: remove from a set")
async def test_what_is_removed_from_a_set_leaves_it(profile: UserProfile) -> None:
    assert (await updated(profile, remove__tags={"old"})).tags == {"vip"}


@shows("update: append to a list")
async def test_what_is_appended_to_a_list_stands_last(profile: UserProfile) -> None:
    assert (await updated(profile, append__scores=[100, 101])).scores == [50, 7, 50, 100, 101]


@shows("update: prepend to a list")
async def test_what_is_prepended_to_a_list_stands_first_in_its_order(profile: UserProfile) -> None:
    assert (await updated(profile, prepend__scores=[0, 1])).scores == [0, 1, 50, 7, 50]


@shows("update: append a single value")
async def test_a_single_value_is_appended(profile: UserProfile) -> None:
    assert (await updated(profile, append__comments="Fixed")).comments == ["said", "Fixed"]


@shows("update: prepend a single value")
async def test_a_single_value_is_prepended(profile: UserProfile) -> None:
    assert (await updated(profile, prepend__comments="Now")).comments == ["Now", "said"]


@shows("update: remove from a list")
async def test_a_value_is_removed_from_a_list_wherever_it_stands(profile: UserProfile) -> None:
    assert (await updated(profile, remove__scores=[50])).scores == [7]


@shows("update: remove keys of a map")
async def test_keys_are_removed_from_a_map(profile: UserProfile) -> None:
    assert (await updated(profile, remove__metadata=["a", "missing"])).metadata == {"b": "2"}


async def test_a_frozen_list_is_replaced_as_a_whole(profile: UserProfile) -> None:
    assert (await updated(profile, data=[2, 3])).data == [2, 3]
