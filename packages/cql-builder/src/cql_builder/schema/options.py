"""Table options by what they mean: `99PERCENTILE` is `99p`, a class is the same with and without its package."""

from __future__ import annotations

from cql_builder.builder.literals import is_mapping

REWRITING_OPTIONS = frozenset({"compaction", "compression"})
"""Options whose change makes the server write data anew."""


def is_same_option(actual: object, wanted: object) -> bool:
    """Return whether an option has the wanted value, however the server spells it.

    A map is the same when it has all wanted entries: the server adds the defaults of what was not said.

    >>> is_same_option({"class": "org.apache.cassandra.db.compaction.LeveledCompactionStrategy", "min_threshold": "4"},
    ...                {"class": "LeveledCompactionStrategy"})
    True
    >>> is_same_option(864000, "864000"), is_same_option(864000, 0)
    (True, False)
    """
    if is_mapping(wanted):
        if not is_mapping(actual):
            return False
        there = {_normal_key(key): value for key, value in actual.items()}
        return all(
            _normal_key(key) in there and is_same_option(there[_normal_key(key)], value)
            for key, value in wanted.items()
        )
    if is_mapping(actual):
        return False
    return _normal(actual) == _normal(wanted)


def _normal_key(key: object) -> str:
    # Cassandra takes `sstable_compression` as the old name of a compression's class.
    return "class" if key == "sstable_compression" else str(key)


def _normal(value: object) -> object:
    """Return a value so that equal meanings are equal: numbers as numbers, classes without package, words folded."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return float(value)
    text = str(value)
    try:
        return float(text)
    except ValueError:
        word = text.rpartition(".")[2] if _is_class(text) else text
        return word.lower().replace("percentile", "p")


def _is_class(text: str) -> bool:
    return "." in text and all(part.isidentifier() for part in text.split("."))
