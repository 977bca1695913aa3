"""What a document's row holds, as far as the document knows: so that only what changed need be written.

A document that was read keeps the row that it was made of, and one that was written the row that was sent. Neither
shares a collection with the document's fields, which may change in place.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from coodie._schema.compiled import REFUSALS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from pydantic import BaseModel

    from coodie._schema.columns import Column, ModelSchema

C = TypeVar("C", bound="Callable[..., object]")

SLOT = "__coodie_known__"
"""The slot of a document that keeps its row."""


class RowSlot:
    """How the slot is read and written: by its descriptor, for a document without it would be asked in other ways.

    What is written is a whole row, a `KnownPart` or a `MayHave`.

    Attributes:
        placed: whether there may be documents of another place than their model's own: few programs have any.
    """

    placed: bool = False

    read: Callable[[Any], Any]
    write: Callable[[Any, Any], None]


def use_slot(descriptor: Any) -> None:
    """Read and write the slot of documents by this descriptor."""
    RowSlot.read = staticmethod(descriptor.__get__)
    RowSlot.write = staticmethod(lets_know(descriptor.__set__))


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

    Without columns nothing is known of the row but its place, and the value of its class where no class that is known
    has it.
    """

    columns: tuple[Column, ...]
    row: tuple[Any, ...]
    place: Place | None = None
    unknown_class: Any = None


class MayHave(NamedTuple):
    """What writes of a document have put, or may have put, into a row of which nothing else is known.

    They are updates, and saves of which nobody knows whether they were made. A write that skips nulls does not take
    the row for null there.

    Attributes:
        columns: those of the key, and those that got a value.
        row: the key, as it was sent, and of the others the values, `InDoubt`; of a column that was changed in place
            that of a null.
        within: where the writes were sent, as a row's `Place` says it.
        had_row: whether the document had a row once, and has forgotten it.
        saved: whether a save is among the writes.
    """

    columns: tuple[Column, ...]
    row: tuple[Any, ...]
    within: Place | None
    had_row: bool
    saved: bool

    @property
    def place(self) -> Place | None:
        """Where the row is; None of a new document, whose next write goes wherever it is sent."""
        return self.within if self.had_row else None


class ReadAs(NamedTuple):
    """A null of a known row, and what its field has made of it, where it makes something else each time."""

    value: Any


class InDoubt(NamedTuple):
    """What a row was known to have before a write that nobody knows to be made or not, or when: another was at once."""

    value: Any


KNOWING: set[Callable[..., object]] = set()
"""What lets documents know of their rows, as a batch calls it when it was sent."""


def lets_know(call: C) -> C:
    """Count a function among those that let documents know of their rows."""
    KNOWING.add(call)
    return call


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
    return found.place if isinstance(found, (KnownPart, MayHave)) else None


def put_into(document: BaseModel, place: Place | None, unknown_class: object = None) -> None:
    """Let a document of whose row nothing else is known have its place, and the value of its class."""
    RowSlot.placed = RowSlot.placed or place is not None
    RowSlot.write(document, KnownPart((), (), place, unknown_class))


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
    if found is None or (found.__class__ is MayHave and found.place is None):
        return False
    own = found.place if isinstance(found, (KnownPart, MayHave)) else None
    return not at_home if own is None else own != place


