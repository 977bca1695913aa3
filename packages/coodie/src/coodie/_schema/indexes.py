"""The indexes of a column: what their markers say, which lookups each kind serves, and where no server has one.

What is served without ALLOW FILTERING is Cassandra's (5.0.9), tried on a node: `tests/shells` has each line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie import fields
from cql_builder.schema import IndexDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coodie._schema.annotations import Peeled
    from coodie._schema.cql_types import ColumnType

RANGES = frozenset({">", ">=", "<", "<="})

TEXTS = ("text", "ascii")
_WITHOUT_RANGE_IN_SAI = frozenset({*TEXTS, "boolean", "uuid"})
ANALYZERS = {
    "standard": "org.apache.cassandra.index.sasi.analyzer.StandardAnalyzer",
    "non_tokenizing": "org.apache.cassandra.index.sasi.analyzer.NonTokenizingAnalyzer",
}
"""The Java classes of SASI's analyzers, by what markers call them."""


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """One index of a column.

    Attributes:
        kind: `secondary`, `sai` or `sasi`; one that compares vectors is SAI.
        definition: the index as a driver's `sync_table` takes it.
        operators: the lookups that it serves, by operator.
        patterns: where it serves LIKE, the patterns that it does, each as an example.
        similarity: how it compares vectors; None for an index of anything else.
    """

    kind: fields.IndexKind
    definition: IndexDefinition
    operators: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    similarity: fields.SimilarityFunction | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is what `Indexed()` says by itself."""
        return self.definition.index_class is None and self.definition.part is None

    @property
    def is_analysed(self) -> bool:
        """Whether it is one of SAI that takes some texts for the same, which filtering does not."""
        options = self.definition.options
        analysed = options.get("case_sensitive") == "false" or "true" in (
            options.get("normalize"),
            options.get("ascii"),
        )
        return analysed and self.kind == "sai"


def indexes_of(peeled: Peeled, column: ColumnType) -> tuple[Index, ...]:
    """The indexes that a field's markers ask for, in their order."""
    markers = [each for each in peeled.metadata if isinstance(each, (fields.Indexed, fields.VectorIndex))]
    return tuple(
        _vector_index(each) if isinstance(each, fields.VectorIndex) else _index(each, column) for each in markers
    )


def _vector_index(marker: fields.VectorIndex) -> Index:
    options = {"similarity_function": marker.similarity_function}
    definition = IndexDefinition(marker.index_name, index_class="sai", options=options)
    return Index("sai", definition, similarity=marker.similarity_function)


def _index(marker: fields.Indexed, column: ColumnType) -> Index:
    kind = marker.using or "secondary"
    # The plain class is said only where it was asked for by name: else another index may serve.
    index_class = {None: None, "secondary": "legacy_local_table"}.get(marker.using, marker.using)
    definition = IndexDefinition(marker.index_name, marker.on, index_class, _options(marker))
    operators = frozenset(_served(marker, column))
    return Index(kind, definition, operators, _patterns(marker) if "LIKE" in operators else ())


def _options(marker: fields.Indexed) -> dict[str, str]:
    found = {name: getattr(marker, name) for name in ("case_sensitive", "normalize", "ascii")}
    options = {name: str(value).lower() for name, value in found.items() if value is not None}
    analyzer = marker.analyzer
    if marker.using == "sasi" and marker.case_sensitive is not None:
        analyzer = "non_tokenizing"
    if analyzer is not None:
        options["analyzer_class"] = ANALYZERS[analyzer]
    if marker.mode is not None:
        options["mode"] = marker.mode
    return {**options, **(marker.options or {})}


def _served(marker: fields.Indexed, column: ColumnType) -> Iterator[str]:
    if column.collection is not None and not column.frozen:
        yield {"keys": "CONTAINS KEY", "entries": "ENTRY ="}.get(marker.on or "values", "CONTAINS")
        return
    if marker.analyzer != "standard":
        yield "="
    if marker.using == "sai":
        if column.is_native and column.cql not in _WITHOUT_RANGE_IN_SAI:
            yield from RANGES
    elif marker.using == "sasi":
        if column.cql not in TEXTS and marker.mode != "CONTAINS":
            yield from RANGES
        elif column.cql in TEXTS:
            yield "LIKE"


def _patterns(marker: fields.Indexed) -> tuple[str, ...]:
    if marker.mode != "CONTAINS":
        return ("a%", "a")
    return ("%a%", "%a", "a") if marker.analyzer == "standard" else ("%a%", "%a", "a%", "a")


def index_faults(
    peeled: Peeled, column: ColumnType, indexes: Sequence[Index], *, in_partition_key: bool
) -> Iterator[str]:
    """Yield what keeps a server from making these indexes of a column, each with the way out."""
    if not indexes:
        return
    held = next(durations_in(column), None)
    if held is not None:
        told = f" ({held} is one)" if held else ""
        yield f"durations have no order{told}, so no index either; leave Indexed() out"
    if column.user_type is not None and not column.frozen:
        yield "a user type has an index only as a whole; mark the field Frozen()"
    for marker, index in zip(_markers(peeled), indexes, strict=True):
        if isinstance(marker, fields.VectorIndex):
            yield from _vector_faults(marker, column)
        else:
            yield from _target_faults(marker, column)
            yield from _kind_faults(marker, index, column, in_partition_key=in_partition_key)
    yield from _repeated(indexes)
    yield from _contradicted(indexes)


