"""The consistency that a model has by default: given to its requests that say none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from coodie_drivers.messages import BatchRequest, ManyRequests, Request

if TYPE_CHECKING:
    from coodie_drivers.operations import Op

T = TypeVar("T")


def at_level(operation: Op[T], level: str) -> Op[T]:
    """The operation, whose requests ask for this consistency unless they say another."""
    try:
        asked: Any = next(operation)
        while True:
            _ask(asked, level)
            try:
                reply = yield asked
            except Exception as error:  # noqa: BLE001 - it is the operation's to look at
                asked = operation.throw(error)
            else:
                asked = operation.send(reply)
    except StopIteration as finished:
        answer: T = finished.value
        return answer
    finally:
        operation.close()


def _ask(asked: Any, level: str) -> None:
    for request in asked.requests if isinstance(asked, ManyRequests) else (asked,):
        if isinstance(request, (Request, BatchRequest)) and request.consistency is None:
            request.consistency = level