@lets_know
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
        before: the field's value as the row has it, or an `InDoubt`; None where the row is not known to have one.
        known: whether it is known what the row has.
        now: the field's value.
        was_null: whether the row has a null, of which the field made what it was.
    """

    column: Column
    before: Any
    known: bool
    now: Any
    was_null: bool = False


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
    if known is None or found.__class__ is MayHave or not known.columns:
        return
    values = dict(zip(known.columns, known.row, strict=True)) | dict(zip(columns, sent, strict=True))
    kept = tuple([column for column in schema.columns if column in values])
    row_now = tuple([values[column] for column in kept])
    if known.place is None:
        know(document, schema, kept, row_now)
    else:
        RowSlot.write(document, KnownPart(kept, row_now, known.place))


def knowing_lines(target: Any, key: Sequence[Column], columns: Sequence[Column], names: dict[str, object]) -> list[str]:
    """The source that does, of a `document` and what was `sent` for these columns, what `know_changed` does.

    Where nothing is known of the row it does what `know_put` does, of the `key` that was sent.

    Args:
        target: its model and table.
        key: the columns that the row was found by.
        columns: those that were written.
        names: what the source mentions; more is added.
    """
    schema: ModelSchema = target.schema
    written = [schema.places[column] for column in columns]
    row = [f"s{written.index(place)}" if place in written else f"r{place}" for place in range(len(schema.columns))]
    names.update(read=RowSlot.read, write=RowSlot.write, know_changed=know_changed, know_put=know_put)
    names.update(target=target, schema=schema, columns=tuple(columns), named=tuple(key), MayHave=MayHave)
    return [
        "try:",
        "    found = read(document)",
        "except AttributeError:",
        "    found = None" if schema.skips_nulls else "    return",  # where nobody would ask, that is all it costs
        "if found.__class__ is not tuple:",
        "    if found is None or found.__class__ is MayHave or not found.columns:",
        "        return know_put(document, target, (named, key), dict(zip(columns, sent)))",
        "    return know_changed(document, schema, columns, sent)",
        f"{', '.join(f'r{place}' for place in range(len(row)))}, = found",
        f"{', '.join(f's{place}' for place in range(len(written)))}, = sent",
        f"write(document, ({', '.join(row)},))",
    ]


@lets_know
def know_nothing(document: BaseModel) -> None:
    """Forget what the row of a document holds, and not where it was, nor a class of it that nobody knows."""
    schema: ModelSchema | None = getattr(type(document), "__coodie_schema__", None)
    unknown = None if schema is None or schema.family is None else unknown_class_of(document)
    place: Place | None = None
    if RowSlot.placed:
        try:
            place = getattr(RowSlot.read(document), "place", None)
        except AttributeError:
            place = None
    forgotten = None if place is None and unknown is None else KnownPart((), (), place, unknown)
    RowSlot.write(document, forgotten)


def unknown_class_of(document: BaseModel) -> Any:
    """The value of the class of a document's row where no class that is known has it, as a driver takes it, or None."""
    schema: ModelSchema | None = getattr(type(document), "__coodie_schema__", None)
    if schema is None or schema.family is None:
        return None
    found: Any = getattr(document, SLOT, None)
    if isinstance(found, KnownPart) and not found.columns:
        return found.unknown_class
    stored = {column: value for column, value in known_values(document, schema).items() if column.own_value is not None}
    value = next((before_doubt(value) for value in stored.values()), None)
    return None if value in schema.family.members else value


def know_not(document: BaseModel, schema: ModelSchema, columns: Sequence[Column]) -> None:
    """Forget what some columns of a document's row hold."""
    kept = {column: value for column, value in known_values(document, schema).items() if column not in columns}
    RowSlot.write(document, KnownPart((*kept,), (*kept.values(),), place_of(document)))


def know_in_doubt(document: BaseModel, schema: ModelSchema, otherwise: Mapping[Column, Any]) -> None:
    """Note of a document's row that it may hold something else than is known.

    Args:
        document: the document.
        schema: its table.
        otherwise: what the row would hold then.
    """
    doubted = [
        (column, InDoubt(value))
        for column, value in known_values(document, schema).items()
        if not (column.in_key or value.__class__ is InDoubt or column not in otherwise)
        and _differ(schema, column, value, otherwise[column])
    ]
    know_changed(document, schema, [column for column, _ in doubted], [value for _, value in doubted])


