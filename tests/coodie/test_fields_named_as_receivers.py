"""A keyword that names a field is that field, also where the field is called as what a method receives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie import aio
from coodie.exceptions import InvalidQueryError
from coodie.fields import Counter, Indexed, PrimaryKey
from coodie.sync import BatchQuery, CounterDocument, Document, MaterializedView
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver

FIELDS: Any = {"cls": "c", "self": "s"}


class Lesson(Document):
    cls: Annotated[str, PrimaryKey()]
    self: Annotated[str, Indexed()] = ""
    room: int = 0


class AsyncLesson(aio.Document):
    cls: Annotated[str, PrimaryKey()]
    self: Annotated[str, Indexed()] = ""
    room: int = 0


class Visits(CounterDocument):
    cls: Annotated[str, PrimaryKey()]
    self: Annotated[int, Counter()]


class Shown(MaterializedView):
    self: Annotated[str, PrimaryKey()]
    cls: Annotated[str, PrimaryKey(partition_key_index=1)]

    class Settings:
        __base_table__ = "lesson"


def last(driver: ScriptedDriver) -> tuple[str, list[Any]]:
    request = driver.requests[-1]
    return request.statement.cql, list(request.params)


def test_classes_take_the_keyword_for_the_field(driver: ScriptedDriver) -> None:
    made = Lesson.create(**FIELDS)
    assert (made.cls, last(driver)[1]) == ("c", ["c", "s", 0])
    assert Lesson.find_one(cls="c") is None
    with pytest.raises(Lesson.DoesNotExist):
        Lesson.get(**FIELDS)
    Lesson.find(**FIELDS).all()
    Lesson.find(self="s").filter(cls="c").all()
    assert last(driver)[1] == ["c", "s"]


def test_queries_and_documents_take_the_keyword_for_the_field(driver: ScriptedDriver) -> None:
    Lesson.find(cls="c").update(self="t")
    assert last(driver) == ("UPDATE ks.lesson SET self = ? WHERE cls = ?", ["t", "c"])
    assert Lesson.find().create(**FIELDS).self == "s"
    Lesson.find(cls="c").iff(self="s").update(room=1)
    assert last(driver)[1] == [1, "c", "s"]
    lesson = Lesson(**FIELDS)
    lesson.update(self="t")
    assert (lesson.self, last(driver)[1]) == ("t", ["t", "c"])
    lesson.update(self="u", if_exists=True)
    lesson.update(self="v", if_conditions={"self": "u"})
    assert last(driver)[1] == ["v", "c", "u"]
    with BatchQuery() as batch:
        lesson.update(self="w", batch=batch)
    assert lesson.self == "w"
    Lesson.find().update_many([lesson], self="x")
    assert last(driver)[1] == ["x", "c"]


def test_what_is_got_or_created_takes_the_keyword_for_the_field(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(True,)], ("[applied]",), None, True))
    lesson, created = Lesson.find().get_or_create(**FIELDS)
    assert (lesson.cls, lesson.self, created) == ("c", "s", True)


def test_figures_may_be_called_so(driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=r"aggregate\(self=\.\.\.\) takes a function"):
        Lesson.find(cls="c").aggregate(self="nothing")
    with pytest.raises(InvalidQueryError, match=r"aggregate\(cls=\.\.\.\) takes a function"):
        Lesson.find(cls="c").group_by("cls").aggregate(cls="nothing")
    assert driver.requests == []


def test_counters_take_the_keyword_for_the_field(driver: ScriptedDriver) -> None:
    Visits.increment(cls="c", self=2)
    assert last(driver)[1] == [2, "c"]
    Visits(cls="c").decrement(self=1)
    assert last(driver)[1] == [1, "c"]


def test_a_view_refuses_to_be_written_by_any_keyword(driver: ScriptedDriver) -> None:
    shown = Shown(**FIELDS)
    for verb in (shown.update, shown.save, shown.insert, shown.delete, shown.save_json, shown.delete_columns):
        with pytest.raises(InvalidQueryError, match="is a materialized view, which the server writes"):
            verb(**FIELDS)
    assert driver.requests == []


async def test_asynchronous_verbs_take_the_keyword_for_the_field(driver: ScriptedDriver) -> None:
    await AsyncLesson.create(**FIELDS)
    assert await AsyncLesson.find_one(cls="c") is None
    await AsyncLesson.find(cls="c").filter(self="s").all()
    await AsyncLesson.find(cls="c").update(self="t")
    assert last(driver)[1] == ["t", "c"]
    await AsyncLesson(**FIELDS).update(self="u")
    assert last(driver)[1] == ["u", "c"]
