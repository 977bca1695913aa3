"""Markers for `Annotated[...]`: which part of the table a field is, and which CQL type it has.

A marker is a frozen value. It may stand around or inside `Optional[...]`, in a base class or behind a type alias. One
that says how values are stored may stand inside a collection (`list[Annotated[int, BigInt()]]`); any other is for whole
columns.

A plain type needs no marker; what its column keeps is not always all that Python holds:

- `datetime` (CQL `timestamp`) keeps milliseconds: what is finer is cut off. A datetime without a time zone is taken as
  UTC, and every one is read back in UTC with its time zone; Pydantic's `NaiveDatetime` is read back without one.
  `Settings.microseconds = "refuse"` and `Settings.naive_datetimes = "refuse"` refuse such values instead.
- `timedelta` (CQL `duration`, which has no order: no key, index or range) keeps days of 24 hours and what is left in
  microseconds; with `BigInt()` it is a number of microseconds, which has one.
- Subclasses of `str`, `int`, `float`, `bytes`, `Decimal`, `UUID`, `list`, `set` and `dict` are kept as what they derive
  from and made again from it. Pydantic's `SecretStr`, its URLs and mail addresses, paths and IP networks are text.
- `float` (CQL `float`) keeps 32 bits; `Double()` keeps all 64. `int` is CQL `int`; `BigInt()` and others are wider.
- An empty list, set or dict is no value at all to the server, which reads as an empty one, or as None where the field
  allows None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, fields
from typing import Literal, cast

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.values import FrozenMap

__all__ = [
    "Ascii",
    "BigInt",
    "ClusteringKey",
    "Counter",
    "Discriminator",
    "Double",
    "Duration",
    "Frozen",
    "Indexed",
    "PrimaryKey",
    "Protected",
    "SmallInt",
    "Static",
    "Time",
    "TimeUUID",
    "TinyInt",
    "VarInt",
    "Vector",
    "VectorIndex",
    "Version",
]

Order = Literal["ASC", "DESC"]


def _check_place(what: str, place: object) -> None:
    if type(place) is not int or place < 0:
        raise ConfigurationError(f"{what} is a whole number from 0 on")


class Marker:
    """What all markers have in common: without parameters, every one of a kind is equal."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Whether the other one is of the same kind."""
        return type(other) is type(self)

    def __hash__(self) -> int:
        """The hash of the kind."""
        return hash(type(self))

    def __repr__(self) -> str:
        """The marker as it is written."""
        return f"{type(self).__name__}()"


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """Marks a partition key column: it decides which nodes hold the row.

    Attributes:
        partition_key_index: the column's place in a composite partition key.

    >>> PrimaryKey(partition_key_index=1)
    PrimaryKey(partition_key_index=1)
    """

    partition_key_index: int = 0

    def __post_init__(self) -> None:
        """Refuse a place that is none."""
        _check_place("PrimaryKey(partition_key_index=...)", self.partition_key_index)


@dataclass(frozen=True, slots=True)
class ClusteringKey:
    """Marks a clustering column: it sorts the rows within their partition.

    Attributes:
        order: `ASC` or `DESC`.
        clustering_key_index: the column's place among several clustering columns.
    """

    order: Order = "ASC"
    clustering_key_index: int = 0

    def __post_init__(self) -> None:
        """Refuse an order or a place that is none."""
        if self.order not in ("ASC", "DESC"):
            raise ConfigurationError("ClusteringKey(order=...) is 'ASC' or 'DESC'")
        _check_place("ClusteringKey(clustering_key_index=...)", self.clustering_key_index)


IndexKind = Literal["secondary", "sai", "sasi"]
IndexTarget = Literal["keys", "values", "entries", "full"]
SasiMode = Literal["PREFIX", "CONTAINS", "SPARSE"]
SasiAnalyzer = Literal["standard", "non_tokenizing"]
SimilarityFunction = Literal["COSINE", "DOT_PRODUCT", "EUCLIDEAN"]


