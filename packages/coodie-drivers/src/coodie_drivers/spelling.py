"""The close match that an error offers for a misspelt name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], least: float = 0.6) -> str | None:
    """Return the nearest known name, or None where none is near.

    Args:
        name: what was written.
        known: what there is.
        least: how near it must be, from 0 to 1, as `difflib` counts.

    >>> nearest("hots", ["hosts", "keyspace"]), nearest("test_hosts", ["hosts"], least=0.8)
    ('hosts', None)
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only a failing call needs it

    found = get_close_matches(name, list(known), n=1, cutoff=least)
    return found[0] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the nearest known name, or nothing where none is near.

    >>> did_you_mean("QUORM", ["ONE", "QUORUM"])
    "; did you mean 'QUORUM'?"
    """
    found = nearest(name, known)
    return "" if found is None else f"; did you mean '{found}'?"
