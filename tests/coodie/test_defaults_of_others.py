"""Defaults that Pydantic makes of other fields, `Field(default_factory=lambda data: ...)`, where a row has a null."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, Field

from coodie.exceptions import InvalidRowError
from coodie.fields import ClusteringKey, Discriminator, PrimaryKey, Static
from coodie.sync import Document
from coodie.usertype import UserType
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver

    Script = Callable[..., ScriptedDriver]


class Kind(Enum):
    PERSON = "person"


class Nick(UserType):
    first: str = ""
    short: str = Field(default_factory=lambda data: data["first"][:1])
    shout: str = Field(default_factory=lambda data: f"{data['short'].upper()}!")


class Author(Document):
    id: Annotated[int, PrimaryKey()]
    name: str
    slug: str = Field(default_factory=lambda data: data["name"].lower())
    path: str = Field(default_factory=lambda data: f"/{data['id']}/{data['slug']}")
    kind: Kind = Field(default_factory=lambda data: Kind("person" if data["name"] else "robot"))
    nick: Nick | None = None


COLUMNS = ("id", "name", "slug", "path", "kind", "nick")
OLD: tuple[Any, ...] = (1, "Ann", None, None, None, None)
MADE = Author(id=1, name="Ann")


def answer(*names: str) -> Reply:
    """The old row in these columns."""
    return Reply([tuple(OLD[COLUMNS.index(name)] for name in names)], names)


@pytest.mark.parametrize("validates", [False, True])
def test_a_null_reads_as_the_model_would_make_it(validates: bool, script: Script) -> None:
    driver = script(answer(*COLUMNS), Reply([], ()))
    driver.needs_row_validation = validates
    read = Author.get(id=1)
    assert read == MADE
    assert vars(read) == {**dict(zip(COLUMNS, OLD, strict=True)), "slug": "ann", "path": "/1/ann", "kind": "person"}
    assert list(vars(read)) == list(COLUMNS)
    read.name = "Bob"
    read.update()
    assert driver.requests[-1].statement.cql == "UPDATE ks.author SET name = ? WHERE id = ?"


def test_a_value_is_kept_and_others_are_made_of_it(script: Script) -> None:
    script(Reply([(1, "Ann", "own", None, None, None)], COLUMNS))
    read = Author.get(id=1)
    assert (read.slug, read.path) == ("own", "/1/own")


@pytest.mark.parametrize(
    ("fields", "fetched"),
    [
        (("slug",), ("id", "slug", "name")),
        (("path", "name"), ("id", "name", "path", "slug")),
        (("name",), ("id", "name")),
    ],
)
def test_a_part_is_fetched_with_what_its_defaults_are_made_of(
    fields: tuple[str, ...], fetched: tuple[str, ...], script: Script
) -> None:
    driver = script(answer(*fetched))
    (read,) = Author.find(id=1).only(*fields).all()
    assert driver.requests[0].statement.cql.startswith(f"SELECT {', '.join(fetched)} FROM")
    assert vars(read) == {name: getattr(MADE, name) for name in fetched}


def test_what_is_left_out_is_fetched_where_a_default_is_made_of_it(script: Script) -> None:
    driver = script(answer("id", "slug", "path", "kind", "nick", "name"))
    (read,) = Author.find(id=1).defer("name").all()
    assert driver.requests[0].statement.cql == "SELECT id, slug, path, kind, nick, name FROM ks.author WHERE id = ?"
    assert read.path == "/1/ann"


def test_tuples_have_the_defaults_and_nothing_besides(script: Script) -> None:
    driver = script(*[answer("path", "id", "name", "slug")] * 2)
    assert Author.find(id=1).values_list("path").all() == [("/1/ann",)]
    assert driver.requests[0].statement.cql == "SELECT path, id, name, slug FROM ks.author WHERE id = ?"
    assert Author.find(id=1).values_list("path", flat=True).all() == ["/1/ann"]


def test_tuples_keep_their_token_and_what_they_are_sorted_by(script: Script) -> None:
    rows = [("b", 1, "B", -7), (None, 2, "A", -8)]
    script(Reply(rows, ("slug", "id", "name", "partition_token")))
    assert Author.find().values_list("slug").select_token().all() == [("b", -7), ("a", -8)]
    script(Reply([(1, "Ann", "own", None, "person", None, -7)], (*COLUMNS, "partition_token")))
    assert Author.find().select_token().all() == [(1, "Ann", "own", "/1/own", "person", None, -7)]


def test_of_what_the_server_converts_no_default_is_made(script: Script) -> None:
    script(Reply([(None, "1", "Ann")], ("slug", "id", "name")))
    assert Author.find(id=1).values_list("slug", "id").cast("id", "text").all() == [(None, "1")]


class Card(BaseModel):
    name: str
    path: str = "nowhere"


def test_another_model_gets_them(script: Script) -> None:
    script(answer("name", "path", "id", "slug"))
    assert Author.find(id=1).into(Card).all() == [Card(name="Ann", path="/1/ann")]


def test_user_types_have_them(script: Script) -> None:
    script(Reply([(1, "Ann", "a", "p", "person", {"first": "bob", "short": None, "shout": None})], COLUMNS))
    assert Author.get(id=1).nick == Nick(first="bob") == Nick(first="bob", short="b", shout="B!")


def test_they_are_made_again_where_a_column_is_deleted(driver: ScriptedDriver) -> None:
    author = Author(id=1, name="Ann", slug="own", path="own")
    author.save()
    author.delete_columns("path", "slug")
    assert (author.slug, author.path) == ("ann", "/1/ann")
    author.update(name="Bob")
    author.update()
    assert driver.requests[-1].statement.cql == "UPDATE ks.author SET name = ? WHERE id = ?"


class Room(Document):
    house: Annotated[int, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    label: Annotated[str, Static()] = Field(default_factory=lambda data: f"{data['house']}-{data['number']}")


def test_what_nobody_can_make_is_none(script: Script) -> None:
    script(Reply([(1, None)], ("house", "label")))
    assert vars(Room.find().distinct("label").all()[0]) == {"house": 1, "label": None}


class Odd(Document):
    id: Annotated[int, PrimaryKey()]
    name: str
    slug: str = Field(default_factory=lambda data: data["nmae"].lower())


class Divided(Document):
    id: Annotated[int, PrimaryKey()]
    name: str
    slug: str = Field(default_factory=lambda data: str(1 // (data["id"] - 1)))


@pytest.mark.parametrize(("model", "error"), [(Odd, "KeyError"), (Divided, "ZeroDivisionError")])
def test_a_row_says_which_default_could_not_be_made(model: type[Odd | Divided], error: str, script: Script) -> None:
    script(*[Reply([(1, "secret", None)], ("id", "name", "slug"))] * 2)
    problem = rf"^{model.__name__}\.slug: is null, and its default could not be made: {error}"
    with pytest.raises(InvalidRowError, match=problem) as one:
        model.get(id=1)
    assert one.value.key == {"id": 1}
    assert model.find(id=1).validate(on_invalid="skip").all() == []
    script(Reply([(1, "secret", None)], ("id", "name", "slug")))
    with pytest.raises(InvalidRowError, match=rf"validator or default raised {error}") as one:
        model.find(id=1).validate().all()
    assert one.value.key == {"id": 1}


class Beast(Document):
    zoo: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    kind: Annotated[str, Discriminator()] = ""


class Lion(Beast):
    title: str = Field(default_factory=lambda data: f"{data['zoo']} {data['number']}")

    class Settings:
        __discriminator_value__ = "lion"


def test_classes_of_a_family_have_them(script: Script) -> None:
    script(Reply([("Rome", 3, "lion", None)], ("zoo", "number", "kind", "title")))
    assert Beast.find(zoo="Rome").all() == [Lion(zoo="Rome", number=3)]
