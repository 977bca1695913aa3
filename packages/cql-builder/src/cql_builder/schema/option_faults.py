"""What a server refuses in the options of a table or view: what it cannot read as what the option is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cql_builder.ast.node import Node
from cql_builder.builder.literals import is_mapping
from cql_builder.errors import suggestion
from cql_builder.schema.options import POLICIES, SWITCHES, is_java_int, normal_option, number_of, read_switch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WHOLE_NUMBERS = frozenset(
    {
        "default_time_to_live",
        "gc_grace_seconds",
        "max_index_interval",
        "memtable_flush_period_in_ms",
        "min_index_interval",
    }
)
"""Options of a table that are whole numbers of 32 bits (`TableAttributes.getInt` of Cassandra 5.0.9)."""

NUMBERS = frozenset({"bloom_filter_fp_chance", "crc_check_chance"})
"""Options of a table that are numbers (`TableAttributes.getDouble` of Cassandra 5.0.9)."""

MAPS = frozenset({"caching", "compaction", "compression"})
"""Options of a table that are maps (`TableAttributes.getMap` of Cassandra 5.0.9)."""

_HUNDRED = 100
_CACHING = ("keys", "rows_per_partition", "enabled")  # `enabled` is ScyllaDB's
_POLICY = re.compile(r"[0-9.]+(?P<unit>p|percentile|ms)", re.IGNORECASE)
_HYBRID = re.compile(r"(?:MIN|MAX)\(([0-9.]+[a-z]+)\s*,\s*([0-9.]+[a-z]+)\)", re.IGNORECASE)


def option_faults(options: Mapping[str, object]) -> Iterator[str]:
    """Yield what a server refuses in the options of a table or view (Cassandra 5.0.9).

    >>> list(option_faults({"cdc": "on", "gc_grace_seconds": 2**40, "comment": "x"}))
    ["the option 'cdc' is true or false", "the option 'gc_grace_seconds' is a whole number of at most 32 bits"]
    """
    for name, value in options.items():
        if isinstance(value, Node) or (name == "cdc" and is_mapping(value)):
            continue  # ScyllaDB's change log has several settings
        if name in SWITCHES and read_switch(value) is None:
            yield f"the option {name!r} is true or false"
        if name in WHOLE_NUMBERS and not is_java_int(value):
            yield f"the option {name!r} is a whole number of at most 32 bits"
        if name in NUMBERS and (isinstance(value, bool) or isinstance(number_of(str(value)), str)):
            yield f"the option {name!r} is a number"
        if name in MAPS and not is_mapping(value):
            yield f"the option {name!r} is a map"
        if name in POLICIES and not _is_policy(value):
            yield f"the option {name!r} is such as '99p' (of 0 to 100), '50ms', 'MIN(99p,50ms)', 'ALWAYS' or 'NEVER'"
        if name == "read_repair" and normal_option(name, value) not in {"BLOCKING", "NONE"}:
            yield f"the option {name!r} is 'BLOCKING' or 'NONE'"
        if name == "caching" and is_mapping(value):
            yield from _caching_faults({str(key): each for key, each in value.items()})


def _is_policy(value: object) -> bool:
    """Return whether `SpeculativeRetryPolicy.fromString` of Cassandra 5.0.9 reads a value."""
    if not isinstance(value, str):
        return False
    if value.upper() in {"ALWAYS", "NEVER", "NONE"}:
        return True
    hybrid = _HYBRID.fullmatch(value)
    if hybrid is None:
        return bool(_policy_unit(value))
    units = {_policy_unit(hybrid[1]), _policy_unit(hybrid[2])}
    return "" not in units and len(units) > 1


def _policy_unit(text: str) -> str:
    """Return what a policy of one number counts, `p` or `m`; empty where it is none."""
    match = _POLICY.fullmatch(text)
    number = number_of(text[: match.start("unit")]) if match else None
    if match is None or not isinstance(number, int | float):
        return ""
    unit = match["unit"][0].lower()
    return unit if unit == "m" or 0 < number < _HUNDRED else ""


def _caching_faults(caching: Mapping[str, object]) -> Iterator[str]:
    for key, value in caching.items():
        text = str(value).upper()
        if key == "keys" and text not in {"ALL", "NONE"}:
            yield "the option 'caching' has 'ALL' or 'NONE' under 'keys'"
        if key == "rows_per_partition" and text not in {"ALL", "NONE"} and not (text.isdecimal() and is_java_int(text)):
            yield "the option 'caching' has 'ALL', 'NONE' or a whole number under 'rows_per_partition'"
        if key not in _CACHING:
            hint = suggestion(key, _CACHING)
            yield f"the option 'caching' has 'keys' and 'rows_per_partition', and no {key!r}{hint}"
