"""An iterator gives its elements once: a field that holds one is refused by every verb before anything is taken."""

from __future__ import annotations

from collections import UserString
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AfterValidator

from coodie.exceptions import BulkWriteError, InvalidQueryError, InvalidValueError
from coodie.fields import Frozen, PrimaryKey, Vector, Version
from coodie.mixins import Timestamped
from coodie.sync import BatchQuery, Document, QuerySet, col
from coodie.usertype import UserType
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from coodie_drivers.testing.scripted import ScriptedDriver


class Label(UserType):
    words: list[str] = []


class Words(list[str]):
    """Words in order."""


def never_empty(words: list[str]) -> list[str]:
    if not all(words):
        raise ValueError("a word is empty")
    return words


class Note(Document):
    id: Annotated[int, PrimaryKey()]
    tags: list[str] = []
    lines: Sequence[str] = ()
    words: Words = Words()
    seen: set[str] = set()
    sealed: frozenset[str] = frozenset()
    ends: tuple[str, ...] = ()
    pair: tuple[str, str] = ("", "")
    groups: dict[str, list[str]] = {}
    spot: Annotated[list[float], Vector(2)] = [1.0, 2.0]
    label: Label = Label()
    fixed: Annotated[Label, Frozen()] = Label()
    shown: Annotated[list[str], Frozen(), AfterValidator(never_empty)] = []


class Refilled(Sequence[str]):
    """A sequence that is an iterator as well, and begins anew for each loop."""

    def __init__(self) -> None:
        self._left: list[str] = []

    def __len__(self) -> int:
        return 2

    def __getitem__(self, place: Any) -> Any:
        elements: Any = ["a", "b"]
        return elements[place]

    def __iter__(self) -> Iterator[str]:
        self._left = ["b", "a"]
        return self

    def __next__(self) -> str:
        if not self._left:
            raise StopIteration
        return self._left.pop()


def batched(note: Note) -> None:
    with BatchQuery() as batch:
        note.save(batch=batch)


VERBS: dict[str, Callable[[Note], object]] = {
    "update": lambda note: note.update(),
    "save": lambda note: note.save(),
    "save what changed": lambda note: note.save(changed_only=True),
    "save but nulls": lambda note: note.save(nulls="skip"),
    "insert": lambda note: note.insert(),
    "save_json": lambda note: note.save_json(),
    "save_many": lambda note: Note.find().save_many([note]),
    "batch": batched,
}
PLACES: dict[str, tuple[str, str]] = {
    "tags": ("", "list"),
    "lines": ("", "list"),
    "words": ("", "list"),
    "seen": ("", "set"),
    "sealed": ("", "frozenset"),
    "ends": ("", "tuple"),
    "pair": ("", "tuple"),
    "spot": ("", "list"),
    "groups": (".values()[0]", "list"),
    "label": (".words", "list"),
    "fixed": (".words", "list"),
}
"""Where each field holds the iterator, and what is to be written around it."""


def held_in(field: str, iterator: Iterator[Any]) -> Any:
    """The value of a field that holds an iterator."""
    if field == "groups":
        return {"a": iterator}
    if field == "fixed":
        return Label.model_construct(words=iterator)
    return {"words": iterator} if field == "label" else iterator


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize("field", PLACES)
def test_an_iterator_is_refused_and_stays_as_it_is(
    field: str, verb: Callable[[Note], object], driver: ScriptedDriver
) -> None:
    note = Note(id=1)
    note.save()
    sent = len(driver.requests)
    elements = [1.0, 2.0] if field == "spot" else ["a", "b"]  # where it is compared, it equals what the row has
    iterator = iter(elements)
    setattr(note, field, held_in(field, iterator))
    way, holder = PLACES[field]
    with pytest.raises(InvalidValueError) as refused:
        verb(note)
    problem = f"an iterator (list_iterator) gives its elements only once; write {holder}(...) around it"
    assert str(refused.value) == f"Note.{field}{way}: {problem}"
    assert list(iterator) == elements
    assert len(driver.requests) == sent


def test_what_makes_a_collection_of_an_iterator_takes_one(driver: ScriptedDriver) -> None:
    given: dict[str, Any] = {"tags": (each for each in "ab"), "seen": map(str, "ab"), "groups": {"a": iter("ab")}}
    note = Note(id=1, **given)
    assert (note.tags, note.seen, note.groups) == (["a", "b"], {"a", "b"}, {"a": ["a", "b"]})
    note.save()
    note.update(tags=iter("cd"), add__seen=iter("cd"))
    note.update(append__tags=map(str, "e"), prepend__lines=iter("f"), remove__seen=iter("a"))
    assert (note.tags, note.lines, note.seen) == (["c", "d", "e"], ["f"], {"b", "c", "d"})
    Note.find(id=1).iff(seen=iter("bcd")).update(tags=[])
    assert {"b", "c", "d"} in driver.requests[-1].params


