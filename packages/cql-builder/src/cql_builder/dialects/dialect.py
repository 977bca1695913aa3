"""What a dialect is: a name, the words it reserves, and the features it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet


class Feature:
    """Something that one dialect has and another lacks.

    Attributes:
        name: what it is, as an error names it.
        alternative: what a dialect without it has instead; empty where there is nothing.
    """

    __slots__ = ("alternative", "name")

    def __init__(self, name: str, alternative: str = "") -> None:
        """Name the feature and what stands in for it."""
        self.name = name
        self.alternative = alternative

    def __repr__(self) -> str:
        """Show the name."""
        return f"Feature({self.name!r})"


class Dialect:
    """What a server understands: the words it reserves and the features it has.

    Attributes:
        name: the dialect's name, such as `cassandra-5.0`.
        reserved: the words, in lower case, that are identifiers only inside quotes.
        features: the features it has, of those that not every dialect has.
    """

    __slots__ = ("features", "name", "reserved")

    def __init__(self, name: str, reserved: AbstractSet[str], features: AbstractSet[Feature]) -> None:
        """Hold what the dialect is made of."""
        self.name = name
        self.reserved = frozenset(reserved)
        self.features = frozenset(features)

    def __repr__(self) -> str:
        """Show the name."""
        return f"Dialect({self.name!r})"


VECTOR = Feature("vector type", "frozen<list<float>> keeps the numbers, without similarity search")
CONTAINS_CONDITION = Feature("CONTAINS in IF", "compare the whole collection")
LIKE_CONDITION = Feature("LIKE in IF", "compare with =, <, <=, > or >=")
