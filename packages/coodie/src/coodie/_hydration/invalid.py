"""Rows that hold what their model cannot: left out, or gathered, where a query says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie.errors import InvalidRowError, InvalidRowsError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Rows = Sequence[tuple[Any, ...]]
    Reader = Callable[[Rows], list[Any]]


def leaving_out(read: Reader, model: str, *, gathers: bool, hooked: bool) -> Reader:
    """Make the reader that leaves out what `read` cannot read.

    Args:
        read: reads rows.
        model: the name of the model.
        gathers: whether it raises an `InvalidRowsError` in the end, with what was left out.
        hooked: whether reading runs methods of the model, which must not run twice for a row.
    """

    def read_each(rows: Rows) -> list[Any]:
        items: list[Any] = []
        errors: list[InvalidRowError] = []
        for row in rows:
            try:
                items += read([row])
            except InvalidRowError as error:
                errors.append(error)
        if errors and gathers:
            raise InvalidRowsError(model, errors, items)
        return items

    def read_all(rows: Rows) -> list[Any]:
        try:
            return read(rows)
        except InvalidRowError:
            return read_each(rows)

    return read_each if hooked else read_all