def know_perhaps(document: BaseModel, schema: ModelSchema, written: BaseModel) -> None:
    """Note of a document of whose row nothing is known what a write may have put there, besides others before it.

    Args:
        document: the document.
        schema: its table.
        written: what it would be if the write was made.
    """
    made = known_of(written, schema)
    if made is not None:
        _may_have(document, schema, _by_column(made), made.place, saved=True)


def know_put(
    document: BaseModel, target: Any, key: tuple[Sequence[Column], Sequence[Any]], put: Mapping[Column, Any]
) -> None:
    """Note of a document of whose row nothing is known what an update has put there: it is no null, if it was one.

    Only writes that skip nulls ask for that. Where the model's settings do not say that they do, it is noted of a
    document alone whose writes were in doubt before.

    Args:
        document: the document.
        target: where its row is.
        key: the columns that the row was found by, and their values, as they were sent.
        put: what the update has put there, as a driver takes it; an `InDoubt` where that is not the whole value.
    """
    schema, place = target.schema, place_of(document)
    if not schema.skips_nulls and perhaps_of(document) is None:
        return
    if all(column.is_null(value) for column, value in put.items()):
        return
    within = place if target.place is None or (place is None and target.at_home) else target.place
    _may_have(document, schema, {**dict(zip(*key, strict=True)), **put}, within)


def _may_have(
    document: BaseModel, schema: ModelSchema, row: Mapping[Column, Any], within: Place | None, *, saved: bool = False
) -> None:
    """Note what a write may have put into a row of which nothing is known, besides what others did to the same."""
    before = perhaps_of(document)
    sent = {column: value for column, value in row.items() if column.in_key or not column.is_null(value)}
    if (
        before is not None
        and before.within == within
        and (same := may_have_of(schema, before, [*sent], [*sent.values()]))
    ):
        sent, saved = same | sent, saved or before.saved
    kept = [value if column.in_key or value.__class__ is InDoubt else InDoubt(value) for column, value in sent.items()]
    RowSlot.write(document, MayHave((*sent,), (*kept,), within, has_forgotten(document), saved))


def may_have_of(
    schema: ModelSchema, perhaps: MayHave, columns: Sequence[Column], sent: Sequence[Any]
) -> dict[Column, Any]:
    """What a row may have that was written, by its key, as a driver takes it; of another one of its partition statics.

    Nothing of any other row.
    """
    found = _by_column(perhaps)
    if is_of_row(schema, found, columns, sent):
        return found
    shared = {column: value for column, value in found.items() if column.kind in ("partition_key", "static")}
    return shared if is_of_row(schema, shared, columns, sent) else {}


def perhaps_of(document: BaseModel) -> MayHave | None:
    """What writes may have put into a document's row of which nothing else is known; None where there were none."""
    try:
        found: Any = RowSlot.read(document)
    except AttributeError:
        return None
    return found if found.__class__ is MayHave else None


def is_perhaps_saved(document: BaseModel) -> bool:
    """Whether all that is known of a document's row is that a save of unknown outcome may have made it."""
    perhaps = perhaps_of(document)
    return perhaps is not None and perhaps.saved


def has_forgotten(document: BaseModel) -> bool:
    """Whether a document, of whose row nothing is known, had one once: it was pickled or deleted since."""
    try:
        found: Any = RowSlot.read(document)
    except AttributeError:
        return False
    return found.__class__ is not MayHave or bool(found.had_row)


def _differ(schema: ModelSchema, column: Column, value: Any, other: Any) -> bool:
    """Whether two values of rows are two to a field; they are where no field takes one of them."""
    try:
        return differ_from(schema, column, value, as_field(column, other))
    except REFUSALS:
        return True


def differ_from(schema: ModelSchema, column: Column, stored: Any, now: Any) -> bool:
    """Whether a field holds something else than what it makes of a row's value; it does where it takes no such."""
    try:
        return schema.equalities[column].differ(as_field(column, stored), now)
    except REFUSALS:
        return True


