"""Prepared statements that a node has forgotten: when they are prepared and sent again, and what is said in the end."""

from __future__ import annotations

from typing import Final

FORGETS: Final = (
    "the node forgets the prepared statement each time that it is prepared, as one does whose cache of them is full; "
    "enlarge prepared_statements_cache_size in its cassandra.yaml, or send fewer different texts, with values as "
    "parameters"
)

_AT_MOST: Final = 100
"""How often a statement is sent again where the request has no limit: with the pauses, in some ten seconds."""

_FIRST_PAUSE: Final = 0.005
_LONGEST_PAUSE: Final = 0.1
"""Seconds before it is prepared again, from the second time on: each time twice as many, and these at most."""

_DOUBLED_AT_MOST: Final = 10


def pause_before_preparing(times: int, left: float | None) -> float | None:
    """Return how many seconds to wait before a statement is prepared and sent again; None where it is not.

    The first time nothing is the matter, a table has changed perhaps, and it is done at once. A node that forgets again
    keeps less than its clients prepare: there each attempt has the same hope, and all the time that the request has.

    Args:
        times: how often nodes had forgotten it by now.
        left: the seconds that the request has left; None where it has no limit.
    """
    pause = 0.0
    if times > 1:
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * float(2 ** min(times - 2, _DOUBLED_AT_MOST)))
    going_on = times <= _AT_MOST if left is None else pause < left
    return pause if going_on else None
