"""What a document's row holds, as far as the document knows: so that only what changed need be written.

A document that was read keeps the row that it was made of, and one that was written the row that was sent. Neither
shares a collection with the document's fields, which may change in place.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

from coodie._schema.compiled import compile_function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydantic import BaseModel

    from coodie._schema.columns import Column, ModelSchema

SLOT = "__coodie_known__"
"""The slot of a document that keeps its row."""


class RowSlot:
    """How the slot is read and written: by its descriptor, for a document without it would be asked in other ways.

    What is written is a whole row or a `KnownPart`.

    Attributes:
        placed: whether there may be documents of another place than their model's own: few programs have any.
    """

    placed: bool = False

    read: Callable[[Any], Any]
    write: Callable[[Any, Any], None]


def use_slot(descriptor: Any) -> None:
    """Read and write the slot of documents by this descriptor."""
    RowSlot.read = staticmethod(descriptor.__get__)
    RowSlot.write = staticmethod(descriptor.__set__)


class Place(NamedTuple):
    """Where a row is, if somebody has said so.

    Attributes:
        connection: the name of the connection; None for the model's own.
        keyspace: the keyspace; None where it is that of somebody's session.
    """

    connection: str | None
    keyspace: str | None


class KnownPart(NamedTuple):
    """The row of a document that was fetched, or written, in part, or in another place than its model's own.

    Without columns nothing is known of the row but its place.
    """

    columns: tuple[Column, ...]
    row: tuple[Any, ...]
    place: Place | None = None


class ReadAs(NamedTuple):
    """A null of a known row, and what its field has made of it, where it makes something else each time."""

    value: Any


def made_anew(model: type[BaseModel], columns: Sequence[Column]) -> tuple[int, ...]:
    """The places of the columns whose null reads as something else each time: their field has a `default_factory`."""
    fields = model.model_fields
    return tuple(
        [
            place
            for place, column in enumerate(columns)
            if not column.nullable and column.type.empty is None and fields[column.field].default_factory is not None
        ]
    )


def know_made(document: BaseModel, columns: Sequence[Column], places: Sequence[int]) -> None:
    """Keep of a document that was just made what its fields have made of nulls, or each would seem to have changed."""
    found: Any = RowSlot.read(document)
    part: KnownPart | None = found if isinstance(found, KnownPart) else None
    row: list[Any] = [*(found if part is None else part.row)]
    held: dict[str, Any] = vars(document)
    for place in places:
        if row[place] is None:
            row[place] = ReadAs(deepcopy(held[columns[place].field]))
    RowSlot.write(document, tuple(row) if part is None else part._replace(row=tuple(row)))


def place_of(document: BaseModel) -> Place | None:
    """Where the row of a document is; None for the place of its model, and of a document without a row."""
    try:
        found: Any = RowSlot.read(document)
    except AttributeError:
        return None
    return found.place if isinstance(found, KnownPart) else None


def put_into(document: BaseModel, place: Place) -> None:
    """Let a document of whose row nothing is known have its place."""
    RowSlot.placed = True
    RowSlot.write(document, KnownPart((), (), place))


def is_elsewhere(document: BaseModel, place: Place, *, at_home: bool) -> bool:
    """Whether a document has a row, and in another place than this one.

    Args:
        document: the document.
        place: a place that somebody has named.
        at_home: whether it is that of the document's model.
    """
    try:
        found: Any = RowSlot.read(document)
    except AttributeError:
        return False
    if found is None:
        return False
    own = found.place if isinstance(found, KnownPart) else None
    return not at_home if own is None else own != place


def know_there(document: BaseModel, target: Any, columns: tuple[Column, ...], row: tuple[Any, ...]) -> None:
    """Keep what the row of a document holds in a place that was named; of a copy of its row elsewhere, nothing."""
    if is_elsewhere(document, target.place, at_home=target.at_home):
        return
    place = target.place if place_of(document) is not None or not target.at_home else None
    if place is None:
        know(document, target.schema, columns, row)
    else:
        RowSlot.write(document, KnownPart(columns, row, place))


class Change(NamedTuple):
    """A column whose field differs from what is known of its row.

    Attributes:
        column: the column.
        before: the field's value as the row has it; None where the row is not known to have one.
        known: whether it is known what the row has.
        now: the field's value.
    """

    column: Column
    before: Any
    known: bool
    now: Any


def know(document: BaseModel, schema: ModelSchema, columns: tuple[Column, ...], row: tuple[Any, ...]) -> None:
    """Keep what the row of a document holds."""
    whole = columns is schema.columns or len(columns) == len(schema.columns)
    RowSlot.write(document, row if whole else KnownPart(columns, row))


def kept_row(schema: ModelSchema, columns: tuple[Column, ...], row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row, as the slot of its document has it."""
    whole = columns is schema.columns or len(columns) == len(schema.columns)
    return row if whole else KnownPart(columns, row)