def known_of(document: BaseModel, schema: ModelSchema) -> KnownPart | None:
    """What is known of a document's row; None of one that was neither read nor written."""
    try:
        found: Any = RowSlot.read(document)
    except AttributeError:
        return None
    if found is None or isinstance(found, (KnownPart, MayHave)):
        return found if isinstance(found, KnownPart) and found.columns else None
    return KnownPart(schema.columns, found)


def known_values(document: BaseModel, schema: ModelSchema) -> dict[Column, Any]:
    """What is known of a document's row, by column, `InDoubt` where that is no longer sure."""
    known = known_of(document, schema)
    return {} if known is None else _by_column(known)


def _by_column(known: KnownPart | MayHave) -> dict[Column, Any]:
    return dict(zip(known.columns, known.row, strict=True))


def is_skipped(column: Column, value: object, before: Mapping[Column, Any]) -> bool:
    """Whether a write that skips nulls leaves a column as it is.

    An empty collection is a null, but where the row has elements, or may have: the document was emptied of them.
    """
    return value is None or (column.is_null(value) and not before.get(column))


def moved(document: BaseModel, schema: ModelSchema, known: KnownPart) -> Column | None:
    """The first column of the key whose field is no longer what the row has: the document is of another row now."""
    before = dict(zip(known.columns, known.row, strict=True))
    held: dict[str, Any] = vars(document)
    for column in schema.key:
        value = before.get(column)
        now = held.get(column.field, value)
        if value is not None and now is not value and _names_another(schema, column, now, as_field(column, value)):
            return column
    return None


def is_of_row(schema: ModelSchema, known: Mapping[Column, Any], columns: Sequence[Column], sent: Sequence[Any]) -> bool:
    """Whether what is known of a row is of the one that was written, by their keys, as a driver takes them."""
    for column, now in zip(columns, sent, strict=True):
        value = known.get(column) if column.in_key else None
        if value is None or now is value:
            continue
        if _names_another(schema, column, as_field(column, now), as_field(column, value)):
            return False
    return True


def _names_another(schema: ModelSchema, column: Column, now: Any, value: Any) -> bool:
    """Whether two values of a column of the key are of two rows."""
    equality = schema.equalities[column]
    # A partition is found by the bytes of its key, and a row of it by its place in their order.
    differ = equality.differ if column.kind == "partition_key" else equality.are_two_elements
    return bool(differ(now, value))


def changes_of(
    document: BaseModel, schema: ModelSchema, known: KnownPart, under_way: Collection[Column] = ()
) -> Iterator[Change]:
    """The columns outside the key whose fields are no longer what the row holds, or may be so.

    Args:
        document: the document.
        schema: its table.
        known: what its row holds.
        under_way: the columns that are being written.
    """
    before = dict(zip(known.columns, known.row, strict=True))
    held: dict[str, Any] = vars(document)
    for column in schema.columns:
        if column.in_key or column.field not in held:
            continue
        now = held[column.field]
        if column not in before:
            yield Change(column, None, known=False, now=now)
            continue
        stored = before[column]
        if stored.__class__ is InDoubt or column in under_way:
            stored = before_doubt(stored)
            if not column.versions:  # it is asked about, and no field that changes
                yield Change(column, InDoubt(stored), known=False, now=now)
                continue
        value = as_field(column, stored)
        if now is not value and schema.equalities[column].differ(now, value):
            was_null = stored is None or stored.__class__ is ReadAs
            yield Change(column, value, known=True, now=now, was_null=was_null)


def before_doubt(value: Any) -> Any:
    """What a row had, where it may have something else by now."""
    return value.value if value.__class__ is InDoubt else value


def as_field(column: Column, value: Any) -> Any:
    """What a field makes of its row's value."""
    if value is None:
        return column.absent()
    if value.__class__ is ReadAs:
        return value.value
    return value if column.type.decode is None else column.type.decode(value)
