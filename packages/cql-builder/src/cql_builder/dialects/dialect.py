"""What a dialect is: a name, the words it reserves, and the features it has."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import TYPE_CHECKING

from cql_builder.dialects.features import Feature
from cql_builder.dialects.functions import FUNCTION_FEATURES
from cql_builder.errors import ArgumentError, StatementError

if TYPE_CHECKING:
    from typing import Any, NoReturn, TypeGuard

_KIND = "a dialect"
"""What errors call it."""


class Dialect:
    """What a server understands: the words it reserves and the features it has. It never changes.

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

    name: str
    reserved: frozenset[str]
    features: frozenset[Feature]
    unreserved: frozenset[str]
    function_names: Mapping[str, str]
    functions: Mapping[str, str]

    def __init__(
        self,
        name: str,
        reserved: AbstractSet[str],
        features: AbstractSet[Feature],
        unreserved: AbstractSet[str] = frozenset(),
        function_names: Mapping[str, str] | None = None,
    ) -> None:
        """Hold what the dialect is made of.

        Raises:
            ArgumentError: if the name is no text, the words or features are no set, or a name of a function is no str.
            StatementError: if a word is not in lower case: names are compared with it as CQL reads them.

        >>> from cql_builder import Dialect, select
        >>> managed = Dialect("managed", {"ann"}, frozenset())
        >>> select("ann").from_("t").compile(managed).cql
        'SELECT "ann" FROM t'
        """
        if not _is_name(name):
            raise ArgumentError(_KIND, "name", 'a name such as "cassandra-5.0"', name)
        has = _features(features)
        called = {
            function: other
            for function, other in _spellings(function_names).items()
            if function not in FUNCTION_FEATURES or FUNCTION_FEATURES[function] in has
        }
        for attribute, value in (
            ("name", str.__str__(name)),
            ("reserved", _words(reserved, "reserved")),
            ("features", has),
            ("unreserved", _words(unreserved, "unreserved")),
            ("function_names", MappingProxyType(called)),
            ("functions", MappingProxyType({other: function for function, other in called.items()})),
        ):
            object.__setattr__(self, attribute, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: all that compile share it, and texts that were made with it are kept."""
        message = "a dialect never changes; make another one with Dialect(...)"
        raise AttributeError(message)

    def __delattr__(self, name: str) -> NoReturn:
        """Refuse, as it refuses to set anything."""
        self.__setattr__(name, None)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what it was made of."""
        made_of = (self.name, self.reserved, self.features, self.unreserved, dict(self.function_names))
        return type(self), made_of

    def __copy__(self) -> Dialect:
        """Return the dialect itself: it never changes."""
        return self

    def __deepcopy__(self, _: object) -> Dialect:
        """Return the dialect itself: neither it nor what is in it ever changes."""
        return self

    def __repr__(self) -> str:
        """Show the name."""
        return f"Dialect({self.name!r})"


def _words(given: object, argument: str) -> frozenset[str]:
    if not _is_set(given):
        raise ArgumentError(_KIND, argument, "a set of words in lower case", given)
    words: list[str] = []
    for word in given:
        if not isinstance(word, str):
            raise ArgumentError(_KIND, argument, "words as str", word)
        if word != word.lower():
            raise StatementError(_KIND, f"{word!r} in {argument} is not in lower case; write {word.lower()!r}")
        words.append(word)
    return frozenset(words)


def _features(given: object) -> frozenset[Feature]:
    if not _is_set(given):
        raise ArgumentError(_KIND, "features", "a set of what is in cql_builder.dialects.features", given)
    has: list[Feature] = []
    for feature in given:
        if not isinstance(feature, Feature):
            raise ArgumentError(_KIND, "features", "what is in cql_builder.dialects.features", feature)
        has.append(feature)
    return frozenset(has)


def _spellings(given: object) -> dict[str, str]:
    if given is None:
        return {}
    if not _is_mapping(given):
        raise ArgumentError(_KIND, "function_names", "a mapping of names to names", given)
    names: dict[str, str] = {}
    for function, called in given.items():
        if not isinstance(function, str) or not isinstance(called, str):
            wrong = called if isinstance(function, str) else function
            raise ArgumentError(_KIND, "function_names", "names as str", wrong)
        names[function] = called
    return names


def _is_name(given: object) -> bool:
    return isinstance(given, str) and given != ""


def _is_set(given: object) -> TypeGuard[AbstractSet[object]]:
    return isinstance(given, AbstractSet)


def _is_mapping(given: object) -> TypeGuard[Mapping[object, object]]:
    return isinstance(given, Mapping)
