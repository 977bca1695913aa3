"""Rows by their keys, one fetched or created, changes from another model, and an order turned around."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, ConfigDict, Field

from coodie.exceptions import ConditionFailedError, FieldNotLoadedError, InvalidValueError
from coodie.fields import ClusteringKey, Counter, Frozen, PrimaryKey, Static
from coodie.sync import CounterDocument, Document, QuerySet, col
from coodie.types import UNSET
from coodie.usertype import UserType
from coodie_drivers.errors import OperationTimedOutError
from coodie_drivers.messages import Reply
from task_models import Task, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Note(Document):
    room: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey(order="DESC")]
    text: str = ""


class Spot(UserType):
    x: int


class Lot(Document):
    spot: Annotated[Spot, PrimaryKey(), Frozen()]
    number: Annotated[int, ClusteringKey()]


class Hits(CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()] = 0


class UserPatch(BaseModel):
    name: str | None = None
    score: int | None = None
    remark: str = ""


class AnyPatch(BaseModel):
    model_config = ConfigDict(extra="allow")


class Named(Document):
    id: Annotated[int, PrimaryKey()]
    kind: str = Field(default="", alias="select")
    text: str = ""

    class Settings:
        keyspace = "ks"


class NamedPatch(BaseModel):
    text: str = ""
    select: str = ""


class UserWithId(BaseModel):
    id: UUID
    name: str = ""


ID = UUID(int=7)
NO_MODEL: BaseModel = cast("Any", {"name": "x"})


def sent(driver: ScriptedDriver) -> tuple[str, list[Any]]:
    request = driver.requests[-1]
    return request.statement.cql, list(request.params)


def test_each_key_is_read_by_a_request_of_its_own(script: Callable[..., ScriptedDriver]) -> None:
    columns = ("room", "number", "text")
    driver = script(Reply([("a", 1, "first")], columns), Reply([], columns), Reply([("b", 2, "second")], columns))
    found = Note.find().consistency("ONE").in_bulk([("a", 1), ("a", 2), ("b", 2), ("a", 1)], at_once=1)
    assert {key: note.text for key, note in found.items()} == {("a", 1): "first", ("b", 2): "second"}
    cql = "SELECT room, number, text FROM ks.note WHERE room = ? AND number = ?"
    assert [(request.statement.cql, request.consistency) for request in driver.requests] == [(cql, "ONE")] * 3


def test_a_key_of_one_field_is_its_value(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(ID, "Ann")], ("id", "name")))
    assert User.find().values_list("id", "name").in_bulk([str(ID)]) == {str(ID): (ID, "Ann")}
    assert User.find().in_bulk([]) == {}


def test_what_is_there_is_returned_instead_of_created(script: Callable[..., ScriptedDriver]) -> None:
    there = Reply([(False, ID, "Bob", 3)], ("[applied]", "id", "name", "score"), applied=False)
    driver = script(there, Reply(), Reply(applied=True))
    user, created = User.find().get_or_create(id=ID, name="Ann")
    assert (user, created) == (User(id=ID, name="Bob", score=3), False)
    user.score = 4
    user.update()
    assert sent(driver) == ("UPDATE ks.user SET score = ? WHERE id = ?", [4, ID])
    made, created = User.find().using(ttl=5).get_or_create(id=uuid4(), name="Ann")
    assert (made.name, created) == ("Ann", True)
    assert sent(driver)[0].endswith("IF NOT EXISTS USING TTL ?")


def test_a_driver_that_tells_nothing_of_the_row_is_asked_for_it(script: Callable[..., ScriptedDriver]) -> None:
    there = Reply([(ID, "Bob", 3)], ("id", "name", "score"))
    script(Reply(applied=False), there, Reply(applied=False), Reply([], ("id", "name", "score")))
    user, created = User.find().get_or_create(id=ID, name="Ann")
    assert (user.name, created) == ("Bob", False)
    with pytest.raises(ConditionFailedError):
        User.find().get_or_create(id=ID, name="Ann")


class Line(Document):
    order: Annotated[int, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    note: Annotated[str | None, Static()] = None
    labels: Annotated[set[str], Static()] = set()
    count: int = 0

    class Settings:
        name = "line"


def test_a_new_row_is_returned_with_the_static_values_of_its_partition(script: Callable[..., ScriptedDriver]) -> None:
    columns = ("order", "number", "note", "labels", "count")
    driver = script(Reply(applied=True), Reply([(1, 2, "gift", {"vip"}, 3)], columns), Reply(applied=True))
    line, created = Line.find().get_or_create(order=1, number=2, count=3)
    assert (line, created) == (Line(order=1, number=2, note="gift", labels={"vip"}, count=3), True)
    assert [*driver.requests[0].params] == [1, 2, UNSET, UNSET, 3]
    assert (driver.requests[1].statement.kind.name, driver.requests[1].consistency) == ("SELECT", "SERIAL")
    assert Line.find().get_or_create(order=1, number=3, note="n", labels={"a"})[1]
    assert len(driver.requests) == 3


@pytest.mark.parametrize("answer", [OperationTimedOutError(1.0), Reply([], ("order",))])
def test_static_values_of_a_new_row_that_nobody_has_seen_are_left_out(
    answer: Reply | Exception, script: Callable[..., ScriptedDriver]
) -> None:
    driver = script(Reply(applied=True), answer)
    line, created = Line.find().get_or_create(order=1, number=2, count=3)
    assert (line.count, created) == (3, True)
    for field in ("note", "labels"):
        with pytest.raises(FieldNotLoadedError):
            getattr(line, field)
    assert line.update() is None
    line.save()
    assert "note" not in sent(driver)[0]


def test_what_was_set_in_another_model_is_written(driver: ScriptedDriver) -> None:
    User.find(id=ID).update_from(UserPatch(score=None))
    assert sent(driver) == ("UPDATE ks.user SET score = ? WHERE id = ?", [None, ID])
    User.find(id=ID).if_exists().ttl(9).update_from(UserPatch(name="Ann", score=1))
    assert sent(driver)[0] == "UPDATE ks.user USING TTL ? SET name = ?, score = ? WHERE id = ? IF EXISTS"


def test_a_field_is_found_by_its_column_too(driver: ScriptedDriver) -> None:
    Named.find(id=1).update_from(NamedPatch(select="a", text="b"))
    assert sent(driver) == ('UPDATE ks.named SET "select" = ?, text = ? WHERE id = ?', ["a", "b", 1])


def test_the_order_of_a_partition_is_turned_around(driver: ScriptedDriver) -> None:
    one = Task.find(tenant="a", project="p")
    one.reverse().all()
    assert sent(driver)[0].endswith("ORDER BY day DESC, rank ASC")
    one.order_by("-day").reverse().first()
    assert "ORDER BY day ASC LIMIT" in sent(driver)[0]
    one.reverse().reverse().all()
    assert sent(driver)[0].endswith("ORDER BY day ASC, rank DESC")
    Note.find(room="a").reverse()[:3].all()
    assert sent(driver)[0].endswith("ORDER BY number ASC LIMIT ?")
    Note.find(room="a").reverse().limit(3).all()
    assert sent(driver)[0].endswith("ORDER BY number ASC LIMIT ?")


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "half a key": (lambda: Note.find().in_bulk(["a"]), r"in_bulk\(\) of Note: each key is a tuple \(room, number\)"),
    "keys that are none": (lambda: User.find().in_bulk(5), "takes keys, not int"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "one text": (lambda: User.find().in_bulk(str(ID)), "takes keys, not str; give a list"),
    "a list": (lambda: Note.find().in_bulk([["a", 1]]), "which a list cannot be; give a list of values, or of tuples"),
    "a dict": (lambda: Note.find().in_bulk([{"room": "a", "number": 1}]), "which a dict cannot be; give a list"),
    "a set": (lambda: Note.find().in_bulk([{1}]), "which a set cannot be; give a list of values, or of tuples"),
    "a user type": (lambda: Lot.find().in_bulk([Spot(x=1)]), "which a Spot cannot be; read this one by get"),
    "a key with a user type": (
        lambda: Lot.find().in_bulk([(Spot(x=1), 2)]),
        r"which a tuple with a Spot in it cannot be; read this one by get\(\)$",
    ),
    "a filter": (lambda: Note.find(room="a").in_bulk([("a", 1)]), r"takes no filter\(\)"),
    "create without key": (lambda: Note.find().get_or_create(room="a"), "finds a row by its key; give 'number' too"),
    "create of counters": (lambda: QuerySet(Hits).get_or_create(url="/"), "Hits is a counter table"),
    "set of the key": (
        lambda: User.find(id=ID).update_from(UserWithId(id=ID)),
        r"UserWithId\.id is set, which is part of the primary key of User",
    ),
    "what the document lacks": (
        lambda: User.find(id=ID).update_from(UserPatch(score=1, remark="lost")),
        r"^update_from\(UserPatch\): User has no field 'remark'; known: 'id', 'name'",
    ),
    "what nobody knows": (
        lambda: User.find(id=ID).update_from(AnyPatch(nmae="Ann")),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
        r"^update_from\(AnyPatch\): User has no field 'nmae'; did you mean 'name'\?$",
    ),
    "nothing set": (lambda: User.find(id=ID).update_from(UserPatch()), r"update_from\(\) of User changes nothing"),
    "no model": (
        lambda: User.find(id=ID).update_from(NO_MODEL),
        "takes an instance of a Pydantic model, not dict",
    ),
    "no rows": (lambda: User.find().update_from(UserPatch(name="x")), "says nothing of which rows"),
    "of a limit": (lambda: Note.find(room="a").limit(3).reverse(), r"reverse\(\) behind a limit or slice would take"),
    "of a slice": (
        Note.find(room="a")[:3].reverse,
        r"call reverse\(\) before, or turn the list that all\(\)",
    ),
    "of the rest": (Note.find(room="a")[3:].reverse, r"reverse\(\) behind a limit or slice would take"),
    "filter of a slice": (
        lambda: Note.find(room="a")[1:3].filter(text="b"),
        r"^filter\(\) behind a slice would take other rows than the slice's; call it before, or choose from",
    ),
    "expression of the rest": (lambda: Note.find(room="a")[1:].filter(Note.number > 2), r"filter\(\) behind a slice"),
    "filter of a limited slice": (
        lambda: Note.find(room="a")[:5].limit(3).only("text").filter(text="b"),
        r"filter\(\) behind a slice",
    ),
    "order of a slice": (
        lambda: Note.find(room="a")[:3].order_by("-number"),
        r"^order_by\(\) behind a slice would take .*; call it before, or sort the list that all\(\) returns$",
    ),
    "order of a slice of a limit": (
        lambda: Note.find(room="a").limit(3)[1:].order_by(col(Note.number).desc()),
        r"order_by\(\) behind a slice",
    ),
    "part of a slice": (lambda: Note.find()[:3].per_partition_limit(1), r"per_partition_limit\(\) behind a slice"),
    "groups of a slice": (
        lambda: Note.find()[:3].group_by("room"),
        r"group_by\(\) behind a slice .*, or group the list",
    ),
    "partitions of a slice": (Note.find()[:3].distinct, r"distinct\(\) behind a slice"),
    "no order": (lambda: User.find().reverse(), r"User has no clustering key, .*; call order_by\(\) before"),
}


@pytest.mark.usefixtures("driver")
@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_the_way_out(what: str, refused: Callable[[Callable[[], object], str], None]) -> None:
    refused(*REFUSED[what])


@pytest.mark.usefixtures("driver")
def test_a_value_that_does_not_fit_is_named() -> None:
    with pytest.raises(InvalidValueError, match=r"User\.id"):
        User.find().in_bulk(["no uuid"])
