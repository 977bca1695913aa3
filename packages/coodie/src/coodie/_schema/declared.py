"""What an annotation declares of a column, whatever the model and the field: read once, for most models repeat a few.

What is wrong is said where the name of the field is known.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from coodie import fields
from coodie._schema.annotations import peel
from coodie._schema.column_types import column_type
from coodie._schema.indexed_vectors import taken_by_indexes
from coodie._schema.indexes import index_faults, indexes_of
from coodie._schema.key_checks import key_type
from coodie._schema.user_types import user_types_in

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from coodie._schema.columns import ColumnKind
    from coodie._schema.cql_types import ColumnType
    from coodie._schema.indexes import Index
    from coodie._schema.scalars import Rules

_KEPT = 1_000
"""How many annotations are remembered: a program that makes models without end has no end of enums either."""

_KEYS: tuple[tuple[type, ColumnKind], ...] = (
    (fields.PrimaryKey, "partition_key"),
    (fields.ClusteringKey, "clustering_key"),
    (fields.Static, "static"),
)


class Stored(NamedTuple):
    """How a column is stored whose model has certain rules.

    Attributes:
        type: its CQL type; of a key, with the conversion that a key has.
        indexes: its indexes.
        fault: what keeps a server from making them; None where nothing does.
        unordered: the part of the type by which nothing can be sorted, as a key demands; None where it has none.
    """

    type: ColumnType
    indexes: tuple[Index, ...]
    fault: str | None
    unordered: str | None


class Declared:
    """What an annotation declares.

    Annotations that are equal share one, and Pydantic's own metadata is equal that says different things: nothing here
    depends on any but the markers, and nothing else is kept.

    Attributes:
        kinds: which parts of the table a column is marked as: one of them, if it is right.
        partition_key: the marker of a column of the partition key.
        clustering_key: the marker of a clustering column.
        nullable: whether the field allows None.
        discriminates: whether it is marked to tell the classes of a family apart.
        versions: whether it is marked to count the writes of a document.
        protected: whether no update names it.
        counts: whether it is marked as a counter.
        mentions_enum: whether its values are members of an enum, or hold some.
    """

    __slots__ = (
        *("_peeled", "_stored", "clustering_key", "counts", "discriminates", "kinds", "mentions_enum", "nullable"),
        *("partition_key", "protected", "versions"),
    )

    def __init__(self, annotation: Any, metadata: tuple[Any, ...]) -> None:
        """Read an annotation, and what Pydantic keeps apart from it."""
        peeled = self._peeled = peel(annotation, metadata)
        self._stored: dict[Rules, Stored] = {}
        self.kinds: tuple[ColumnKind, ...] = tuple(kind for marker, kind in _KEYS if peeled.marker(marker) is not None)
        self.partition_key: fields.PrimaryKey | None = peeled.marker(fields.PrimaryKey)
        self.clustering_key: fields.ClusteringKey | None = peeled.marker(fields.ClusteringKey)
        self.nullable = peeled.nullable
        self.discriminates = peeled.marker(fields.Discriminator) is not None
        self.versions = peeled.marker(fields.Version) is not None
        self.protected = peeled.marker(fields.Protected) is not None
        self.counts = peeled.marker(fields.Counter) is not None
        self.mentions_enum = _mentions_enum(peeled.core)

    def stored(self, rules: Rules) -> Stored:
        """How such a column is stored.

        Raises:
            UnsupportedTypeError: no CQL type fits, or a marker does not fit the type.
        """
        found = self._stored.get(rules)
        if found is None:
            found = self._stored[rules] = self._read(rules)
        return found

    def _read(self, rules: Rules) -> Stored:
        found = plain = column_type(self._peeled, rules)
        unordered = None
        if self.partition_key is not None or self.clustering_key is not None:
            parts = _plain_types(plain)
            unordered = next((each for each in ("counter", "duration") if each in parts), None)
            found = key_type(plain)
        indexes = indexes_of(self._peeled, plain)
        in_partition_key = self.partition_key is not None
        fault = next(index_faults(self._peeled, plain, indexes, in_partition_key=in_partition_key), None)
        return Stored(taken_by_indexes(found, indexes), indexes, fault, unordered)


def declared_by(model: type[BaseModel]) -> dict[str, Declared]:
    """What each field of a complete model declares, by its name."""
    return {name: declared(info) for name, info in model.model_fields.items()}


def declared(info: FieldInfo) -> Declared:
    """What a field declares."""
    annotation: Any = info.annotation
    metadata = tuple(info.metadata)
    try:
        return _remembered(annotation, metadata)
    except TypeError:  # it holds what cannot be hashed
        return Declared(annotation, metadata)


_remembered = lru_cache(_KEPT)(Declared)
forget = _remembered.cache_clear
"""Forget what was read: for measurements."""


def _mentions_enum(core: Any) -> bool:
    if isinstance(core, type) and issubclass(core, Enum):
        return True
    return any(_mentions_enum(peel(argument).core) for argument in get_args(core) if argument is not Ellipsis)


def _plain_types(column: ColumnType) -> set[str]:
    """The types that a type is made of, down to CQL's own."""
    inner = [*column.elements, *(field.type for each in user_types_in([column]) for field in each.fields)]
    return {column.cql}.union(*map(_plain_types, inner))
