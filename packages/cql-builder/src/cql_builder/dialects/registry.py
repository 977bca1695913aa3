"""The dialects by name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from cql_builder.dialects.cassandra import CASSANDRA_4_0, CASSANDRA_4_1, CASSANDRA_5_0, CASSANDRA_6_0
from cql_builder.dialects.dialect import Dialect
from cql_builder.dialects.scylla import SCYLLA
from cql_builder.errors import UnknownDialectError, UnsupportedFeatureError

if TYPE_CHECKING:
    from cql_builder.dialects.features import Feature

DialectName = Literal["cassandra-4.0", "cassandra-4.1", "cassandra-5.0", "cassandra-6.0", "scylla"]
"""The name of a dialect, for type checkers; of a name that is known at run time, `find_dialect` makes a `Dialect`."""

DIALECTS: MappingProxyType[DialectName, Dialect] = MappingProxyType(
    {
        "cassandra-4.0": CASSANDRA_4_0,
        "cassandra-4.1": CASSANDRA_4_1,
        "cassandra-5.0": CASSANDRA_5_0,
        "cassandra-6.0": CASSANDRA_6_0,
        "scylla": SCYLLA,
    }
)
"""The dialects by name, the older versions first."""

_BY_ANY_NAME = {dialect.name: dialect for dialect in DIALECTS.values()}

DEFAULT_DIALECT = CASSANDRA_5_0
"""The dialect where none is named."""


def find_dialect(dialect: str | Dialect) -> Dialect:
    """Return the dialect of this name; a `Dialect` is itself.

    Raises:
        UnknownDialectError: if there is no such dialect.

    >>> find_dialect("cassandra-4.1")
    Dialect('cassandra-4.1')
    """
    if isinstance(dialect, Dialect):
        return dialect
    if isinstance(dialect, str):  # pyright: ignore[reportUnnecessaryIsInstance] - asked from anywhere
        known = _BY_ANY_NAME.get(str.__str__(dialect))
        if known is not None:
            return known
    raise UnknownDialectError(dialect, tuple(DIALECTS))


def require_feature(dialect: Dialect, feature: Feature, instead: str = "") -> None:
    """Refuse a feature that the dialect lacks.

    `instead` says more of this case than the feature's alternative does.

    Raises:
        UnsupportedFeatureError: with the dialects that have it, and what this one has instead.

    >>> from cql_builder.dialects import find_dialect, require_feature
    >>> from cql_builder.dialects.features import BETWEEN
    >>> require_feature(find_dialect("cassandra-6.0"), BETWEEN)
    >>> require_feature(find_dialect("scylla"), BETWEEN, "use two relations")
    Traceback (most recent call last):
    ...
    cql_builder.errors.UnsupportedFeatureError: scylla has no BETWEEN; cassandra-6.0 has it; instead, use two relations
    """
    if feature not in dialect.features:
        supported_by = [other.name for other in DIALECTS.values() if feature in other.features]
        raise UnsupportedFeatureError(feature.name, dialect.name, supported_by, instead or feature.alternative)