@dataclass(frozen=True, slots=True, repr=False)
class Indexed:
    """Marks a column with an index, so that it can be queried without filtering; several markers are several indexes.

    What each kind of index serves without `allow_filtering()` (Cassandra 5.0):

    - the plain one (`Indexed()`): equality; in a collection `__contains`, with `on="keys"` `__contains_key`;
    - `using="sai"`: the same, and ranges of what is no text, boolean or UUID; several columns with such indexes can be
      compared at once. A blob has none. With `case_sensitive=False`, `normalize=True` or `ascii=True` it compares texts
      without case, in Unicode's normal form, or without accents;
    - `using="sasi"`: equality, ranges of what is no text, and `__like`: `"a%"`, with `mode="CONTAINS"` `"%a%"` and
      `"%a"` too. `analyzer="standard"` takes texts word by word and serves no equality. A server has SASI where
      `sasi_indexes_enabled` says so.

    Attributes:
        index_name: the index's name; None for `<table>_<column>_idx`.
        using: the kind of index; None for the plain one, or another one that is there and serves as well.
        on: the part of a collection that is indexed; None for the elements or values, or for a frozen one as a whole.
        case_sensitive: whether texts are told apart by case; None for the server's default, which is yes.
        normalize: whether SAI brings texts into Unicode's normal form C.
        ascii: whether SAI turns letters with accents into those of ASCII.
        mode: what SASI is made for: `PREFIX`, `CONTAINS` or `SPARSE` (numbers that few rows share).
        analyzer: how SASI takes texts: `standard` word by word, `non_tokenizing` whole.
        options: further options of the index, as the server names them.

    >>> Indexed(using="sai", case_sensitive=False)
    Indexed(using='sai', case_sensitive=False)
    """

    index_name: str | None = None
    _: KW_ONLY
    using: IndexKind | None = None
    on: IndexTarget | None = None
    case_sensitive: bool | None = None
    normalize: bool | None = None
    ascii: bool | None = None
    mode: SasiMode | None = None
    analyzer: SasiAnalyzer | None = None
    options: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse a name that is none, and what does not go together."""
        name = cast("object", self.index_name)
        if name is not None and not (isinstance(name, str) and name):
            raise ConfigurationError("Indexed(index_name=...) is a text, or None for the server's own name")
        for argument, known in _INDEX_WORDS.items():
            given: object = getattr(self, argument)
            if given is not None and given not in known:
                raise ConfigurationError(f"Indexed({argument}=...) is {_or(known)}, or left out")
        for argument, kinds in _INDEX_OPTIONS.items():
            value: object = getattr(self, argument)
            if value is not None and (self.using or "secondary") not in kinds:
                belongs = _or([f"Indexed(using={kind!r})" for kind in kinds], quote=False)
                raise ConfigurationError(f"Indexed({argument}=...) belongs to {belongs}")
            if argument in _SWITCHES and type(value) not in (bool, type(None)):
                raise ConfigurationError(f"Indexed({argument}=...) is True or False")
        if self.analyzer == "standard" and self.case_sensitive is not None:
            raise ConfigurationError(
                "Indexed(case_sensitive=...) of a SASI index belongs to analyzer='non_tokenizing'; the standard one "
                "takes the option 'tokenization_normalize_lowercase'"
            )
        options = cast("object", self.options)
        if options is not None:
            if not isinstance(options, Mapping) or not all(
                isinstance(each, str) for pair in cast("Mapping[object, object]", options).items() for each in pair
            ):
                raise ConfigurationError("Indexed(options=...) is a dict of texts: {'tokenization_locale': 'en'}")
            object.__setattr__(self, "options", FrozenMap(cast("Mapping[str, str]", options)))

    def __repr__(self) -> str:
        """The marker as it is written."""
        said = ((each.name, getattr(self, each.name)) for each in fields(self))
        return f"Indexed({', '.join(f'{name}={value!r}' for name, value in said if value is not None)})"


_INDEX_WORDS: dict[str, tuple[str, ...]] = {
    "using": ("secondary", "sai", "sasi"),
    "on": ("keys", "values", "entries", "full"),
    "mode": ("PREFIX", "CONTAINS", "SPARSE"),
    "analyzer": ("standard", "non_tokenizing"),
}
_INDEX_OPTIONS: dict[str, tuple[str, ...]] = {
    "case_sensitive": ("sai", "sasi"),
    "normalize": ("sai",),
    "ascii": ("sai",),
    "mode": ("sasi",),
    "analyzer": ("sasi",),
    "options": ("sai", "sasi"),
}
_SWITCHES = ("case_sensitive", "normalize", "ascii")


def _or(words: Iterable[str], *, quote: bool = True) -> str:
    *first, last = [repr(word) if quote else word for word in words]
    return f"{', '.join(first)} or {last}" if first else last


@dataclass(frozen=True, slots=True)
class Vector:
    """Stores a `list[float]` as CQL `vector<float, dimensions>`: always so many numbers, each of 32 bits.

    Attributes:
        dimensions: how many numbers it has; Cassandra takes 1 to 8192.

    >>> Vector(3)
    Vector(dimensions=3)
    """

    dimensions: int

    def __post_init__(self) -> None:
        """Refuse a number of dimensions that is none."""
        if type(self.dimensions) is not int or not 0 < self.dimensions <= _MAX_DIMENSIONS:
            raise ConfigurationError(f"Vector(dimensions=...) is a whole number from 1 to {_MAX_DIMENSIONS}")


_MAX_DIMENSIONS = 8192
"""The most that a vector has (guardrail-free bound of `VectorType` of Cassandra 5.0)."""


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """Marks a vector with an index (SAI) that finds the rows whose vectors are most alike.

    Attributes:
        similarity_function: how alike two vectors are: by `COSINE` of their angle, `DOT_PRODUCT` or `EUCLIDEAN`.
        index_name: the index's name; None for `<table>_<column>_idx`.

    >>> VectorIndex(similarity_function="DOT_PRODUCT")
    VectorIndex(similarity_function='DOT_PRODUCT', index_name=None)
    """

    similarity_function: SimilarityFunction = "COSINE"
    index_name: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse a function or a name that is none."""
        if self.similarity_function not in _SIMILARITIES:
            raise ConfigurationError(f"VectorIndex(similarity_function=...) is {_or(_SIMILARITIES)}")
        name = cast("object", self.index_name)
        if name is not None and not (isinstance(name, str) and name):
            raise ConfigurationError("VectorIndex(index_name=...) is a text, or None for the server's own name")


