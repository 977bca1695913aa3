"""Consistency levels: their names, and the check that a given name is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, cast, get_args

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = [
    "CONSISTENCIES",
    "SERIAL_CONSISTENCIES",
    "Consistency",
    "SerialConsistency",
    "checked_consistency",
    "checked_serial_consistency",
]

Consistency = Literal[
    "ANY",
    "ONE",
    "TWO",
    "THREE",
    "QUORUM",
    "ALL",
    "LOCAL_QUORUM",
    "EACH_QUORUM",
    "LOCAL_ONE",
    "SERIAL",
    "LOCAL_SERIAL",
]
"""A consistency level, as CQL's documentation and the servers' error messages spell it."""

SerialConsistency = Literal["SERIAL", "LOCAL_SERIAL"]
"""A consistency level of the Paxos phase of a lightweight transaction."""

CONSISTENCIES: Final[tuple[str, ...]] = get_args(Consistency)
SERIAL_CONSISTENCIES: Final[tuple[str, ...]] = get_args(SerialConsistency)


def checked_consistency(name: str) -> Consistency:
    """Return the consistency level of this name, written in either case.

    Raises:
        ConfigurationError: if there is none; names the nearest one.

    >>> checked_consistency("local_quorum")
    'LOCAL_QUORUM'
    """
    return cast("Consistency", _checked(name, CONSISTENCIES, "consistency level"))


def checked_serial_consistency(name: str) -> SerialConsistency:
    """Return the serial consistency level of this name, written in either case.

    Raises:
        ConfigurationError: if there is none; names the nearest one.
    """
    return cast("SerialConsistency", _checked(name, SERIAL_CONSISTENCIES, "serial consistency level"))


def _checked(name: object, known: Collection[str], what: str) -> str:
    if not isinstance(name, str):
        raise ConfigurationError(f"a {what} is a name, not {type(name).__name__}; there are {', '.join(known)}")
    spelled = name.upper()
    if spelled in known:
        return spelled
    raise ConfigurationError(f"there is no {what} {name!r}{did_you_mean(spelled, known)}; there are {', '.join(known)}")
