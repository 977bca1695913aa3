"""Documents whose program was interrupted behind a write that a server had acknowledged: they do not write it again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.fields import PrimaryKey
from coodie.sync import Document
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from coodie_drivers.messages import BatchRequest, Request

APPLIED = Reply([(True,)], ("[applied]",), None, True)


class Note(Document):
    id: Annotated[int, PrimaryKey()]
    lines: list[str] = []
    title: str = ""


class Interrupting(ScriptedDriver):
    """Lets an interrupt come so many lines of the mapper behind its answer, once."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: int | None = None

    def send(self, request: Request | BatchRequest) -> Reply:
        """Answer."""
        super().send(request)
        if self.lines is not None:
            sys.settrace(self.trace)  # the operation is not running now, and is called when it goes on
        return APPLIED

    def trace(self, frame: FrameType, event: str, argument: object) -> Any:
        """Count the lines, and interrupt."""
        del argument
        if self.lines is None:
            return None
        if event == "line" and any(each in frame.f_code.co_filename for each in ("/_ops/", "/_model/", "<coodie ")):
            if not self.lines:
                self.lines = None
                sys.settrace(None)
                raise KeyboardInterrupt
            self.lines -= 1
        return self.trace


def grown(note: Note) -> Note:
    note.lines.append("b")
    return note


WRITES: dict[str, Callable[[Any], object]] = {
    "update": lambda note: grown(note).update(),
    "update by name": lambda note: note.update(append__lines=["b"]),
    "update that sets": lambda note: note.update(lines=["a", "b"]),
    "save": lambda note: grown(note).save(),
    "save of what changed": lambda note: grown(note).save(changed_only=True),
    "save_json": lambda note: grown(note).save_json(),
    "insert": lambda note: grown(note).insert(),
}


@pytest.mark.parametrize("verb", WRITES)
def test_nothing_is_appended_twice(verb: str, register: Callable[[ScriptedDriver], None]) -> None:
    places = 0
    while True:
        driver = Interrupting()
        register(driver)
        note = Note(id=1, lines=["a"])
        note.save()
        driver.lines = places
        before = sys.gettrace()
        try:
            WRITES[verb](note)
        except KeyboardInterrupt:
            pass
        else:
            break
        finally:
            sys.settrace(before)
        note.lines = ["a", "b"]
        note.update()
        # Nothing is sent, or the whole list.
        assert not any("lines + ?" in each.statement.cql for each in driver.requests[2:]), places
        note.lines = ["a"]
        note.update()
        assert "lines = ?" in driver.requests[-1].statement.cql, places
        places += 1
    assert places > 3
