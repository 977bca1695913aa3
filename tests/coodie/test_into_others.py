"""`into(...)`: which fields of another model are filled, from which columns, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field

from coodie.exceptions import InvalidQueryError, InvalidRowError
from coodie.fields import ClusteringKey, Discriminator, Frozen, PrimaryKey
from coodie.sync import Document
from coodie.usertype import UserType
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver

    Script = Callable[..., ScriptedDriver]


class Address(UserType):
    street: str
    number: int | None = None


class Person(Document):
    id: Annotated[int, PrimaryKey()]
    name: str = "n"
    title: str = "Dr"
    email: str | None = Field(default=None, alias="eMail")
    tags: list[str] = []
    home: Address | None = None
    others: Annotated[list[Address], Frozen()] = []


ROW: dict[str, Any] = {
    "id": 1,
    "name": "Ann",
    "title": "Prof",
    "eMail": "a@x",
    "tags": ["x", "y"],
    "home": {"street": "Elm", "number": 4},
    "others": [{"street": "Oak", "number": None}],
}


class ByAlias(BaseModel):
    mail: str | None = Field(default=None, alias="eMail")


class ByFieldAsAlias(BaseModel):
    mail: str | None = Field(default=None, validation_alias="email")


class ByColumn(BaseModel):
    eMail: str | None = None  # noqa: N815 - the name of the column


class ByName(BaseModel):
    email: str | None = Field(default=None, alias="electronicMail")


class ByChoices(BaseModel):
    label: str = Field(default="", validation_alias=AliasChoices("nope", AliasPath("name"), "title"))


class AliasFirst(BaseModel):
    title: str = Field(default="", validation_alias="name")
    name: str = Field(default="", validation_alias="title")


class NamesAlone(BaseModel):
    model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)

    title: str = Field(default="", validation_alias="name")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int
    label: str = Field(alias="name")


class First(BaseModel):
    first: str = Field(default="", validation_alias=AliasPath("tags", 0))
    tenth: str = Field(default="", validation_alias=AliasChoices(AliasPath("tags", 9), "name"))


class Place(BaseModel):
    street: str
    no: int | None = Field(default=None, alias="number")


class Visit(BaseModel):
    id: int
    home: Place | None = None
    others: list[Place] = []


class Same(BaseModel):
    home: Address | None = None


FILLED: dict[type[BaseModel], tuple[str, dict[str, Any]]] = {
    ByAlias: ('"eMail", id', {"mail": "a@x"}),
    ByFieldAsAlias: ('"eMail", id', {"mail": "a@x"}),
    ByColumn: ('"eMail", id', {"eMail": "a@x"}),
    ByName: ('"eMail", id', {"email": "a@x"}),
    ByChoices: ("name, id", {"label": "Ann"}),
    AliasFirst: ("name, title, id", {"title": "Ann", "name": "Prof"}),
    NamesAlone: ("title, id", {"title": "Prof"}),
    Strict: ("id, name", {"id": 1, "label": "Ann"}),
    First: ("name, tags, id", {"first": "x", "tenth": "Ann"}),
    Visit: (
        "id, home, others",
        {"id": 1, "home": {"street": "Elm", "no": 4}, "others": [{"street": "Oak", "no": None}]},
    ),
    Same: ("home, id", {"home": {"street": "Elm", "number": 4}}),
}


@pytest.mark.parametrize("model", FILLED)
def test_fields_are_filled_by_alias_and_by_name(model: type[BaseModel], script: Script) -> None:
    selected, expected = FILLED[model]
    names = tuple(selected.replace('"', "").split(", "))
    driver = script(Reply([tuple(ROW[name] for name in names)], names))
    (made,) = Person.find(id=1).into(model).all()
    assert driver.requests[0].statement.cql == f"SELECT {selected} FROM ks.person WHERE id = ?"
    assert type(made) is model
    assert made.model_dump() == expected


def test_a_type_that_both_have_stays_as_it_is(script: Script) -> None:
    script(Reply([(ROW["home"], 1)], ("home", "id")))
    (made,) = Person.find(id=1).into(Same).all()
    assert made == Same(home=Address(street="Elm", number=4))


class NeedsMore(BaseModel):
    id: int
    age: int = Field(alias="years")


class OfParts(BaseModel):
    id: int
    street: str = Field(default="?", validation_alias=AliasPath("home", "street"))


class Stranger(BaseModel):
    age: int = Field(default=1, alias="years")


REFUSED: dict[type[BaseModel], str] = {
    NeedsMore: r"^into\(\): NeedsMore\.age is required, and Person has no such field; give it a default",
    OfParts: r"^into\(\): OfParts\.street has an AliasPath into Person\.home, which has a user type; give it a model",
    Stranger: r"^into\(\): Stranger has no field of Person$",
}


@pytest.mark.parametrize("model", REFUSED)
def test_what_cannot_be_filled_is_refused(model: type[BaseModel], driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=REFUSED[model]):
        Person.find(id=1).into(model)
    assert driver.requests == []


def test_into_always_validates(driver: ScriptedDriver) -> None:
    for query in (Person.find().validate(False).into(Visit), Person.find().into(Visit).validate(False)):
        with pytest.raises(
            InvalidQueryError, match=r"^Person: into\(\) validates what it makes; leave validate\(False\)"
        ):
            query.all()
    assert driver.requests == []


class Numbered(BaseModel):
    count: int = Field(alias="name")


class Nested(BaseModel):
    class Street(BaseModel):
        street: int

    home: Street


@pytest.mark.parametrize(("model", "column", "field"), [(Numbered, "name", "count"), (Nested, "home", "home.street")])
def test_an_error_names_the_field(model: type[BaseModel], column: str, field: str, script: Script) -> None:
    script(Reply([(ROW[column], 1)], (column, "id")))
    with pytest.raises(
        InvalidRowError, match=rf"^{model.__name__}\.{field}: Input should be a valid integer"
    ) as caught:
        Person.find(id=1).into(model).all()
    assert caught.value.field == field
    assert caught.value.key == {"id": 1}


class Note(Document):
    page: Annotated[str, PrimaryKey()]
    at: Annotated[int, ClusteringKey()]
    kind: Annotated[str, Discriminator()] = ""


class Text(Note):
    body: str = "empty"
    size: int = Field(default=1, alias="text_size")

    class Settings:
        __discriminator_value__ = "text"


class Image(Note):
    size: int = Field(default=2, alias="image_size")
    link: str

    class Settings:
        __discriminator_value__ = "image"


class Sum(BaseModel):
    at: int
    body: str = "nobody"
    size: int | None = None


def test_fields_of_derived_classes_are_filled(script: Script) -> None:
    rows = [
        (1, 7, "hello", None, "p", "text"),
        (2, None, None, None, "p", "text"),
        (3, None, None, 9, "p", "image"),
        (4, None, None, None, "p", "image"),
        (5, None, None, None, "p", "other"),
    ]
    names = ("at", "body", "text_size", "image_size", "page", "kind")
    driver = script(Reply([(at, body, text, image, page, kind) for at, text, body, image, page, kind in rows], names))
    assert Note.find(page="p").into(Sum).all() == [
        Sum(at=1, body="hello", size=7),
        Sum(at=2, body="empty", size=1),
        Sum(at=3, size=9),
        Sum(at=4, size=2),
        Sum(at=5),
    ]
    cql = driver.requests[0].statement.cql
    assert cql == "SELECT at, body, text_size, image_size, page, kind FROM ks.note WHERE page = ?"


def test_of_one_class_its_own_fields_are_filled(script: Script) -> None:
    driver = script(Reply([(4, None, "p", "image")], ("at", "image_size", "page", "kind")))
    assert Image.find(page="p").into(Sum).all() == [Sum(at=4, size=2)]
    assert driver.requests[0].statement.cql.startswith("SELECT at, image_size, page, kind FROM ks.note WHERE page = ?")


class Linked(BaseModel):
    link: str


def test_what_only_some_classes_have_may_be_missing_in_a_row(script: Script) -> None:
    script(Reply([("x", "p", 1, "image"), (None, "p", 2, "text")], ("link", "page", "at", "kind")))
    with pytest.raises(InvalidRowError, match=r"^Linked\.link: Field required") as caught:
        Note.find(page="p").into(Linked).all()
    assert caught.value.key == {"page": "p", "at": 2}