def know_changed(document: BaseModel, schema: ModelSchema, columns: Sequence[Column], sent: Sequence[object]) -> None:
    """Keep what some columns of a document's row hold now, where it is known what the others do.

    Args:
        document: the document.
        schema: its table.
        columns: those that were written.
        sent: their values, as a driver takes them.
    """
    try:
        found: Any = RowSlot.read(document)
    except AttributeError:
        return
    if found.__class__ is tuple:  # as nearly always: the whole row
        row, places = [*found], schema.places
        for column, value in zip(columns, sent, strict=False):
            row[places[column]] = value
        RowSlot.write(document, tuple(row))
        return
    known: KnownPart | None = found
    if known is None or not known.columns:
        return
    values = dict(zip(known.columns, known.row, strict=True)) | dict(zip(columns, sent, strict=True))
    kept = tuple([column for column in schema.columns if column in values])
    row_now = tuple([values[column] for column in kept])
    if known.place is None:
        know(document, schema, kept, row_now)
    else:
        RowSlot.write(document, KnownPart(kept, row_now, known.place))


def compile_knowing(schema: ModelSchema, columns: Sequence[Column]) -> Callable[[Any, Sequence[Any]], None]:
    """Make the function that does, for these columns of each document and their values, what `know_changed` does."""
    written = [schema.places[column] for column in columns]
    row = [f"s{written.index(place)}" if place in written else f"r{place}" for place in range(len(schema.columns))]
    lines = [
        "try:",
        "    found = read(document)",
        "except AttributeError:",
        "    return",
        "if found.__class__ is not tuple:",
        "    return know_changed(document, schema, columns, sent)",
        f"{', '.join(f'r{place}' for place in range(len(row)))}, = found",
        f"{', '.join(f's{place}' for place in range(len(written)))}, = sent",
        f"write(document, ({', '.join(row)},))",
    ]
    names: dict[str, object] = {"read": RowSlot.read, "write": RowSlot.write, "know_changed": know_changed}
    names.update(schema=schema, columns=tuple(columns))
    know_these: Callable[[Any, Sequence[Any]], None] = compile_function("know", "document, sent", lines, names)
    return know_these


def copy_known(document: BaseModel, copied: BaseModel) -> None:
    """Let a copy know of its row what the document knows."""
    try:
        RowSlot.write(copied, RowSlot.read(document))
    except AttributeError:
        return


def know_nothing(document: BaseModel) -> None:
    """Forget what the row of a document holds, and not where it was."""
    place: Place | None = None
    if RowSlot.placed:
        try:
            place = getattr(RowSlot.read(document), "place", None)
        except AttributeError:
            place = None
    RowSlot.write(document, None if place is None else KnownPart((), (), place))


def known_of(document: BaseModel, schema: ModelSchema) -> KnownPart | None:
    """What is known of a document's row; None of one that was neither read nor written."""
    try:
        found: Any = RowSlot.read(document)
    except AttributeError:
        return None
    if found is None or isinstance(found, KnownPart):
        return found if found is None or found.columns else None
    return KnownPart(schema.columns, found)


def with_known(
    document: BaseModel, schema: ModelSchema, columns: Sequence[Column], row: tuple[Any, ...]
) -> tuple[Any, ...]:
    """A row that was sent without its nulls: what is known of those columns stays known."""
    known = known_of(document, schema)
    if known is None:
        return row
    before = dict(zip(known.columns, known.row, strict=True))
    pairs = zip(columns, row, strict=True)
    return tuple([before.get(column) if value is None else value for column, value in pairs])


def moved(document: BaseModel, schema: ModelSchema, known: KnownPart) -> Column | None:
    """The first column of the key whose field is no longer what the row has: the document is of another row now."""
    before = dict(zip(known.columns, known.row, strict=True))
    held: dict[str, Any] = vars(document)
    for column in schema.key:
        value = before.get(column)
        now = held.get(column.field, value)
        if value is None or now is value:
            continue
        equality = schema.equalities[column]
        # A partition is found by the bytes of its key, and a row of it by its place in their order.
        differ = equality.differ if column.kind == "partition_key" else equality.are_two_elements
        if differ(now, as_field(column, value)):
            return column
    return None


def changes_of(document: BaseModel, schema: ModelSchema, known: KnownPart) -> Iterator[Change]:
    """The columns outside the key whose fields are no longer what the row holds."""
    before = dict(zip(known.columns, known.row, strict=True))
    held: dict[str, Any] = vars(document)
    for column in schema.columns:
        if column.in_key or column.field not in held:
            continue
        now = held[column.field]
        if column not in before:
            yield Change(column, None, known=False, now=now)
            continue
        value = as_field(column, before[column])
        if now is not value and schema.equalities[column].differ(now, value):
            yield Change(column, value, known=True, now=now)


def assigned_since(document: BaseModel, schema: ModelSchema, column: Column, was: object) -> bool:
    """Whether a program has assigned to a field that held `was`, so that a write which ends now lets it be.

    What the row is known to hold stands there by a write that ended meanwhile.
    """
    now = vars(document).get(column.field, was)
    known = None if now is was else known_of(document, schema)
    if known is None or column not in known.columns:
        return False
    return schema.equalities[column].differ(now, as_field(column, known.row[known.columns.index(column)]))


def as_field(column: Column, value: Any) -> Any:
    """What a field makes of its row's value."""
    if value is None:
        return column.absent()
    if value.__class__ is ReadAs:
        return value.value
    return value if column.type.decode is None else column.type.decode(value)
