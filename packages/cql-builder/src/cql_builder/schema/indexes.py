"""Secondary indexes, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cql_builder.ast.types import FrozenType, ListType, MapType, SetType
from cql_builder.schema.frozen import freeze
from cql_builder.schema.meanings import ComparedByMeaning

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from cql_builder.ast.indexes import IndexPart
    from cql_builder.ast.types import DataType

PLAIN_INDEX = "legacy_local_table"
"""The name of the server's plain index, which `system_schema.indexes` shows without a class (Cassandra 5.0)."""

_CLASSES = {
    PLAIN_INDEX: None,
    "storageattachedindex": "sai",
    "org.apache.cassandra.index.sai.storageattachedindex": "sai",
    "sasi": "sasi",
    "org.apache.cassandra.index.sasi.sasiindex": "sasi",
}
_SASI_CLASS = "org.apache.cassandra.index.sasi.SASIIndex"
# Their words have no case in SAI of Cassandra 5.0.9; those of the similarity neither in ScyllaDB.
_WITHOUT_CASE = frozenset({"mode", "optimize_for", "similarity_function"})
_OPTION_DEFAULTS = {
    "sai": {
        "ascii": "false",
        "case_sensitive": "true",
        "construction_beam_width": "100",
        "maximum_node_connections": "16",
        "normalize": "false",
        "optimize_for": "latency",
        "similarity_function": "cosine",
    },
    "sasi": {"mode": "prefix"},
}
"""What an index has that says nothing of it, by class (`NonTokenizingOptions`, `IndexWriterConfig` of 5.0.9)."""

_STANDARD_ANALYZER = "standardanalyzer"

_PARTS: dict[str, IndexPart] = {"keys": "keys", "values": "values", "entries": "entries", "full": "full"}


@dataclass(frozen=True, slots=True, eq=False)
class IndexSchema(ComparedByMeaning):
    """One index of a table. Two are equal when they mean the same.

    Attributes:
        name: the index's name; unique in its keyspace.
        column: the column, or for an index of a kind that is not known here, its target as the server spells it.
        part: the part of a collection that it is made of; None for a column that is no collection.
        index_class: the class of an index that is not the server's plain one, such as `sai`.
        options: the options of such an index.

    >>> IndexSchema("by_name", "name", None, "sai") == IndexSchema("by_name", "name", None, "StorageAttachedIndex")
    True
    """

    name: str
    column: str
    part: IndexPart | None = None
    index_class: str | None = None
    options: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        """Keep copies that nobody else can change."""
        freeze(self, "options")

    @property
    def meaning(self) -> Hashable:
        """What the index comes to on a server.

        A class has several names, and options have their defaults.
        """
        kind = index_class(self.index_class)
        complete = {**_OPTION_DEFAULTS.get(kind or "", {}), **self.options}
        options = frozenset([(name, _option_meaning(name, value)) for name, value in complete.items()])
        return self.name, self.column, self.part, kind, options


def index_class(name: str | None) -> str | None:
    """Return the one name of an index class that has several; None for the server's plain index.

    >>> index_class("StorageAttachedIndex"), index_class("org.example.MyIndex"), index_class("legacy_local_table")
    ('sai', 'org.example.MyIndex', None)
    """
    if name is None:
        return None
    folded = name.lower()
    return "sai" if folded == "sai" else _CLASSES.get(folded, name)


def created_class(name: str | None) -> str | None:
    """Return the name that CREATE INDEX takes for an index class: no server knows a short one of SASI.

    >>> created_class("sasi"), created_class("sai")
    ('org.apache.cassandra.index.sasi.SASIIndex', 'sai')
    """
    return _SASI_CLASS if index_class(name) == "sasi" else name


def finds_equal_values(index: IndexSchema) -> bool:
    """Return whether an index serves what the server's plain one would: equality, or CONTAINS.

    That is not so of one that compares vectors, nor of SASI that takes a text word by word.

    >>> finds_equal_values(IndexSchema("by_name", "name", None, "sasi", {"mode": "CONTAINS"}))
    True
    """
    analyzer = index.options.get("analyzer_class", "") if index_class(index.index_class) == "sasi" else ""
    return "similarity_function" not in index.options and not analyzer.lower().endswith(_STANDARD_ANALYZER)


def default_index_name(table: str, column: str) -> str:
    """Return the name that the server gives an index: `<table>_<column>_idx`, without what is no word character.

    >>> default_index_name("products", "brand name")
    'products_brandname_idx'
    """
    return "".join(
        [letter for letter in f"{table}_{column}_idx" if letter.isascii() and (letter.isalnum() or letter == "_")]
    )


def natural_part(data_type: DataType) -> IndexPart | None:
    """Return the part of a column that can be indexed where none is said: a collection's values, a frozen one whole."""
    if isinstance(data_type, ListType | SetType | MapType):
        return "values"
    if isinstance(data_type, FrozenType) and isinstance(data_type.inner, ListType | SetType | MapType):
        return "full"
    return None


def read_target(target: str) -> tuple[str, IndexPart | None]:
    """Return the column and part of an index from the `target` in the server's `system_schema.indexes.options`.

    >>> read_target('values("Tags")')
    ('Tags', 'values')
    >>> read_target("brand")
    ('brand', None)
    """
    word, parenthesis, rest = target.partition("(")
    if parenthesis and rest.endswith(")") and word in _PARTS:
        return _unquoted(rest[:-1]), _PARTS[word]
    return _unquoted(target), None


def _unquoted(name: str) -> str:
    quoted = len(name) > 1 and name[0] == name[-1] == '"'
    return name[1:-1].replace('""', '"') if quoted else name


def _option_meaning(name: str, value: str) -> str:
    text = str(value)
    if name in _WITHOUT_CASE:
        return text.lower()
    return text.lower() if text.lower() in {"true", "false"} else text
