"""Running many operations side by side: what they ask for at the same time is sent a bounded number at once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from coodie_drivers.errors import CoodieError
from coodie_drivers.messages import ManyRequests, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coodie_drivers.messages import BatchRequest, Request
    from coodie_drivers.operations import Op

T = TypeVar("T")


class Strand(Generic[T]):
    """One operation among many.

    Attributes:
        place: its place among them.
        asked: what it asks for now; None when it has ended.
        ended: whether it returned or raised.
        answer: what it returned.
        error: what it raised.
        sent: whether it has asked for anything, which may have been sent; else nothing was.
    """

    __slots__ = ("_operation", "answer", "asked", "ended", "error", "place", "sent")

    def __init__(self, place: int, operation: Op[T]) -> None:
        """Hold an operation that was not begun."""
        self.place = place
        self._operation = operation
        self.asked: Request | None = None
        self.ended = False
        self.answer: T | None = None
        self.error: Exception | None = None
        self.sent = False

    def begin(self) -> None:
        """Run it to what it asks for first."""
        self._run(lambda: next(self._operation))

    def go_on(self, outcome: Reply | Exception) -> None:
        """Run it on with a reply, or with what the request failed with."""
        if isinstance(outcome, Reply):
            self._run(lambda: self._operation.send(outcome))
        else:
            self._run(lambda: self._operation.throw(outcome))

    def close(self) -> None:
        """Leave it where it is; what it asked for may have been sent."""
        self._operation.close()

    def leave(self) -> None:
        """Leave it where it is, and let it know that nothing was sent for it."""
        if not self.ended:
            with suppress(CoodieError):
                self._operation.throw(CoodieError("not begun"))

    def _run(self, step: Callable[[], Any]) -> None:
        self.asked = None
        try:
            self.asked = step()
            self.sent = True
        except StopIteration as finished:
            self.ended, self.answer = True, finished.value
        except Exception as error:  # noqa: BLE001 - whoever runs many decides what becomes of it
            self.ended, self.error = True, error


Bundle = tuple["list[Strand[Any]]", "Request | BatchRequest"]
"""Operations whose requests are sent as one, and that one."""


def alone(strands: Sequence[Strand[Any]]) -> list[Bundle]:
    """Each request for itself."""
    return [([strand], cast("Request", strand.asked)) for strand in strands]


def side_by_side(
    operations: Sequence[Op[T]],
    at_once: int,
    *,
    stops: bool,
    bundled: Callable[[Sequence[Strand[Any]]], list[Bundle]] = alone,
) -> Op[list[Strand[T]]]:
    """Run operations that do not depend on each other, and return what became of each, in order.

    Args:
        operations: what is run.
        at_once: how many requests are under way at once.
        stops: whether nothing more is begun after a failure; what was not begun has not ended then.
        bundled: takes the requests together that are sent as one.
    """
    strands = [Strand(place, operation) for place, operation in enumerate(operations)]
    try:
        yield from _run(strands, at_once, stops=stops, bundled=bundled)
    except BaseException:
        for strand in strands:
            strand.close()
        raise
    for strand in strands:
        strand.leave()
    return strands


def _run(
    strands: Sequence[Strand[Any]],
    at_once: int,
    *,
    stops: bool,
    bundled: Callable[[Sequence[Strand[Any]]], list[Bundle]],
) -> Op[None]:
    """Run them until all have ended, or nothing more is to be begun."""
    for strand in strands:
        strand.begin()
        if stops and strand.error is not None:
            return
    waiting = [strand for strand in strands if not strand.ended]
    while waiting:
        bundles = bundled(waiting)
        many = ManyRequests([asked for _, asked in bundles], at_once)
        yield many
        for (together, _), outcome in zip(bundles, many.outcomes, strict=True):
            for strand in together if outcome is not None else ():
                strand.go_on(cast("Reply | Exception", outcome))
        if stops and any(strand.error is not None for strand in waiting):
            return
        waiting = [strand for strand in waiting if not strand.ended]
