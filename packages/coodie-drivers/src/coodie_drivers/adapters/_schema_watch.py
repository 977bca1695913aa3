"""`SchemaWatch`: when to forget what was prepared, for somebody else may have changed the schema.

A node forgets a prepared statement whose table has changed, and takes it again from whoever prepares it first, under
the same id: the library itself, without telling, or another client. From then on it takes values that were bound for
the types that the columns had before. So the schema's version is looked at, and with another one everything is
prepared, and bound, anew.
"""

from __future__ import annotations

from typing import Final

_SETTLES: Final = 5.0
"""Seconds in which all nodes know of a change, mostly: until then one may prepare by the schema before it."""

LOOKS: Final = 1.0
"""Seconds between two looks, for a library that is told of no change by others."""

LEAST_TIMEOUT: Final = 0.001
"""Seconds that a request still has when it is sent, at least: libraries take no time below 0."""

VERSION: Final = "SELECT schema_version FROM system.local"
"""What to ask a node for, at level ONE: each has its own, so that the level of a connection may ask for too many."""

_AGAIN: Final = 1.0
"""Seconds between two times that everything is forgotten meanwhile."""


def look_limit(limit: float | None) -> float:
    """Return the seconds for a look that is part of a request with so many: half of them are left to the request."""
    return LOOKS if limit is None else min(LOOKS, limit / 2)


class SchemaWatch:
    """What is known of the schema's version.

    Attributes:
        look_at: when to look at the version, at the earliest, in monotonic seconds.
    """

    __slots__ = ("_again_at", "_interval", "_known", "_settled_at", "look_at")

    def __init__(self, interval: float) -> None:
        """Have the version looked at after so many seconds at the earliest."""
        self._interval = interval
        self._known: object = None
        self._again_at = self._settled_at = self.look_at = float("-inf")

    def begin(self, now: float) -> None:
        """Take note that somebody looks; who comes meanwhile need not, unless nobody has looked for long."""
        if now - self.look_at < self._interval:
            self.look_at = now + self._interval

    def missed(self, now: float) -> None:
        """Take note that whoever looked saw nothing: the next look is due as after any other."""
        self.look_at = now + self._interval

    def saw(self, version: object, now: float) -> bool:
        """Take note of a version; return whether what was prepared is to be forgotten."""
        self.look_at = now + self._interval
        known, self._known = self._known, version
        if known is not None and version != known:
            self._settled_at = now + _SETTLES
        elif not self._again_at <= now < self._settled_at:
            return False
        self._again_at = now + _AGAIN
        return True