def durations_in(column: ColumnType) -> Iterator[str]:
    """Where a type holds durations as far as servers look: fields of user types, and an empty text for others."""
    if column.cql == "duration":
        yield ""
    for element in () if column.collection == "set" else column.elements:  # no server looks into one
        yield from durations_in(element)
    if column.user_type is not None:
        for field in column.user_type.__coodie_user_type__().fields:
            for place in durations_in(field.type):
                yield place or f"{column.user_type.__name__}.{field.field}"


def holds_durations(column: ColumnType) -> bool:
    """Whether a type holds durations as far as servers look."""
    return next(durations_in(column), None) is not None


def _markers(peeled: Peeled) -> list[fields.Indexed | fields.VectorIndex]:
    return [each for each in peeled.metadata if isinstance(each, (fields.Indexed, fields.VectorIndex))]


def _vector_faults(marker: fields.VectorIndex, column: ColumnType) -> Iterator[str]:
    if column.dimensions is None:
        yield "VectorIndex() belongs on a vector; write Annotated[list[float], Vector(dimensions), VectorIndex()]"
    elif column.dimensions == 1 and marker.similarity_function == "COSINE":
        yield "vectors of one number have no angle; write VectorIndex(similarity_function='EUCLIDEAN')"


def _target_faults(marker: fields.Indexed, column: ColumnType) -> Iterator[str]:
    if marker.on is None:
        return
    written = f"Indexed(on={marker.on!r})"
    if column.collection is None:
        yield f"{written} is for collections; leave on=... out"
    elif column.frozen and marker.on != "full":
        yield f"{written} is for collections that change; a frozen one is indexed as a whole, by on='full'"
    elif not column.frozen and marker.on == "full":
        yield f"{written} is for frozen collections; mark the field Frozen(), or leave on=... out"
    elif column.collection != "map" and marker.on in ("keys", "entries"):
        yield f"{written} is for dict; leave on=... out to index the elements"


def _kind_faults(marker: fields.Indexed, index: Index, column: ColumnType, *, in_partition_key: bool) -> Iterator[str]:
    text = column.cql in TEXTS
    if column.dimensions is not None and index.kind != "secondary":
        yield f"vectors have no index of the kind {index.kind!r} but VectorIndex(), which finds the most alike"
    if index.kind == "sai":
        if "blob" in (column.cql, *[element.cql for element in column.elements]):
            yield "SAI takes no blob; leave using='sai' out for a plain index"
        yield from _analysis_faults(marker, column)
    if index.kind == "sasi":
        if in_partition_key:
            yield "SASI takes no column of the partition key; write using='sai', or leave using=... out"
        if column.collection is not None and not column.frozen:
            yield "SASI takes no collection that changes; write using='sai', or leave using=... out"
        if text and marker.mode == "SPARSE":
            yield "mode='SPARSE' is for numbers and times; write mode='PREFIX' or mode='CONTAINS'"
        if not text and (marker.analyzer is not None or marker.case_sensitive is not None):
            yield f"SASI analyses text only, and this column is CQL {column.cql}; leave the analyzer and the case out"


def _analysis_faults(marker: fields.Indexed, column: ColumnType) -> Iterator[str]:
    asked = next((name for name in ("case_sensitive", "normalize", "ascii") if getattr(marker, name) is not None), None)
    if asked is not None and not _holds_text(marker, column):
        yield f"Indexed({asked}=...) is for text; CQL {column.cql} has no letters, leave it out"
    elif asked is not None and marker.on == "entries":
        told = f"Indexed(on='entries', {asked}=...) is made by no server, which compares entries as they are"
        yield f"{told}; leave {asked} out, or write on='values' or on='keys'"


def _holds_text(marker: fields.Indexed, column: ColumnType) -> bool:
    if column.collection is None or column.frozen:
        return column.cql in TEXTS
    return column.elements[0 if marker.on == "keys" else -1].cql in TEXTS


def _contradicted(indexes: Sequence[Index]) -> Iterator[str]:
    # The server uses a plain index before one of SAI (`prioritize_sai_over_legacy_index`).
    plain = {operator for index in indexes if index.kind == "secondary" for operator in index.operators}
    if any(index.is_analysed and plain & index.operators for index in indexes):
        problem = "has a plain index, which is used instead of the one of SAI that takes some texts for the same"
        yield f"{problem}; leave one out"


def _repeated(indexes: Sequence[Index]) -> Iterator[str]:
    seen: set[tuple[object, ...]] = set()
    for index in indexes:
        told_by: Mapping[str, str] | None = index.definition.options if index.kind == "sasi" else None
        made_of = (index.kind, index.definition.part, None if told_by is None else frozenset(told_by.items()))
        if made_of in seen:
            yield f"has two indexes of the kind {index.kind!r}, which no server makes; leave one out"
        seen.add(made_of)
