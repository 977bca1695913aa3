"""What a document holds is written as it holds it: validators see a value when it is given, and never again."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid4

import pytest
from pydantic import Base64Str, Field, field_validator

from coodie.aio import Document
from coodie.exceptions import InvalidValueError
from coodie.fields import PrimaryKey, Protected, Version
from coodie.hooks import before_update
from coodie.mixins import Timestamped

pytestmark = pytest.mark.node


class User(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    password: str = "none"
    secret: Base64Str = "aGVsbG8="
    title: str = ""

    class Settings:
        name = "users_as_held"

    @field_validator("password")
    @classmethod
    def hashed(cls, value: str) -> str:
        return f"hash({value})"


class CheckedUser(User):
    model_config: ClassVar[Any] = {"validate_assignment": True}

    class Settings(User.Settings):
        name = "checked_users_as_held"


class VersionedUser(User):
    role: Annotated[str, Protected()] = "reader"
    born: Annotated[int, Field(frozen=True)] = 5
    editor: str | None = None
    version: Annotated[int, Version()] = 0

    class Settings(User.Settings):
        name = "versioned_users_as_held"


class Skipping(VersionedUser):
    class Settings(VersionedUser.Settings):
        name = "skipping_users_as_held"
        nulls = "skip"


class Stamped(Timestamped, Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    title: str = ""
    body: str = ""
    changed_by: Annotated[str, Protected()] = ""

    class Settings:
        name = "stamped_as_held"

    @before_update
    def sign(self) -> None:
        self.changed_by = "me"


class Words(dict[str, int]):
    pass


class Bag(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    words: Words = Words()

    class Settings:
        name = "bags_as_held"


@pytest.mark.usefixtures("connection")
async def test_a_versioned_save_changes_nothing_of_what_it_writes() -> None:
    await VersionedUser.sync_table()
    made = VersionedUser(password="pw", secret="YUdWc2JHOD0=")
    await made.save()
    user = await VersionedUser.get(id=made.id)
    user.title, user.role = "changed", "writer"
    await user.save()
    found = await VersionedUser.get(id=made.id)
    assert found == user
    assert (found.password, found.secret, found.role, found.born) == ("hash(pw)", made.secret, "writer", 5)
    user.title = 5  # type: ignore[assignment]
    with pytest.raises(InvalidValueError, match=r"VersionedUser\.title"):
        await user.save()
    assert (await VersionedUser.get(id=made.id)).version == user.version == 1


@pytest.mark.parametrize("model", [VersionedUser, Skipping])
@pytest.mark.usefixtures("connection")
async def test_a_versioned_save_leaves_nulls_alone_where_that_is_asked_for(model: type[VersionedUser]) -> None:
    await model.sync_table()
    made = model(editor="Ann")
    await made.save()
    user = await model.get(id=made.id)
    user.editor, user.title = None, "changed"
    await user.save(nulls=None if model is Skipping else "skip")
    found = await model.get(id=made.id)
    assert (found.editor, found.title, found.version) == ("Ann", "changed", 1)
    await user.save(nulls="write")
    assert (await model.get(id=made.id)).editor is None


@pytest.mark.parametrize("model", [User, CheckedUser, VersionedUser])
@pytest.mark.usefixtures("connection")
async def test_an_update_without_fields_writes_what_was_assigned(model: type[User]) -> None:
    await model.sync_table()
    made = model(password="a")
    await made.save()
    user = await model.get(id=made.id)
    user.password, user.secret = "b", "YWJjZA=="
    await user.update()
    found = await model.get(id=made.id)
    assert (found.password, found.secret) == (user.password, user.secret)
    if model is CheckedUser:
        assert (user.password, user.secret) == ("hash(b)", "abcd")
    await user.update(password="c")
    assert (await model.get(id=made.id)).password == user.password == "hash(c)"


@pytest.mark.usefixtures("connection")
async def test_a_hook_may_assign_what_no_update_may_name() -> None:
    await Stamped.sync_table()
    made = Stamped()
    await made.save()
    await made.update(title="x")
    assert (await Stamped.get(id=made.id)).changed_by == made.changed_by == "me"
    with pytest.raises(InvalidValueError, match=r"Stamped\.changed_by: is Protected"):
        await made.update(changed_by="you")


@pytest.mark.usefixtures("connection")
async def test_a_class_of_dicts_is_changed_in_place() -> None:
    await Bag.sync_table()
    bag = Bag(words=Words(a=1))
    await bag.save()
    bag.words["b"] = 2
    await bag.update()
    await bag.update(put__words={"c": 3})
    assert type(bag.words) is Words
    assert (await Bag.get(id=bag.id)).words == bag.words == {"a": 1, "b": 2, "c": 3}