def test_a_collection_that_is_an_iterator_as_well_is_taken(driver: ScriptedDriver) -> None:
    note = Note(id=1)
    note.lines = Refilled()
    note.save()
    note.update()
    note.lines = Refilled()
    note.save()
    assert [["a", "b"] in request.params for request in driver.requests] == [True, True]


def test_what_a_validator_refuses_is_looked_for_as_it_is_given(driver: ScriptedDriver) -> None:
    Note.find(shown=iter(["a", ""])).allow_filtering().all()
    assert [*driver.requests[-1].params] == [["a", ""]]


class Stamped(Timestamped, Document):
    id: Annotated[int, PrimaryKey()]
    tags: list[str] = []
    seen: set[str] = set()
    groups: dict[str, list[str]] = {}


ONCE: dict[str, tuple[Callable[[], dict[str, Any]], object]] = {
    "a field": (lambda: {"tags": map(str, "ab")}, ["a", "b"]),
    "inside a field": (lambda: {"groups": {"g": iter("ab")}}, {"g": ["a", "b"]}),
    "added": (lambda: {"add__seen": iter("ab")}, {"a", "b"}),
    "removed": (lambda: {"remove__seen": (each for each in "ab")}, {"a", "b"}),
    "appended": (lambda: {"append__tags": iter("ab")}, ["a", "b"]),
    "prepended": (lambda: {"prepend__tags": iter("ab")}, ["a", "b"]),
    "put": (lambda: {"put__groups": {"g": iter("ab")}}, {"g": ["a", "b"]}),
}
"""What gives its elements once, by keyword, and what is to be sent of it."""


@pytest.mark.parametrize("given", ONCE)
def test_an_iterator_is_gone_through_once_where_hooks_see_it(given: str, driver: ScriptedDriver) -> None:
    make, sent = ONCE[given]
    stamped = Stamped(id=1)
    stamped.save()
    stamped.update(**make())
    assert sent in driver.requests[-1].params
    with BatchQuery() as batch:
        stamped.update(batch=batch, **make())
    ((_, params),) = driver.requests[-1].parts
    assert sent in params


@pytest.mark.parametrize("model", [Note, Stamped])
@pytest.mark.parametrize("given", ONCE)
def test_each_of_many_documents_gets_what_an_iterator_gives(
    given: str, model: type[Note | Stamped], driver: ScriptedDriver
) -> None:
    make, sent = ONCE[given]
    documents = [model(id=each) for each in range(3)]
    QuerySet(model).update_many(documents, **make())
    written = [request.params for request in driver.requests]
    assert [sent in params for params in written] == [True] * 3


def test_what_lies_deep_in_what_is_given_to_many_is_gone_through_once(driver: ScriptedDriver) -> None:
    class Deep(Document):
        id: Annotated[int, PrimaryKey()]
        pairs: list[tuple[int, list[str]]] = []
        sets: set[tuple[str, ...]] = set()
        label: Label = Label()

    documents = [Deep(id=each) for each in range(3)]
    given: dict[str, Any] = {"pairs": iter([(1, iter("ab"))]), "sets": {iter("ab"), iter("cd")}}
    Deep.find().update_many(documents, **given, label={"words": iter("ab")})
    for document in documents:
        assert (document.pairs, document.sets) == ([(1, ["a", "b"])], {("a", "b"), ("c", "d")})
        assert document.label.words == ["a", "b"]
    assert len(driver.requests) == 3


def test_many_that_are_refused_take_nothing_of_an_iterator(driver: ScriptedDriver) -> None:
    given = iter("ab")
    with pytest.raises(InvalidQueryError, match="update_many"):
        Note.find().limit(3).update_many([Note(id=1)], tags=given)
    assert (list(given), driver.requests) == (["a", "b"], [])


class Versioned(Document):
    id: Annotated[int, PrimaryKey()]
    seen: set[str] = set()
    version: Annotated[int, Version()] = 0


@pytest.mark.parametrize("model", [Note, Stamped, Versioned])
def test_an_iterator_of_a_condition_is_gone_through_once_where_nothing_changed(
    model: type[Note | Stamped | Versioned], script: Callable[..., ScriptedDriver]
) -> None:
    applied = Reply([(True,)], ("[applied]",), None, True)
    driver = script(applied, applied)
    document = model(id=1, seen={"a", "b"})
    document.save()
    document.update(if_conditions={"seen": map(str, "ab")})
    assert {"a", "b"} in driver.requests[-1].params


def test_a_condition_with_an_iterator_says_the_same_each_time(driver: ScriptedDriver) -> None:
    condition = col(Note.id).in_(iter([2, 5]))
    for _ in range(2):
        assert Note.find(condition).all() == []
    first, second = [list(request.params) for request in driver.requests]
    assert first == second == [[2, 5]]


def test_many_documents_take_what_one_takes_and_no_more(driver: ScriptedDriver) -> None:
    note = Note(id=1)
    note.save()
    endless: list[Any] = []
    endless.append(endless)
    for given in (UserString("abc"), endless):
        with pytest.raises((InvalidValueError, BulkWriteError), match="tags"):
            Note.find().update_many([note], tags=given)
    assert len(driver.requests) == 1
