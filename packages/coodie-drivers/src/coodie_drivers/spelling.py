"""The close match that an error offers for a misspelt name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the nearest known name, or nothing where none is near.

    >>> did_you_mean("QUORM", ["ONE", "QUORUM"])
    "; did you mean 'QUORUM'?"
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only a failing call needs it

    nearest = get_close_matches(name, list(known), n=1)
    return f"; did you mean '{nearest[0]}'?" if nearest else ""
