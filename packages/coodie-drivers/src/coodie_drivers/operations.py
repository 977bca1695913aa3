"""Operations: logic that asks a driver for things without knowing whether the asking blocks or awaits.

An operation is a generator. It yields a request, is sent the reply and returns its answer; `drive` runs it over a
driver's blocking calls and `adrive` over its asynchronous ones. A failure is thrown into the generator at the line that
asked, so a traceback shows what was being done, and an operation can catch it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Final, TypeVar

from coodie_drivers.gathering import send_anything, send_anything_async
from coodie_drivers.messages import BatchRequest, ManyRequests, Pause, Reply, Request, TableRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.contract import AbstractDriver

__all__ = [
    "Asked",
    "Op",
    "adrive",
    "drive",
]

T = TypeVar("T")

Asked = Request | BatchRequest | ManyRequests | TableRequest | Pause
Op = Generator[Asked, Reply, T]


def _nothing() -> Op[Any]:
    yield from ()


ENDED: Final = _nothing()
"""An operation that asks nothing and answers None; for whoever did all there was to do when it was made."""

for _ in ENDED:
    pass


def drive(operation: Op[T], driver: AbstractDriver, explain: Callable[[Exception], None] | None = None) -> T:
    """Run an operation to its answer, blocking on each request.

    Raises whatever the operation lets through: usually a `CoodieError`.

    Args:
        operation: what is run.
        driver: what it is run over.
        explain: is called with the error that is about to be raised, and may raise another in its stead.
    """
    send = getattr(driver, "send", None)  # a driver that somebody wrote may have the documented methods alone
    try:
        asked = next(operation)
        while True:
            try:
                reply = send(asked) if type(asked) is Request and send is not None else send_anything(driver, asked)
            except BaseException as error:  # noqa: BLE001 - the operation decides what becomes of it
                asked = operation.throw(error)
            else:
                asked = operation.send(reply)
    except StopIteration as finished:
        answer: T = finished.value
        return answer
    except Exception as error:
        if explain is not None:
            explain(error)
        raise


async def adrive(operation: Op[T], driver: AbstractDriver, explain: Callable[[Exception], None] | None = None) -> T:
    """Run an operation to its answer, awaiting each request; the arguments are those of `drive`.

    Raises whatever the operation lets through: usually a `CoodieError`.
    """
    send = getattr(driver, "send_async", None)  # a driver that somebody wrote may have the documented methods alone
    try:
        asked = next(operation)
        while True:
            try:
                if type(asked) is Request and send is not None:
                    reply = await send(asked)
                else:
                    reply = await send_anything_async(driver, asked)
            except BaseException as error:  # noqa: BLE001 - the operation decides what becomes of it
                asked = operation.throw(error)
            else:
                asked = operation.send(reply)
    except StopIteration as finished:
        answer: T = finished.value
        return answer
    except Exception as error:
        if explain is not None:
            explain(error)
        raise
