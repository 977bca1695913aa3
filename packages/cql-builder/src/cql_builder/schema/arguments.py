"""What the calls of this room are given, looked at before anything is read of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from cql_builder.errors import ArgumentError

if TYPE_CHECKING:
    from typing import TypeGuard

K = TypeVar("K")


def checked(value: object, kind: type[K], call: str, argument: str, instead: str = "") -> K:
    """Return a value that is of a kind; `instead` says what else may be there.

    Raises:
        ArgumentError: if it is not.

    >>> checked("shop", str, "system_queries", "the keyspace")
    'shop'
    """
    if not isinstance(value, kind):
        raise ArgumentError(call, argument, _with_article(kind.__name__) + instead, value)
    return value


def all_checked(values: object, kind: type[K], call: str, argument: str) -> tuple[K, ...]:
    """Return values that are each of a kind.

    Raises:
        ArgumentError: if one is not, or if they are no values.

    >>> all_checked(["a", "b"], str, "apply", "the names")
    ('a', 'b')
    """
    expected = f"a list in which each is {_with_article(kind.__name__)}"
    if not _is_iterable(values) or isinstance(values, str | bytes):
        raise ArgumentError(call, argument, expected, values)
    found: list[K] = []
    for value in values:
        if not isinstance(value, kind):
            raise ArgumentError(call, f"one of {argument}", _with_article(kind.__name__), value)
        found.append(value)
    return tuple(found)


def _with_article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOaeiou' else 'a'} {name}"


def _is_iterable(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable)
