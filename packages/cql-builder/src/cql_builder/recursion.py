"""What follows nesting by recursion, where its caller has left too little of Python's stack for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import ParamSpec

    P = ParamSpec("P")

T = TypeVar("T")


def on_own_stack(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a function returns, called in a thread of its own: a thread starts with an empty stack.

    Raises:
        RecursionError: if that is not enough, or there can be no thread.
    """
    from threading import Thread  # noqa: PLC0415 - hardly any text and tree needs it

    returned: list[T] = []
    raised: list[BaseException] = []

    def call() -> None:
        try:
            returned.append(function(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            raised.append(error)

    thread = Thread(target=call, name="cql_builder")
    try:
        thread.start()
    except RuntimeError as error:
        raise RecursionError(*error.args) from None
    thread.join()
    if raised:
        raise raised[0]
    return returned[0]
