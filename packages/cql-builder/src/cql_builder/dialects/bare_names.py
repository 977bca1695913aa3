"""Which words name a type or a function in double quotes alone: keywords, and what servers reserve for later."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cql_builder.ast.types import NATIVE_TYPES

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from cql_builder.dialects.dialect import Dialect

_RESERVED_TYPE_NAMES = frozenset({"bitstring", "byte", "complex", "enum", "interval", "macaddr"})
_NO_TYPES = frozenset({"cast", "count", "distinct", "empty", "json", "maxwritetime", "ttl", "writetime"})
_NO_FUNCTIONS = frozenset({"cast", "distinct", "json", "key", "maxwritetime", "ttl", "writetime"})
_NAMES_TO_SCYLLA = frozenset({"distinct", "json"})
"""Keywords of the select list that are types and functions to ScyllaDB all the same, unless they come first in it."""


@lru_cache(maxsize=32)
def keywords_that_are_no_types(dialect: Dialect) -> AbstractSet[str]:
    """Return the keywords that are identifiers, and no user-defined types unless they are in quotes."""
    return _identifiers(_NO_TYPES, dialect) - _scyllas_names(dialect)


@lru_cache(maxsize=32)
def keywords_that_are_no_functions(dialect: Dialect) -> AbstractSet[str]:
    """Return the keywords that are identifiers, and no functions unless they are in quotes."""
    return _identifiers(_NO_FUNCTIONS, dialect) - _scyllas_names(dialect)


@lru_cache(maxsize=32)
def quoted_type_names(dialect: Dialect) -> AbstractSet[str]:
    """Return the words that name a user-defined type in quotes alone."""
    return dialect.reserved | NATIVE_TYPES | _RESERVED_TYPE_NAMES | keywords_that_are_no_types(dialect)


def is_no_type_name(word: str, dialect: Dialect) -> bool:
    """Whether a word without quotes, as it is written, is an identifier and yet no user-defined type."""
    name = word.lower()
    if name in _RESERVED_TYPE_NAMES:
        return word == name  # the servers look for them before they fold the letters: `Byte` is a type
    return name in NATIVE_TYPES or name in keywords_that_are_no_types(dialect)


def _identifiers(keywords: AbstractSet[str], dialect: Dialect) -> AbstractSet[str]:
    # A dialect that does not say which keywords it has may have all: a name in quotes is right in any.
    return keywords & dialect.unreserved if dialect.unreserved else keywords


def _scyllas_names(dialect: Dialect) -> AbstractSet[str]:
    # Its grammar shows itself by CAST, which it reserves, as no Cassandra does.
    return _NAMES_TO_SCYLLA if "cast" in dialect.reserved else frozenset[str]()
