"""What cannot be a hook is refused when the model is defined."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest

from coodie.exceptions import FieldNotLoadedError, InvalidModelError
from coodie.fields import PrimaryKey
from coodie.hooks import after_load, after_save, after_update, before_save, before_update
from coodie.sync import Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from coodie_drivers.testing.scripted import ScriptedDriver


class Greeting(Document):
    id: Annotated[int, PrimaryKey()]
    text: str = ""
    name: str = ""
    _whole: str = ""

    @after_load
    def put_together(self) -> None:
        self._whole = f"{self.text} {self.name}"


async def wait(_: object) -> None:
    """Wait."""


def give(_: object) -> Iterator[int]:
    yield 1


async def give_later(_: object) -> AsyncIterator[int]:
    yield 1


@pytest.mark.parametrize("hook", [wait, give, give_later])
def test_a_hook_that_awaits_or_yields_is_refused_when_the_model_is_defined(hook: Any) -> None:
    with pytest.raises(InvalidModelError, match="which neither awaits nor yields"):

        class Wrong(Document):  # pyright: ignore[reportUnusedClass] - it cannot even be made
            id: Annotated[int, PrimaryKey()]
            waiting = before_save(hook)


@pytest.mark.parametrize("validated", [False, True])
def test_what_a_hook_asks_for_and_was_not_fetched_is_named(
    script: Callable[..., ScriptedDriver], *, validated: bool
) -> None:
    script(Reply([(1, "hello")], ("id", "text")))
    query = Greeting.find(id=1).only("text")
    with pytest.raises(FieldNotLoadedError, match=r"^Greeting\.name was not fetched"):
        (query.validate() if validated else query).first()


def test_a_hook_that_wants_more_than_the_document_is_refused() -> None:
    def more(self: object, other: object) -> None:
        """Want another argument, which nobody gives."""

    def usual(self: object, other: object = None) -> None:
        """Want another argument, which has a default."""

    with pytest.raises(InvalidModelError, match=r"more\(\) cannot be a hook: .* called with the document alone"):
        type("Wrong", (Document,), {"__module__": __name__, "more": before_save(cast("Any", more))})
    type("Right", (Document,), {"__module__": __name__, "usual": before_save(cast("Any", usual))})


class Counted(Document):
    id: Annotated[int, PrimaryKey()]
    text: str = ""
    writes: int = 0

    @before_update
    @before_save
    @before_save
    def count(self) -> None:
        self.writes += 1

    @after_save
    @after_update
    def shorten(self) -> None:
        self.text = self.text[:1]


@pytest.mark.usefixtures("driver")
def test_a_hook_with_several_marks_runs_at_each_once() -> None:
    counted = Counted(id=1, text="text")
    counted.save()
    assert (counted.writes, counted.text) == (1, "t")
    counted.update(text="other")
    assert (counted.writes, counted.text) == (2, "o")


@pytest.mark.usefixtures("driver")
def test_a_method_without_marks_takes_the_place_of_one_with_several() -> None:
    class Silent(Counted):
        def count(self) -> None:
            """Count nothing."""

    silent = Silent(id=1)
    silent.save()
    silent.update(text="x")
    assert silent.writes == 0


@pytest.mark.parametrize("kind", [staticmethod, classmethod])
@pytest.mark.parametrize("mark_first", [False, True])
def test_a_hook_that_is_given_no_document_is_refused(kind: Callable[..., Any], *, mark_first: bool) -> None:
    def alone(*_: object) -> None:
        """Take whatever comes."""

    marked = kind(before_save(alone)) if mark_first else before_save(kind(alone))
    sentence = rf"^Wrong: alone\(\) cannot be a hook: .* leave @{kind.__name__} out"
    with pytest.raises(InvalidModelError, match=sentence):
        type("Wrong", (Document,), {"__module__": __name__, "alone": marked})


def test_a_property_is_no_hook() -> None:
    class Priced:
        def total(self) -> int:
            return 0

    wrong: Any = property(Priced.total)
    with pytest.raises(InvalidModelError, match=r"^Priced: total cannot be a hook: .* leave @before_save or the prop"):
        before_save(wrong)
    of_python: Any = int
    with pytest.raises(InvalidModelError, match=r"cannot be a hook: a hook is a plain method"):
        before_save(of_python)


@pytest.mark.parametrize("kind", [property, cached_property])
def test_a_hook_inside_of_a_property_is_refused_as_it_would_not_run(kind: Callable[..., Any]) -> None:
    def total(_: object) -> int:
        return 0

    marked: Any = before_save
    sentence = rf"^Wrong: total\(\) cannot be a hook: .* leave @{kind.__name__} or the mark out"
    with pytest.raises(InvalidModelError, match=sentence):
        type("Wrong", (Document,), {"__module__": __name__, "total": kind(marked(total))})
