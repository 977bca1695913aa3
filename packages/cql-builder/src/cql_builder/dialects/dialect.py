"""What a dialect is: a name, the words it reserves, and the features it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.dialects.functions import FUNCTION_FEATURES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from cql_builder.dialects.features import Feature


class Dialect:
    """What a server understands: the words it reserves and the features it has.

    Attributes:
        name: the dialect's name, such as `cassandra-5.0`.
        reserved: the words, in lower case, that are identifiers only inside quotes.
        features: the features it has, of those that not every dialect has.
        unreserved: the keywords, in lower case, that are identifiers too.
        function_names: what it calls a native function, by the name of Cassandra 5.0: those whose names have changed,
            and those that not every dialect has.
        functions: the names of Cassandra 5.0 by what it calls a native function: the same the other way round.

    >>> from cql_builder.dialects import find_dialect
    >>> dialect = find_dialect("scylla")
    >>> dialect.name, "select" in dialect.reserved, "ttl" in dialect.unreserved
    ('scylla', True, True)
    """

    __slots__ = ("features", "function_names", "functions", "name", "reserved", "unreserved")

    def __init__(
        self,
        name: str,
        reserved: AbstractSet[str],
        features: AbstractSet[Feature],
        unreserved: AbstractSet[str] = frozenset(),
        function_names: Mapping[str, str] | None = None,
    ) -> None:
        """Hold what the dialect is made of."""
        self.name = name
        self.reserved = frozenset(reserved)
        self.unreserved = frozenset(unreserved)
        self.features = frozenset(features)
        self.function_names = {
            name: called
            for name, called in (function_names or {}).items()
            if name not in FUNCTION_FEATURES or FUNCTION_FEATURES[name] in self.features
        }
        self.functions = {called: name for name, called in self.function_names.items()}

    def __copy__(self) -> Dialect:
        """Return the dialect itself: it never changes."""
        return self

    def __deepcopy__(self, _: object) -> Dialect:
        """Return the dialect itself: neither it nor what is in it ever changes."""
        return self

    def __repr__(self) -> str:
        """Show the name."""
        return f"Dialect({self.name!r})"
