"""What a write that leaves nulls alone leaves alone: None, and empty collections, which are nulls to a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie import sync
from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, Frozen, PrimaryKey, Static, Version
from coodie.sync import Document
from coodie.types import UNSET
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Note(Document):
    owner: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    title: str = "x"
    size: int | None = None
    tags: set[str] = set()
    lines: list[str] = []
    extra: dict[str, int] = {}
    fixed: Annotated[list[int], Frozen()] = []


class Line(Document):
    order: Annotated[int, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    labels: Annotated[set[str], Static()] = set()

    class Settings:
        nulls = "skip"


class Counted(Note):
    version: Annotated[int, Version()] = 0

    class Settings:
        nulls = "skip"


def sent(driver: ScriptedDriver) -> tuple[str, list[Any]]:
    request = driver.requests[-1]
    return request.statement.cql, list(request.params)


def note(**values: Any) -> Note:
    return Note(owner="o", number=1, **values)


def test_a_write_that_leaves_nulls_alone_leaves_empty_collections_alone(driver: ScriptedDriver) -> None:
    writes: list[Callable[[], object]] = [
        lambda: note().insert(),
        lambda: note().save(nulls="skip"),
        lambda: Note.find().insert_many([note()]),
    ]
    for write in writes:
        write()
        assert sent(driver)[1] == ["o", 1, "x", UNSET, UNSET, UNSET, UNSET, []]
    note().save()
    assert sent(driver)[1] == ["o", 1, "x", None, set(), [], {}, []]


def test_a_collection_that_was_emptied_is_written_where_nulls_are_left_alone(driver: ScriptedDriver) -> None:
    mine = note(tags={"a"}, size=1)
    mine.save()
    mine.tags, mine.size = set(), None
    mine.save(nulls="skip")
    assert sent(driver)[1] == ["o", 1, "x", UNSET, set(), UNSET, UNSET, []]
    mine.update()
    assert sent(driver) == ("UPDATE ks.note SET size = ? WHERE owner = ? AND number = ?", [None, "o", 1])


def test_what_changed_is_written_but_for_nulls(driver: ScriptedDriver) -> None:
    mine = note(tags={"a"}, size=1)
    mine.save()
    mine.size, mine.title = None, "y"
    mine.save(changed_only=True, nulls="skip")
    assert sent(driver) == ("UPDATE ks.note SET title = ? WHERE owner = ? AND number = ?", ["y", "o", 1])
    mine.save(changed_only=True)  # the row has its size still, and a document that says so may write it
    assert sent(driver) == ("UPDATE ks.note SET size = ? WHERE owner = ? AND number = ?", [None, "o", 1])
    mine.tags, mine.lines = set(), []
    mine.save(changed_only=True, nulls="skip")
    assert sent(driver) == ("UPDATE ks.note SET tags = tags - ? WHERE owner = ? AND number = ?", [{"a"}, "o", 1])


def test_nothing_is_written_where_only_nulls_came_that_are_left_alone(script: Callable[..., Any]) -> None:
    driver = script(Reply(), Reply(applied=True))
    mine, counted = note(size=1), Counted(owner="o", number=1, size=1)
    mine.save()
    counted.save()
    mine.size = counted.size = None
    mine.save(changed_only=True, nulls="skip")
    counted.save(changed_only=True)
    with sync.BatchQuery() as batch:
        mine.save(batch=batch, changed_only=True, nulls="skip")
    assert len(driver.requests) == 2
    assert counted.version == 0


def test_what_the_settings_say_of_nulls_holds_for_what_changed(script: Callable[..., Any]) -> None:
    driver = script(Reply(applied=True), Reply(applied=True), Reply(applied=True))
    counted = Counted(owner="o", number=1, size=1)
    counted.save()
    counted.size, counted.title = None, "y"
    counted.save(changed_only=True)
    assert "size" not in sent(driver)[0]
    assert sent(driver)[1][:1] == ["y"]
    counted.save(changed_only=True, nulls="write")
    assert "size = ?" in sent(driver)[0]


@pytest.mark.parametrize("known", [False, True])
def test_a_misspelt_word_about_nulls_is_refused(driver: ScriptedDriver, known: bool) -> None:
    mine = note(size=1)
    if known:
        mine.save()
    wrong: Any = "never"
    for changed_only in (False, True):
        with pytest.raises(InvalidQueryError, match="nulls is 'write' or 'skip'"):
            mine.save(changed_only=changed_only, nulls=wrong)


def test_a_versioned_save_leaves_empty_collections_alone_that_were_not_emptied(script: Callable[..., Any]) -> None:
    driver = script(Reply(applied=True), Reply(applied=True))
    counted = Counted(owner="o", number=1, tags={"a"})
    counted.save()
    counted.tags = set()
    counted.save()
    assert sent(driver)[1] == ["x", UNSET, set(), UNSET, UNSET, [], 1, "o", 1, 0]


def test_json_leaves_out_an_empty_collection_that_was_not_emptied(driver: ScriptedDriver) -> None:
    line = Line(order=1, number=2)
    line.save_json()
    cql, params = sent(driver)
    assert cql.endswith("JSON ? DEFAULT UNSET")
    assert params == ['{"order": 1, "number": 2}']
    line.labels = {"a"}
    line.save_json()
    line.labels = set()
    line.save_json()
    assert sent(driver)[1] == ['{"order": 1, "number": 2, "labels": []}']
