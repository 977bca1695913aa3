"""What FastAPI answers with for documents that were read is what it answers with for those that were constructed."""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
import enum
import json
import re
from base64 import urlsafe_b64encode
from decimal import Decimal
from functools import reduce
from ipaddress import IPv4Address
from operator import getitem
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.encoders import jsonable_encoder
from pydantic import AwareDatetime, BaseModel, Field, SecretStr, computed_field, field_serializer
from pydantic_core import PydanticSerializationError

from coodie import LazyDocument
from coodie.exceptions import InvalidQueryError, InvalidRowError
from coodie.fields import ClusteringKey, Discriminator, Frozen, PrimaryKey, SmallInt, TimeUUID, Vector
from coodie.results import PagedResult
from coodie.sync import Document
from coodie.types import CqlDuration
from coodie.usertype import UserType
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable


class Kind(enum.Enum):
    NOVEL = "novel"
    POEM = "poem"


class Place(UserType):
    city: str
    zip_code: Annotated[int, SmallInt()] = Field(default=1, alias="zip")
    owner: str = Field(default="", exclude=True)


class Book(Document):
    shelf: Annotated[UUID, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    title: str = Field(default="untitled", alias="Title")
    secret: str = Field(default="", exclude=True)
    code: SecretStr = SecretStr("")
    kind: Kind = Kind.NOVEL
    price: Decimal | None = None
    bought: dt.date | None = None
    read_at: AwareDatetime | None = None
    lasted: CqlDuration | None = None
    lent: dt.timedelta | None = None
    host: IPv4Address | None = None
    made: Annotated[UUID, TimeUUID()] | None = None
    cover: bytes = b""
    tags: frozenset[str] = frozenset()
    marks: list[int] = []
    names: dict[str, str] = {}
    pair: tuple[int, str] | None = None
    place: Annotated[Place, Frozen()] | None = None
    near: Annotated[list[float] | None, Vector(2)] = None

    @computed_field
    def label(self) -> str:
        return f"{self.number}: {self.title}"

    @field_serializer("price", when_used="json")
    def price_of_json(self, price: Decimal | None) -> str:
        return f"{price} EUR"


class Animal(Document):
    id: Annotated[int, PrimaryKey()]
    kind: Annotated[str, Discriminator()] = ""
    token: str = Field(default="", exclude=True)


class Dog(Animal):
    bark: str = "wuff"

    class Settings:
        discriminator_value = "dog"


class Leaf(UserType):
    model_config = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}

    image: bytes


class Scan(Document):
    model_config = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}

    id: Annotated[int, PrimaryKey()]
    cover: bytes
    back: Annotated[Leaf | None, Frozen()] = None


class Summary(BaseModel):
    number: int
    title: str = Field(alias="Title")
    code: SecretStr = Field(exclude=True)


class Short(BaseModel):
    number: int
    kind: Kind


SHELF, MADE = UUID(int=7), UUID("12345678-1234-1234-8234-123456789abc")
STATES = (b"\xff\x00\xfe+?", b"plain", b"\x80" * 3)

FULL: dict[str, Any] = {
    "shelf": SHELF,
    "number": 1,
    "Title": "Emma",
    "secret": "CANARY",
    "code": "CANARY",
    "kind": Kind.POEM,
    "price": Decimal("1.50"),
    "bought": dt.date(2020, 2, 29),
    "read_at": dt.datetime(2020, 1, 1, 12, tzinfo=dt.timezone.utc),
    "lasted": CqlDuration(1, 2, 3_000_000_000),
    "lent": dt.timedelta(hours=1),
    "host": "127.0.0.1",
    "made": MADE,
    "cover": b"text",
    "tags": {"a"},
    "marks": [1, 2],
    "names": {"a": "b"},
    "pair": (1, "a"),
    "place": Place(city="Rome", zip=3, owner="CANARY"),
    "near": [1.0, 2.0],
}
BOOKS: dict[str, dict[str, Any]] = {"of everything": FULL, "of defaults": {"shelf": SHELF, "number": 2}}


