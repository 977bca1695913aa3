"""A collection is what a server keeps of it, whatever class holds it: only what changed is written, on the real node.

Pydantic leaves a tuple or deque in a field of a `Sequence` as it is, and an assignment that it does not check anything.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import pytest

from coodie.aio import Document
from coodie.exceptions import InvalidValueError
from coodie.fields import Frozen, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Words(list[str]):
    """Words in order."""


class Poll(Document):
    id: Annotated[str, PrimaryKey()]
    votes: Sequence[int] = ()
    seldom: Sequence[int] | None = None
    shares: Sequence[float] = ()
    rounds: dict[str, Sequence[int]] = {}
    ranges: list[Sequence[int]] = []
    fixed: Annotated[Sequence[int], Frozen()] = ()
    numbers: list[int] = []
    words: Words = Words()
    seen: set[int] = set()
    sealed: frozenset[int] = frozenset()
    pair: tuple[int, str] = (0, "")
    ends: tuple[int, ...] = ()
    places: Mapping[str, int] = {}
    weights: dict[float, Sequence[int]] = {}
    groups: dict[float, frozenset[int]] = {}
    boxes: set[tuple[int, ...]] = set()
    title: str = ""

    class Settings:
        name = "polls_of_other_holders"


@pytest.fixture(autouse=True)
async def table(connection: AbstractDriver) -> None:
    await Poll.sync_table()


NUMBERS = [1, 2]
SAME: list[tuple[str, Any]] = [
    ("votes", (1, 2)),
    ("votes", deque(NUMBERS)),
    ("votes", range(1, 3)),
    ("seldom", (1, 2)),
    ("shares", (0.1, 0.2)),
    ("rounds", {"a": (1, 2)}),
    ("ranges", [(1, 2), range(3)]),
    ("fixed", (1, 2)),
    ("numbers", (1, 2)),
    ("words", ["a", "b"]),
    ("words", ("a", "b")),
    ("seen", NUMBERS),
    ("seen", range(3)),
    ("sealed", {1, 2}),
    ("sealed", NUMBERS),
    ("pair", [1, "x"]),
    ("ends", NUMBERS),
    ("ends", range(1, 3)),
    ("places", MappingProxyType({"a": 1})),
    ("weights", {0.1: range(1, 3)}),
    ("groups", {0.1: NUMBERS}),
    ("boxes", [NUMBERS, range(3)]),
]


@pytest.mark.parametrize(("field", "value"), SAME, ids=[f"{field}-{type(value).__name__}" for field, value in SAME])
async def test_another_class_is_no_change(field: str, value: Any) -> None:
    mine = Poll(id=uuid4().hex)
    setattr(mine, field, value)
    await mine.save()
    read = await Poll.get(id=mine.id)
    setattr(read, field, value)
    was = await Poll.find(id=mine.id).writetime(field) if field in {"fixed", "sealed", "pair", "ends"} else None
    for document in (mine, read):
        other = await Poll.get(id=mine.id)
        await other.update(**more(other, field), title="other")
        document.title = "x"
        await document.update()
        again = await Poll.get(id=mine.id)
        assert (getattr(again, field), again.title) == (getattr(other, field), "x")
    assert was is None or await Poll.find(id=mine.id).writetime(field) == was


def more(poll: Poll, field: str) -> dict[str, Any]:
    """What is added to a collection that is not frozen."""
    held: Any = getattr(poll, field)
    if field in {"votes", "seldom", "shares", "numbers"}:
        return {f"append__{field}": [9]}
    if field == "words":
        return {"append__words": ["z"]}
    if field == "ranges":
        return {"append__ranges": [[9]]}
    if field in {"seen", "boxes"}:
        return {f"add__{field}": {9} if field == "seen" else {(9,)}}
    if field in {"rounds", "places", "weights", "groups"}:
        return {f"put__{field}": {next(iter(held)): 9 if field == "places" else [9]}}
    return {}


CHANGED: list[tuple[str, Any, Any, Any, Any]] = [
    ("votes", (1,), [9], (1, 2), [1, 9, 2]),
    ("votes", (1,), [9], deque([0, 1]), [0, 1, 9]),
    ("seldom", (1,), [9], range(1, 3), [1, 9, 2]),
    ("ranges", [(1,)], [[9]], [(1,), (2,)], [[1], [9], [2]]),
    ("numbers", [1], [9], (1, 2), [1, 9, 2]),
    ("seen", {1, 3}, {9}, [1, 2], {1, 2, 9}),
    ("boxes", {(1,)}, {(9,)}, [[1], [2]], {(1,), (2,), (9,)}),
    ("rounds", {"a": (1,)}, {"z": [9]}, {"a": (1,), "b": (2,)}, {"a": [1], "b": [2], "z": [9]}),
    ("places", {"a": 1}, {"z": 9}, MappingProxyType({"b": 2}), {"b": 2, "z": 9}),
]


@pytest.mark.parametrize(("field", "first", "others", "now", "there"), CHANGED)
async def test_its_difference_is_written(field: str, first: Any, others: Any, now: Any, there: Any) -> None:
    mine = Poll(id=uuid4().hex)
    setattr(mine, field, first)
    await mine.save()
    operation = "put" if isinstance(others, dict) else "add" if isinstance(others, set) else "append"
    await Poll.find(id=mine.id).update(**{f"{operation}__{field}": others})
    setattr(mine, field, now)
    await mine.update()
    assert getattr(await Poll.get(id=mine.id), field) == there


async def test_what_no_column_takes_is_a_change_and_refused() -> None:
    mine = Poll(id=uuid4().hex, numbers=[1], rounds={"a": [1]})
    await mine.save()
    wrong: list[tuple[str, Any]] = [
        ("numbers", {1: 1}),
        ("numbers", b"\x01"),
        ("numbers", ("1",)),
        ("seen", "a"),
        ("seen", [[1]]),
        ("places", [1]),
        ("rounds", {"a": {1: 2}}),
    ]
    for field, value in wrong:
        document: Any = await Poll.get(id=mine.id)
        setattr(document, field, value)
        with pytest.raises(InvalidValueError, match=rf"^Poll\.{field}"):
            await document.update()


async def test_an_iterator_leaves_the_row_and_itself_as_they_are() -> None:
    mine = Poll(id=uuid4().hex, numbers=[1, 2], votes=[1], seen={1})
    await mine.save()
    once: dict[str, Any] = {"numbers": map(int, "34"), "votes": reversed(NUMBERS), "seen": (each for each in NUMBERS)}
    for field, iterator in once.items():
        document: Any = await Poll.get(id=mine.id)
        setattr(document, field, iterator)
        for write in (document.update, document.save):
            with pytest.raises(InvalidValueError, match=rf"^Poll\.{field}: an iterator .* write (list|set)\(\.\.\.\)"):
                await write()
        assert getattr(await Poll.get(id=mine.id), field) == getattr(mine, field)
        setattr(document, field, [*iterator])
        await document.update()
    again = await Poll.get(id=mine.id)
    assert (again.numbers, again.votes, again.seen) == ([3, 4], [2, 1], {1, 2})
