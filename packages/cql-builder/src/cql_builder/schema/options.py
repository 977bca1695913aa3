"""Table options by what they mean: `99PERCENTILE` is `99p`, a class is the same with and without its package."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING

from cql_builder.ast.definitions import Option, Word
from cql_builder.ast.node import Node
from cql_builder.ast.terms import Term
from cql_builder.builder.literals import is_mapping, options_of
from cql_builder.schema.option_defaults import (
    CASSANDRA_DEFAULTS,
    CHANGE_LOG_DEFAULTS,
    TABLE_DEFAULTS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cql_builder.schema.option_defaults import OptionDefaults

PACKAGES = (
    "org.apache.cassandra.db.compaction.",
    "org.apache.cassandra.io.compress.",
    "org.apache.cassandra.locator.",
)
"""The Java packages that a class may be named without."""

SWITCHES = frozenset({"allow_auto_snapshot", "cdc", "incremental_backups"})
"""Options of a table that are on or off."""

POLICIES = frozenset({"additional_write_policy", "speculative_retry"})
"""Options of a table that say when another replica is asked."""

_WORDS = frozenset({"read_repair"})
_TEXTS = frozenset({"comment", "memtable"})
_WITHOUT_CASE = frozenset({"overlap_inclusion_method", "provide_overlapping_tombstones"})
_OLD_KEYS = {"sstable_compression": "class", "chunk_length_kb": "chunk_length_in_kb"}
_PERCENTILE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(?:P|PERCENTILE)", re.IGNORECASE)
_MILLISECONDS = re.compile(r"(\d+(?:\.\d*)?|\.\d+)MS", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?[0-9]+")
_MOST_DIGITS = 100
_HYBRID = re.compile(r"(MIN|MAX)\s*\(\s*([^,]+?)\s*,\s*([^,]+?)\s*\)", re.IGNORECASE)


def is_same_option(name: str, actual: object, wanted: object) -> bool:
    """Return whether an option has the wanted value, however the server spells it.

    A map is the same when it has all wanted entries: the server adds the defaults of what was not said.

    >>> is_same_option("compaction", {"class": "org.apache.cassandra.db.compaction.LeveledCompactionStrategy",
    ...                "min_threshold": "4"}, {"class": "LeveledCompactionStrategy"})
    True
    >>> is_same_option("gc_grace_seconds", 864000, "864000"), is_same_option("comment", "A", "a")
    (True, False)
    """
    there, new = normal_option(name, actual), normal_option(name, wanted)
    if not is_mapping(there) or not is_mapping(new) or there.get("enabled") != new.get("enabled"):
        return there == new
    return all(key in there and there[key] == value for key, value in new.items())


def normal_option(name: str, value: object) -> object:
    """Return what an option means, as a value that CQL takes and that is equal for equal meanings.

    >>> normal_option("speculative_retry", "99PERCENTILE"), normal_option("default_time_to_live", "60")
    ('99p', 60)
    >>> normal_option("compression", {"sstable_compression": "org.apache.cassandra.io.compress.LZ4Compressor"})
    {'class': 'LZ4Compressor'}
    """
    if is_mapping(value):
        return _normal_map(name, {str(key): each for key, each in value.items()})
    if isinstance(value, Node):
        return value
    text = str(value)
    if name in _TEXTS:
        return text
    if name in POLICIES:
        return _normal_policy(text)
    if name in _WORDS:
        return text.upper()
    if name in SWITCHES or isinstance(value, bool):
        switch = read_switch(text)
        return text if switch is None else switch
    return number_of(text)


def read_switch(value: object) -> bool | None:
    """Return what a server makes of an option that is on or off; None for what it refuses.

    It takes numbers and texts too (`PropertyDefinitions.parseBoolean` of Cassandra 5.0.9).

    >>> [read_switch(value) for value in (True, "YES", 1, "false", "no", 0, "off")]
    [True, True, True, False, False, False, None]
    """
    text = str(value).lower()
    if text in {"1", "true", "yes"}:
        return True
    return False if text in {"0", "false", "no"} else None


def option_trees(options: Mapping[str, object]) -> tuple[Option, ...]:
    """Return options as trees; what has no value in Python is kept as a tree already.

    Raises:
        ArgumentError: if a value is neither a tree, a constant nor a map of constants.
    """
    trees: list[Option] = []
    for name, value in options.items():
        if isinstance(value, Term | Word):
            trees.append(Option(name, value))
        else:
            trees.extend(options_of({name: value}, "the options"))
    return tuple(trees)


def is_java_int(value: object) -> bool:
    """Return whether a server reads a value, or its text, as a whole number of 32 bits."""
    if isinstance(value, str):
        if len(value) > _MOST_DIGITS or not _WHOLE.fullmatch(value):
            return False
        value = int(value)
    return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31


def complete_options(options: Mapping[str, object], defaults: OptionDefaults = CASSANDRA_DEFAULTS) -> dict[str, object]:
    """Return options with all that the server adds to them, each as it is meant.

    >>> complete_options({"caching": {"keys": "ALL"}})["caching"]
    {'keys': 'ALL', 'rows_per_partition': 'NONE'}
    """
    complete = {name: normal_option(name, value) for name, value in {**defaults.table, **options}.items()}
    for name, value in complete.items():
        if is_mapping(value):
            complete[name] = _complete_map(name, {str(key): each for key, each in value.items()}, defaults)
    if "bloom_filter_fp_chance" not in options and compaction_class(options) == "LeveledCompactionStrategy":
        complete["bloom_filter_fp_chance"] = defaults.leveled_bloom_filter_chance
    return complete


def with_kept_entries(
    name: str, actual: object, wanted: object, defaults: OptionDefaults = CASSANDRA_DEFAULTS
) -> object:
    """Return an option as it is said for the entries that it does not say to stay: a statement replaces a whole map.

    >>> with_kept_entries("compaction", {"class": "LeveledCompactionStrategy", "sstable_size_in_mb": "80"},
    ...                   {"class": "LeveledCompactionStrategy", "log_all": "true"})
    {'class': 'LeveledCompactionStrategy', 'log_all': 'true', 'sstable_size_in_mb': '80'}
    """
    if not is_mapping(wanted):
        return wanted
    return {**{str(key): value for key, value in wanted.items()}, **kept_entries(name, actual, wanted, defaults)}


def kept_entries(
    name: str, actual: object, wanted: object, defaults: OptionDefaults = CASSANDRA_DEFAULTS
) -> dict[str, object]:
    """Return the entries of an option that are there and not said, and stay; none where it is no map.

    An entry of another class does not stay, nor `enabled`, which means something where it is not said.
    """
    there, new = normal_option(name, actual), normal_option(name, wanted)
    if not is_mapping(there) or not is_mapping(new) or there.get("class") != new.get("class"):
        return {}
    said = {str(key): value for key, value in new.items()}
    goes = {**_added_entries(name, said, defaults), "enabled": there.get("enabled")}
    entries = {str(key): value for key, value in there.items()}
    return {key: value for key, value in entries.items() if key not in said and goes.get(key) != value}


def compaction_class(options: Mapping[str, object]) -> str:
    """Return the class of a table's compaction strategy, without its package."""
    compaction = normal_option("compaction", options.get("compaction", TABLE_DEFAULTS["compaction"]))
    return str(compaction.get("class")) if is_mapping(compaction) else ""