def answered(given: object, declared: Any = None, **options: Any) -> Any:
    """The body of the answer of an endpoint that returns this, with a type of the response or without."""
    app, sent = FastAPI(openapi_url=None), list[Any]()

    async def endpoint() -> object:
        return given

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    app.add_api_route("/", endpoint, response_model=declared, **options)
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 200
    return json.loads(b"".join(message.get("body", b"") for message in sent[1:]))


@pytest.fixture
def stored(script: Callable[..., Any]) -> Callable[..., None]:
    """Lets each of the next reads find the rows that saving these documents writes."""

    def store(*documents: Document, state: bytes | None = None) -> None:
        rows: list[tuple[Any, ...]] = []
        names: list[str] = []
        for document in documents:
            driver = script()
            document.save()
            (request,) = driver.requests
            (columns,) = re.findall(r"\((.*?)\)", request.statement.cql)[:1]
            names = [each.strip('"') for each in columns.split(", ")]
            rows.append(tuple(request.params))
        script(*[Reply(rows, tuple(names), state)] * 3)

    return store


OPTIONS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "of what is set": {"response_model_exclude_unset": True},
    "but for defaults": {"response_model_exclude_defaults": True},
    "but for nulls": {"response_model_exclude_none": True},
    "by names": {"response_model_by_alias": False},
    "of some fields": {"response_model_include": {"number", "title", "secret"}},
}


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("values", BOOKS)
def test_a_document_is_answered_as_one_that_was_constructed(
    values: str, options: str, stored: Callable[..., None]
) -> None:
    given: dict[str, Any] = {field.alias or name: field.default for name, field in Book.model_fields.items()}
    made = Book(**given | BOOKS[values])
    stored(made)
    (read,) = Book.find(shelf=SHELF).all()
    stored(made)
    (lazy,) = Book.find(shelf=SHELF).all(lazy=True)
    for found in (read, lazy):
        assert answered(found, Book, **OPTIONS[options]) == answered(made, Book, **OPTIONS[options])


