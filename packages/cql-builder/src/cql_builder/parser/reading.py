"""What every text goes through before and around its grammar: is it one, can it be sent, is there room to read it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

from cql_builder.dialects import find_dialect
from cql_builder.errors import ArgumentError, CqlSyntaxError
from cql_builder.recursion import on_own_stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.dialects import Dialect

T = TypeVar("T")


def read_text(read: Callable[[str, Dialect], T], text: object, dialect: str | Dialect, function: str) -> T:
    """Return what a grammar makes of a text, however much of the stack is in use already.

    Args:
        read: the grammar.
        text: what is read.
        dialect: whose grammar it is, or its name.
        function: what was called, for errors.

    Raises:
        ArgumentError: if the text is no str.
        CqlSyntaxError: if it has a lone surrogate, or Python's own limit leaves no room for its nesting.
        UnknownDialectError: if there is no such dialect.
    """
    if not isinstance(text, str):
        raise ArgumentError(function, "the text", "a str", text)
    text = str.__str__(text)
    known = find_dialect(dialect)
    if not text.isascii():
        _refuse_surrogates(text)
    try:
        return read(text, known)
    except RecursionError:
        pass
    try:
        return on_own_stack(read, text, known)
    except RecursionError:
        limit = f"Python's recursion limit of {sys.getrecursionlimit()}"
        reason = f"it is nested deeper than {limit} leaves room for; raise it with sys.setrecursionlimit"
    raise CqlSyntaxError(reason, text, 0)


def _refuse_surrogates(text: str) -> None:
    """Refuse what UTF-8 cannot carry: no server has seen it, and no tree that holds it has a text."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        position = error.start
    else:
        return
    reason = "found a lone surrogate, which UTF-8 cannot carry; decode the bytes with the encoding that they have"
    raise CqlSyntaxError(reason, text, position, token=text[position])
