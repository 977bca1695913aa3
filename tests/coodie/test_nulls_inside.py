"""None inside a collection: refused on every path before anything is sent, by the place where it stands."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from coodie.exceptions import InvalidValueError
from coodie.fields import Frozen, Indexed, PrimaryKey, Vector
from coodie.sync import BatchQuery, Document
from coodie.usertype import UserType
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable


class Address(UserType):
    street: str | None = None
    lines: list[str] = []


class Note(Document):
    id: Annotated[int, PrimaryKey()]
    tags: list[str] = []
    numbers: list[int] = []
    words: set[str] = set()
    prices: dict[str, int] = {}
    grid: list[list[int]] = []
    by_town: dict[str, list[str]] = {}
    pair: tuple[int | None, list[int]] = (None, [])
    homes: list[Address] = []
    paths: list[PurePosixPath] = []
    secrets: dict[str, SecretStr] = {}
    colour: Annotated[list[float], Vector(3)] = [0.0, 0.0, 0.0]
    rooms: Annotated[list[int], Frozen(), Indexed()] = []


def note(**values: Any) -> Note:
    made = Note(id=1)
    for name, value in values.items():
        setattr(made, name, value)
    return made


INSIDE: list[tuple[str, Any, str]] = [
    ("tags", ["a", "b", "c", None], "tags[3]"),
    ("numbers", [1, None], "numbers[1]"),
    ("words", {"a", None}, "words"),
    ("prices", {"a": 1, None: 2}, "prices.keys()[1]"),
    ("prices", {"a": 1, "secret": None}, "prices.values()[1]"),
    ("grid", [[1], [2, None]], "grid[1][1]"),
    ("grid", [[1], None], "grid[1]"),
    ("by_town", {"York": ["a", None]}, "by_town.values()[0][1]"),
    ("pair", (None, [1, None]), "pair[1][1]"),
    ("homes", [Address(), Address.model_construct(lines=["a", None])], "homes[1].lines[1]"),
    ("paths", [PurePosixPath("a"), None], "paths[1]"),
    ("secrets", {"a": None}, "secrets.values()[0]"),
    ("colour", [1.0, None, 1.0], "colour[1]"),
    ("rooms", [None], "rooms[0]"),
]
SAVING: dict[str, Callable[[Note], object]] = {
    "save": Note.save,
    "insert": Note.insert,
    "save_json": Note.save_json,
    "batch": lambda note: note.save(batch=BatchQuery()),
    "save_many": lambda note: Note.find().save_many([note]),
}


@pytest.mark.parametrize("verb", SAVING)
@pytest.mark.parametrize(("field", "value", "path"), INSIDE)
def test_saving_names_the_place(verb: str, field: str, value: Any, path: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError) as caught:
        SAVING[verb](note(**{field: value}))
    assert str(caught.value) == f"Note.{path}: a CQL collection holds no null; take None out"
    assert (caught.value.field, caught.value.path) == (field, path)
    assert driver.requests == []


@pytest.mark.parametrize(("field", "value", "path"), INSIDE)
def test_setting_by_keyword_names_the_place(field: str, value: Any, path: str, driver: ScriptedDriver) -> None:
    changes = {field: value}
    calls: list[Callable[[], object]] = [
        lambda: note().update(**changes),
        lambda: Note.find(id=1).update(**changes),
        lambda: Note.find().update_many([note()], **changes),
    ]
    for call in calls:
        with pytest.raises(InvalidValueError) as caught:
            call()
        assert caught.value.path == path
    assert driver.requests == []


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda: note().update(append__tags=["a", None]), "tags[1]"),
        (lambda: note().update(prepend__numbers=[None]), "numbers[0]"),
        (lambda: note().update(add__words={"a", None}), "words"),
        (lambda: note().update(remove__tags=[None]), "tags[0]"),
        (lambda: note().update(put__prices={"a": None}), "prices.values()[0]"),
        (lambda: note().update(put__prices={None: 1}), "prices.keys()[0]"),
        (lambda: note().update(setindex__tags=(4, None)), "tags[4]"),
        (lambda: note().update(tags=["a"], if_conditions={"rooms": [1, None]}), "rooms[1]"),
        (lambda: note().delete(if_conditions={"numbers__ne": [None]}), "numbers[0]"),
        (lambda: note().delete(if_conditions={"rooms__in": [[1], [2, None]]}), "rooms[1]"),
        (lambda: Note.find(id=1).iff(tags=["a", None]), "tags[1]"),
        (lambda: Note.find(rooms=[3, None]), "rooms[1]"),
        (lambda: note().update(remove__prices={None}), "prices"),
        (lambda: note().delete_columns(collection_elements=[("prices", None)]), "prices"),
    ],
)
def test_operators_and_conditions_name_the_place(call: Callable[[], object], path: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError) as caught:
        call()
    assert caught.value.path == path
    assert driver.requests == []


def test_what_came_to_a_list_is_named_by_its_place_in_the_document(driver: ScriptedDriver) -> None:
    changed = note(tags=["a", "b"])
    changed.save()
    tags: list[Any] = changed.tags
    tags += ["c", None]
    with pytest.raises(InvalidValueError) as caught:
        changed.update()
    assert (caught.value.path, len(driver.requests)) == ("tags[3]", 1)


def test_parts_of_tuples_and_fields_of_user_types_may_be_null(driver: ScriptedDriver) -> None:
    note(pair=(None, []), homes=[Address(street=None)]).save()
    assert len(driver.requests) == 1


@given(st.lists(st.one_of(st.none(), st.integers(-5, 5)), max_size=30))
def test_of_any_list_the_first_none_is_named(values: list[int | None]) -> None:
    silent = ScriptedDriver()
    register_driver("silent", silent, default=True)
    try:
        if None not in values:
            note(numbers=values).save()
            assert len(silent.requests) == 1
            return
        with pytest.raises(InvalidValueError) as caught:
            note(numbers=values).save()
        assert (caught.value.path, silent.requests) == (f"numbers[{values.index(None)}]", [])
    finally:
        unregister_driver("silent")
