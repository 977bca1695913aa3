"""Consistency levels that only reads, or only writes, are made at: others are refused before they are sent."""

from __future__ import annotations

from coodie_drivers.consistency import SERIAL_CONSISTENCIES, checked_consistency
from coodie_drivers.errors import InvalidQueryError


def level_of_write(given: str) -> str:
    """The level of this name, at which a write can be made.

    Raises:
        ConfigurationError: there is no such consistency level.
        InvalidQueryError: it is one of reads: a server takes it for no write, with a condition or without.
    """
    level = checked_consistency(given)
    if level in SERIAL_CONSISTENCIES:
        fix = "give it a level of replicas, such as QUORUM; serial_consistency= of init_coodie() is that of conditions"
        raise InvalidQueryError(f"a write takes no consistency {level}, which is for reads; {fix}")
    return level


def refuse_level_of_read(level: str | None) -> None:
    """Refuse to read at a level of writes.

    Raises:
        InvalidQueryError: it is one: a read at least asks one replica.
    """
    if level == "ANY":
        raise InvalidQueryError("a read takes no consistency ANY, which is for writes; give it ONE or more")
