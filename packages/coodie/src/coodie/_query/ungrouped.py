"""What a query of groups has not, and a query of rows has: refused with the way out."""

from __future__ import annotations

from coodie_drivers.errors import InvalidQueryError

_FIGURES = ("avg", "count", "max", "min", "sum")
_FORMS = ("into", "select_token", "values_list")


class UngroupedError(InvalidQueryError, AttributeError):
    """A method of queries that a query of groups has not; an AttributeError, too, so that `hasattr` answers."""


def ungrouped(model: str, method: str) -> UngroupedError:
    """The error for a method that goes with no `group_by()`."""
    problem = f"{method}() of {model} takes no group_by()"
    if method in _FIGURES:
        figure = "count(*)" if method == "count" else f"{method}(...)"
        return UngroupedError(f'{problem}; aggregate(n="{figure}") gives the figure of each group')
    if method in _FORMS:
        return UngroupedError(f"{problem} before it; call {method}() first, or aggregate() for figures")
    if method == "group_by":
        return UngroupedError(f"{problem} before it; name all fields in one group_by()")
    return UngroupedError(f"{problem}; leave it out, or use all(), first(), a loop or aggregate(), which heed it")
