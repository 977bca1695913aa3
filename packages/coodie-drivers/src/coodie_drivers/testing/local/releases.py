"""The Cassandra releases that can be started here, and what each needs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from coodie_drivers.errors import ConfigurationError

DEFAULT_VERSION = "5.0.9"


@dataclass(frozen=True)
class Release:
    """What all versions of one line of releases share.

    Attributes:
        line: the first two parts of the version, such as `5.0`.
        newest: the newest version known here; what the line alone stands for.
        javas: the major versions of Java it runs on, the best first.
        row_overhead: what it measures itself at start as the memory one row costs; told, it need not measure (1.5 s).
        switches: the settings that switch on what is off unless said otherwise; an unknown one would stop the node.
        has_sai: whether it has storage-attached indexes.
        needs_agent: whether it measures objects by the Java agent jamm alone; later ones have another way as well.
    """

    line: str
    newest: str
    javas: tuple[int, ...]
    row_overhead: int
    switches: tuple[str, ...]
    has_sai: bool = True
    needs_agent: bool = False


_SWITCHES_OF_4_1 = (
    "materialized_views_enabled",
    "sasi_indexes_enabled",
    "user_defined_functions_enabled",
    "cdc_enabled",
)
_SWITCHES = (*_SWITCHES_OF_4_1, "dynamic_data_masking_enabled")

RELEASES: dict[str, Release] = {
    "5.0": Release("5.0", DEFAULT_VERSION, (17, 21), row_overhead=181, switches=_SWITCHES),
    "4.1": Release(
        "4.1", "4.1.10", (17, 21), row_overhead=181, switches=_SWITCHES_OF_4_1, has_sai=False, needs_agent=True
    ),
    # Not released yet: what is known of it may not hold for the next alpha.
    "6.0": Release("6.0", "6.0-alpha2", (17, 21), row_overhead=181, switches=_SWITCHES),
}

_VERSION = re.compile(r"(?P<line>\d+\.\d+)(?:\.\d+)?(?:-[a-z]+\d*)?")


def find_release(version: str) -> tuple[Release, str]:
    """The release line of `version`, and the full version: `5.0` stands for the newest one known.

    >>> find_release("5.0")[1]
    '5.0.9'

    Raises:
        ConfigurationError: it is no version, or none that can be started here.
    """
    if not isinstance(version, str):  # pyright: ignore[reportUnnecessaryIsInstance] - whoever has no type checker
        kind = type(version).__name__
        message = f"a Cassandra version is text, such as '{DEFAULT_VERSION}', and {version!r} is of type {kind}"
        raise ConfigurationError(message)
    parsed = _VERSION.fullmatch(version)
    release = RELEASES.get(parsed["line"]) if parsed else None
    if release is None:
        startable = ", ".join(f"{line}.x" for line in RELEASES)
        message = (
            f"Cassandra '{version}' cannot be started here, only {startable}; for another one set COODIE_TEST_HOSTS to"
            f" the address of a node that runs it"
        )
        raise ConfigurationError(message)
    return release, release.newest if version == release.line else version