def short_class(name: str) -> str:
    """Return the name of a Java class without its package, where the server knows it so.

    >>> short_class("org.apache.cassandra.locator.SimpleStrategy"), short_class("com.example.SimpleStrategy")
    ('SimpleStrategy', 'com.example.SimpleStrategy')
    """
    package, dot, word = name.rpartition(".")
    return word if package + dot in PACKAGES else name


def normal_replication(replication: Mapping[str, object]) -> dict[str, object]:
    """Return the replication of a keyspace as it is meant: the class without package, factors as digits.

    >>> normal_replication({"class": "org.apache.cassandra.locator.NetworkTopologyStrategy", "dc1": 3})
    {'class': 'NetworkTopologyStrategy', 'dc1': '3'}
    """
    return {name: _entry("replication", name, value) for name, value in sorted(replication.items())}


def _normal_map(name: str, value: Mapping[str, object]) -> dict[str, object]:
    renamed = {_OLD_KEYS.get(key, key): each for key, each in value.items()}
    normal = {key: _entry(name, key, each) for key, each in sorted(renamed.items())}
    # Whatever is not `true` switches compression off (`Boolean.parseBoolean` in `CompressionParams` of 5.0.9).
    if name == "compression" and (normal.get("enabled", "true") != "true" or not normal.get("class", "LZ4Compressor")):
        return {"enabled": "false"}
    if name == "cdc":
        return normal
    return {key: each for key, each in normal.items() if not (key == "enabled" and each == "true")}


def _complete_map(name: str, value: dict[str, object], defaults: OptionDefaults) -> dict[str, object]:
    complete = {**_added_entries(name, value, defaults), **value}
    return {key: each for key, each in sorted(complete.items()) if each != _OMITTED.get((name, key))}


def _added_entries(name: str, value: Mapping[str, object], defaults: OptionDefaults) -> Mapping[str, str]:
    """What the server adds to a map of which this is said."""
    if name == "caching":
        return defaults.caching
    if name == "compression" and "enabled" not in value:
        return {**defaults.compression, **defaults.compressors.get(str(value.get("class")), {})}
    if name == "compaction":
        return defaults.compaction.get(str(value.get("class")), {})
    return CHANGE_LOG_DEFAULTS if name == "cdc" else {}


_OMITTED = {("compaction", "enabled"): "true"}
"""What goes without saying, and is never said."""


def _entry(name: str, key: str, value: object) -> object:
    if not isinstance(value, str | int | float):
        return value
    text = str(value)
    if key == "class":
        return short_class(text)
    if name == "caching" or key in _WITHOUT_CASE:
        return text.upper()
    if isinstance(value, bool) or text.lower() in {"true", "false"}:
        return text.lower()
    number = number_of(text)
    return text if isinstance(number, str) else str(number)


def _normal_policy(text: str) -> str:
    text = text.strip()
    hybrid = _HYBRID.fullmatch(text)
    if hybrid:
        parts = sorted([_normal_policy(hybrid[2]), _normal_policy(hybrid[3])], key=lambda part: part.endswith("ms"))
        return f"{hybrid[1].upper()}({','.join(parts)})"
    for pattern, unit in ((_PERCENTILE, "p"), (_MILLISECONDS, "ms")):
        match = pattern.fullmatch(text)
        if match:
            return f"{number_of(match[1])}{unit}"
    return "NEVER" if text.upper() == "NONE" else text.upper()


def number_of(text: str) -> object:
    """Return a number as int, where it is whole, or float; any other text as it is.

    >>> number_of("4.0"), number_of("0.5"), number_of("T4")
    (4, 0.5, 'T4')
    """
    try:
        number = float(text)
    except ValueError:
        return text
    if not isfinite(number):
        return text
    return int(number) if number.is_integer() else number