WAYS: dict[str, tuple[Callable[[], Any], Any, tuple[str | int, ...]]] = {
    "get": (lambda: Book.get(shelf=SHELF, number=1), Book, ()),
    "all": (lambda: Book.find(shelf=SHELF).all(), list[Book], (0,)),
    "lazy": (lambda: Book.find(shelf=SHELF).all(lazy=True), list[Book], (0,)),
    "tuple of lazy": (lambda: tuple(Book.find(shelf=SHELF).all(lazy=True)), tuple[Book, ...], (0,)),
    "lazy by name": (lambda: {"book": Book.find(shelf=SHELF).all(lazy=True)[0]}, dict[str, Book], ("book",)),
    "page": (lambda: Book.find(shelf=SHELF).paged_all(), PagedResult[Book], ("data", 0)),
    "loop": (lambda: list(Book.find(shelf=SHELF)), list[Book], (0,)),
}
"""What reads, the type of the response, and where the document is in the answer."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("typed", [False, True])
def test_whatever_reads_documents_shows_what_constructed_ones_show(
    way: str, typed: bool, stored: Callable[..., None]
) -> None:
    made = Book(**FULL)
    stored(made)
    call, kind, place = WAYS[way]
    shown: Any = reduce(getitem, place, answered(call(), kind if typed else None))
    assert shown == answered(made, Book)
    assert "CANARY" not in json.dumps(shown)
    assert (shown["Title"], shown["label"], shown["price"]) == ("Emma", "1: Emma", "1.50 EUR")


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("declared", [None, list[Animal], list[Dog | Animal]])
def test_documents_of_a_family_are_answered_as_constructed_ones(
    declared: Any, lazy: bool, stored: Callable[..., None]
) -> None:
    made = [Dog(id=1, bark="WUFF", token="CANARY")]
    stored(*made)
    found: Any = Animal.find().all(lazy=True) if lazy else Animal.find().all()
    assert answered(found, declared) == answered(made, declared)
    assert ("bark" in answered(found, declared)[0]) == (declared != list[Animal])


def test_projections_are_answered_as_constructed_ones(stored: Callable[..., None]) -> None:
    made = Book(**FULL)
    stored(made)
    summaries = Book.find(shelf=SHELF).into(Summary).all()
    for declared in (None, list[Summary]):
        assert answered(summaries, declared) == [{"number": 1, "Title": "Emma"}]
    stored(made)
    assert answered(Book.find(shelf=SHELF).all(lazy=True), list[Short]) == [{"number": 1, "kind": "poem"}]


@pytest.mark.parametrize("lazy", [False, True])
def test_a_document_in_part_is_answered_with_what_was_fetched(script: Callable[..., Any], lazy: bool) -> None:
    script(Reply([(SHELF, 1, "Emma", "CANARY")], ("shelf", "number", "Title", "secret")))
    partly = Book.find(shelf=SHELF).only("title", "secret")
    found: Any = partly.all(lazy=True) if lazy else partly.all()
    assert answered(found) == [{"shelf": str(SHELF), "number": 1, "Title": "Emma", "label": "1: Emma"}]


@pytest.mark.parametrize("state", [*STATES, None])
def test_a_page_is_answered_with_its_state_in_base64(state: bytes | None, stored: Callable[..., None]) -> None:
    made = Book(**FULL)
    stored(made, state=state)
    page = Book.find(shelf=SHELF).fetch_size(1).paged_all()
    assert page.paging_state == state
    shown = answered(page, PagedResult[Book])
    assert shown == answered(PagedResult([made], state), PagedResult[Book])
    assert shown["paging_state"] == (None if state is None else urlsafe_b64encode(state).decode())


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("declared", [None, list[Scan]])
def test_bytes_that_are_no_text_are_answered_in_base64_where_a_model_says_so(
    declared: Any, lazy: bool, stored: Callable[..., None]
) -> None:
    made = Scan(id=1, cover=b"\xff\xfe\xfd", back=Leaf(image=b"\x80"))
    stored(made)
    found: Any = Scan.find().all(lazy=True) if lazy else Scan.find().all()
    assert answered(found, declared) == [{"id": 1, "cover": "__79", "back": {"image": "gA=="}}]
    assert Scan.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize("declared", [None, Book])
def test_bytes_that_are_no_text_have_no_json_of_their_own(declared: Any) -> None:
    values: dict[str, Any] = FULL | {"cover": b"\xff"}
    with pytest.raises((PydanticSerializationError, UnicodeDecodeError)):
        answered(Book(**values), declared)


def test_a_lazy_document_is_of_the_class_of_its_document(stored: Callable[..., None]) -> None:
    made = Book(**FULL)
    stored(made)
    (lazy,) = Book.find(shelf=SHELF).all(lazy=True)
    kinds: list[type] = [LazyDocument, Book, BaseModel]
    assert [isinstance(lazy, each) for each in (*kinds, Animal)] == [True, True, True, False]
    assert (dict(lazy), jsonable_encoder(lazy)) == (dict(made), jsonable_encoder(made))
    assert copy.copy(lazy) == copy.deepcopy(lazy) == made == lazy
    assert Book.model_validate(lazy) == made


def test_a_lazy_row_that_cannot_be_read_says_so_where_it_is_looked_at(script: Callable[..., Any]) -> None:
    script(Reply([("x", "", "", "")], ("id", "kind", "token", "bark")))
    found = Animal.find().validate().all(lazy=True)
    with pytest.raises(InvalidRowError, match=r"Animal\.id"):
        answered(found)


def test_verbs_for_many_documents_ask_for_the_documents_themselves(stored: Callable[..., None]) -> None:
    made = Dog(id=1)
    stored(made)
    lazy: Any = Animal.find().all(lazy=True)
    for verb in ("save_many", "insert_many", "delete_many"):
        with pytest.raises(
            InvalidQueryError, match=r"takes documents of Animal, not LazyDocument; its resolve\(\) is one"
        ):
            getattr(Animal.find(), verb)(lazy)
