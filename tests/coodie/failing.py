"""A driver that fails where a test says, a model, and what an update that was sent assigns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from coodie.exceptions import DriverError, OperationTimedOutError
from coodie.fields import ClusteringKey, PrimaryKey
from coodie.sync import Document
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coodie_drivers.messages import BatchRequest, Request


class Note(Document):
    owner: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    kind: str = Field(default="note", frozen=True)
    price: int = 0
    body: str = ""
    tags: set[str] = set()
    lines: list[str] = []
    words: dict[str, int] = {}


class Failing(ScriptedDriver):
    """Answers what it is asked, but for the requests in these places, which end with an error."""

    def __init__(self, error: BaseException, places: Iterable[int] = (1,), answer: Reply | None = None) -> None:
        super().__init__()
        self.error = error
        self.places = set(places)
        self.answer = Reply() if answer is None else answer

    def send(self, request: Request | BatchRequest) -> Reply:
        """Fail where that is to be."""
        super().send(request)
        if len(self.requests) - 1 in self.places:
            raise self.error
        return self.answer


def timed_out() -> DriverError:
    return OperationTimedOutError(1.0, outcome="unknown")


def saved(**values: Any) -> Note:
    held: dict[str, Any] = {"number": 1, "tags": {"a"}, "lines": ["a"], "words": {"a": 1}, **values}
    note = Note(owner="o", **held)
    note.save()
    return note


def assigned(driver: ScriptedDriver) -> set[str]:
    """Return what the last request, an update, assigns."""
    _, _, rest = driver.requests[-1].statement.cql.partition(" SET ")
    return set(rest.partition(" WHERE ")[0].split(", "))