_SIMILARITIES = ("COSINE", "DOT_PRODUCT", "EUCLIDEAN")


class Static(Marker):
    """Marks a column that all rows of a partition share."""

    __slots__ = ()


class Counter(Marker):
    """Marks a counter column of a `CounterDocument` (CQL `counter`)."""

    __slots__ = ()


class Version(Marker):
    """Marks the `int` field that counts the writes of a document, so that nobody overwrites what he has not seen.

    Saving, updating and deleting are lightweight transactions then (`IF version = ?`), each write counts one further,
    and a document that somebody else has written since it was read is refused with a `StaleDocumentError`. A query
    cannot update such documents, and deletes only where `iff()` names the version. No batch takes their writes but that
    of `insert()`, for each is asked about by itself.

    A row that was deleted, or has expired, counts from its start when it is made again, and whoever has read the old
    one may overwrite the new. Where keys come back, mark rows as deleted instead (`coodie.mixins.SoftDeleted`), or
    begin at a number that no row has had: `Annotated[int, BigInt(), Version()] = Field(default_factory=time.time_ns)`.
    """

    __slots__ = ()


class Protected(Marker):
    """Marks a field that no `update(**changes)` and no `update_from()` changes, such as a role or a balance.

    What a request may change is often handed over as it came: `update(**body)`. A field that is protected is refused
    there, by documents, queries and bulk verbs alike. It changes where the program says so: by assigning it to a
    document, and `save()` or `update()` without arguments.
    """

    __slots__ = ()


class Discriminator(Marker):
    """Marks the `str` field of a base class that tells the classes apart whose instances are rows of its table.

    Each subclass says its value by `__discriminator_value__` in its `Settings`, and its instances have it by default.
    Type checkers demand the field of each unless the base class has a default: `Annotated[str, Discriminator()] = ""`.
    """

    __slots__ = ()


class Frozen(Marker):
    """Stores a collection as one value (CQL `frozen<…>`): replaced whole, never changed in place."""

    __slots__ = ()


class BigInt(Marker):
    """Stores an `int` as CQL `bigint`: 64 bits, signed; or a `timedelta`, as a number of microseconds."""

    __slots__ = ()


class SmallInt(Marker):
    """Stores an `int` as CQL `smallint`: 16 bits, signed."""

    __slots__ = ()


class TinyInt(Marker):
    """Stores an `int` as CQL `tinyint`: 8 bits, signed."""

    __slots__ = ()


class VarInt(Marker):
    """Stores an `int` as CQL `varint`: of any size."""

    __slots__ = ()


class Double(Marker):
    """Stores a `float` as CQL `double`: 64 bits, exactly Python's own."""

    __slots__ = ()


class Ascii(Marker):
    """Stores a `str` as CQL `ascii`: US-ASCII characters only."""

    __slots__ = ()


class TimeUUID(Marker):
    """Stores a `UUID` as CQL `timeuuid`: version 1 only, ordered by its time."""

    __slots__ = ()


class Time(Marker):
    """Stores a `time` as CQL `time`; what a plain `time` field is anyway."""

    __slots__ = ()


class Duration(Marker):
    """Stores a `CqlDuration` or `timedelta` as CQL `duration`; what plain fields of these are anyway."""

    __slots__ = ()
