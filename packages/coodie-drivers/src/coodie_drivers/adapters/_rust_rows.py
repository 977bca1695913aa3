"""Functions compiled for the columns of one statement: they read a page of usual rows at little cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._generated import generated
from coodie_drivers.adapters._rust_library import values
from coodie_drivers.adapters._rust_types import CqlMap, CqlSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

EMPTY: Final[type] = values.CqlEmpty
"""The class of an empty value that Python has not."""


def quick_reader(
    cql_types: Sequence[Any], may_be_empty: Iterable[int], collections: Iterable[int]
) -> Callable[[Iterable[dict[str, Any]]], list[tuple[Any, ...]] | None]:
    """Return what makes tuples of the library's rows, or None if a value is one that Python has not.

    It is compiled for the columns: to look at each value of ten in a loop takes as long as the library takes for them.
    The function raises ValueError if a row has another number of values.

    Args:
        cql_types: the types of the columns.
        may_be_empty: the columns in which there may be an empty value that Python has not, by their places.
        collections: those that are collections and null when they are empty.
    """
    names = [f"v{index}" for index in range(len(cql_types))]
    listed = "".join(f"{name}, " for name in names)
    wrong = " or ".join(f"{names[index]}.__class__ is empty" for index in may_be_empty)
    kinds = {index: _kind(cql_types[index]) for index in collections}
    lines = [
        " rows = []",
        " for row in found:",
        f"  {listed}= row.values()",
        *([f"  if {wrong}: return None"] if wrong else ()),
        *(
            f"  if not {names[at]} and {names[at]}.__class__ is {kind}: {names[at]} = None"
            for at, kind in kinds.items()
        ),
        f"  rows.append(({listed}))",
        " return rows",
    ]
    read: Callable[[Iterable[dict[str, Any]]], list[tuple[Any, ...]] | None]
    read = generated("read(found)", lines, {"empty": EMPTY})
    return read


def _kind(cql_type: Any) -> str:
    """Return the name of the Python class of such a collection."""
    return "dict" if isinstance(cql_type, CqlMap) else "set" if isinstance(cql_type, CqlSet) else "list"
