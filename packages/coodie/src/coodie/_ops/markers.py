"""How many values a text that somebody wrote takes: counted before anything is sent."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from coodie_drivers.errors import InvalidQueryError
from cql_builder import CqlError

if TYPE_CHECKING:
    from collections.abc import Sequence


_READ_CHARACTERS = 10_000
"""Texts that are longer are not read here: the server does that soon enough."""

_MAY_BIND = re.compile(r'\?|:\s*["A-Za-z]')
"""What a text holds that has markers, and perhaps one that has none."""


def refuse_wrong_number(cql: str, values: Sequence[object]) -> None:
    """Refuse more or fewer values than a text has markers; of one that cannot be read, the server knows.

    Raises:
        InvalidQueryError: they are not as many.
    """
    given = len(values)
    # Nearly always nothing needs to be read.
    if len(cql) > _READ_CHARACTERS or not (given or _MAY_BIND.search(cql)):
        return
    if given and given == cql.count("?") and "'" not in cql:
        return
    most, least = _markers(cql) or (given, given)
    if least <= given <= most:
        return
    there_are = f"{most} marker{'' if most == 1 else 's'}"
    were_given = f"{given} value{' was' if given == 1 else 's were'} given"
    fix = "give one for each ?" if most else "write a ? where each belongs"
    raise InvalidQueryError(f"the statement has {there_are}, but {were_given}; {fix}")


@lru_cache(maxsize=1_000)
def _markers(cql: str) -> tuple[int, int] | None:
    """How many markers a text has, and how many that differ: ScyllaDB takes one value for all of one name."""
    from cql_builder import parse_cql  # noqa: PLC0415 - few texts are asked about
    from cql_builder.analysis import find  # noqa: PLC0415 - as above
    from cql_builder.ast import Bind  # noqa: PLC0415 - as above

    try:
        names = [marker.name for marker in find(parse_cql(cql), Bind)]
    except CqlError:
        return None
    return len(names), names.count(None) + len({*names} - {None})
