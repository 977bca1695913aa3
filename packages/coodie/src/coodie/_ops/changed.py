"""What an update writes: what is given, or what changed in a document since it was read or written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from coodie._model.at_once import columns_under_way
from coodie._model.extract import encode_held, null_inside
from coodie._model.tracking import (
    as_field,
    changes_of,
    has_forgotten,
    is_perhaps_saved,
    is_skipped,
    known_of,
    known_values,
    moved,
)
from coodie._ops.counters import refuse_write
from coodie._query.assignments import Assignment, elements_without, refuse_twice
from coodie._query.keywords import keywords_of
from coodie._schema.compiled import REFUSALS
from coodie._schema.equality import equality_of
from coodie._schema.user_types import nulls_of
from coodie.errors import InvalidValueError
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.values import UNSET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from coodie._model.base import DocumentBase
    from coodie._model.tracking import Change
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie._schema.equality import Equality, Mark
    from coodie._schema.user_types import UserTypeField

D = TypeVar("D", bound="DocumentBase")


_KINDS: Final[dict[str, Any]] = {"set": (set, frozenset), "map": dict, "list": (list, tuple)}
"""The collections of each kind of column as fields hold them; see `_collection`."""


class Changes(NamedTuple):
    """What an update writes.

    Attributes:
        assignments: what happens to which column.
        held: of each assignment the value, as the field holds it.
        sent: their values as a driver takes them; `UNSET` for what is left as it is.
        given: how many of them, at first, the document does not hold already.
    """

    assignments: tuple[Assignment, ...]
    held: Sequence[object]
    sent: Sequence[object]
    given: int

    def by_assignment(self) -> Mapping[Assignment, Value]:
        """What is given of each: its value as the field holds it, and its values as a driver takes them."""
        sending = iter(self.sent)
        each = zip(self.assignments[: self.given], self.held, strict=False)
        return {assignment: (value, [*islice(sending, assignment.width)]) for assignment, value in each}

    def besides(self) -> Changes:
        """Those that the document holds already: what changed in it, or what hooks have assigned."""
        if not self.given:
            return self
        first = sum(each.width for each in self.assignments[: self.given])
        return Changes(self.assignments[self.given :], self.held[self.given :], self.sent[first:], 0)


Value = tuple[object, Sequence[object]]
"""A value as a field holds it, and as a driver takes it: two of an element that is set by its index."""

UNREAD: Final[Mapping[Assignment, Value]] = {}
"""What was read before where nothing was."""


class Deleted(NamedTuple):
    """What `delete_columns` deletes.

    Attributes:
        columns: whole columns.
        elements: elements of collections: each the column, and the key, the element, or the place in a list.
    """

    columns: Sequence[Column]
    elements: Sequence[tuple[Column, object]]


Made = Sequence[tuple[Assignment, object]]
"""What a document holds already and its row does not, each with the value, or with what came or went."""


def changes_made(target: Target[Any], document: DocumentBase, *, skips: bool = False) -> Made:
    """What changed in a document: of a collection that can change in place, what came and what went.

    Args:
        target: the model and its table.
        document: what changed.
        skips: whether nulls are left as they are in the table.

    Raises:
        InvalidQueryError: the document was neither read nor written, or its key changed since, so that nobody knows
            what its row holds.
        InvalidValueError: the model says that a field never changes.
    """
    known = known_of(document, target.schema)
    elsewhere = None if known is None else moved(document, target.schema, known)
    if target.model.__coodie_counters__ and (known is None or elsewhere is not None):
        refuse_write("update", target.schema.model)
    if known is None:
        why = "was neither read from the table nor saved"
        why = "was pickled or deleted since, and knows its row no more" if has_forgotten(document) else why
        why = "was saved by a write that was not answered" if is_perhaps_saved(document) else why
        problem = f"update() without fields writes what changed, and this {target.schema.model} {why}"
        raise InvalidQueryError(f"{problem}; name the fields, or save() it")
    if elsewhere is not None:
        where = f"{target.schema.model}.{elsewhere.field}"
        problem = f"{where} is part of the primary key and changed: the document is of another row now"
        raise InvalidQueryError(f"{problem}, of which update() without fields writes a part; save() writes it whole")
    table = keywords_of(target.model).assignments
    equalities = target.schema.equalities
    found: list[tuple[Assignment, object]] = []
    for change in changes_of(document, target.schema, known, columns_under_way(document)):
        column = change.column
        if skips and is_skipped(
            column, encode_held(target.schema.model, document, column, change.now), {column: change.before}
        ):
            continue
        if fields := _fields_changed(change):
            found += [(table.field(change.column, each), change.now) for each in fields]
        else:
            steps = _steps(change, equalities[change.column])
            found += [(table.of(column, operation), value) for operation, value in steps]
    return found


def _fields_changed(change: Change) -> list[UserTypeField]:
    """The fields that changed of a user type that is not frozen; none where it is written whole.

    Where the row has a null, which the field's default stands for, those as well that the default alone gave.
    """
    held = change.column.type
    if held.user_type is None or held.frozen or not change.known:
        return []
    if not all(isinstance(each, held.user_type) for each in (change.before, change.now)):
        return []
    fields: tuple[UserTypeField, ...] = held.user_type.__coodie_user_type__().fields
    before: dict[str, Any] = nulls_of(fields) if change.was_null else change.before.__dict__
    now: dict[str, Any] = change.now.__dict__
    return [each for each in fields if equality_of(each.type).differ(now.get(each.field), before.get(each.field))]


def nothing_changed(target: Target[Any]) -> Changes:
    """What an update writes that only asks whether its condition holds: one column, left as it is.

    Raises:
        InvalidQueryError: no server, or none by this protocol, can be asked so.
    """
    model = target.schema.model
    columns = [each for each in target.schema.columns if not each.in_key and each.type.cql != "counter"]
    column = next((each for each in columns if each.kind == "regular"), next(iter(columns), None))
    if column is None or not target.supports_unset:
        fix = "name a field" if column is not None else "find the row and look"
        if not (column is not None or target.model.__coodie_counters__):
            fix += ", or save() it"
        problem = "nothing changed, and the condition cannot be asked about without writing"
        raise InvalidQueryError(f"update() of {model}: {problem}; {fix}")
    return Changes((keywords_of(target.model).assignments.whole(column),), (None,), (UNSET,), 0)


def changes_held(target: Target[Any], document: DocumentBase, version: Column, raised: int, *, skips: bool) -> Changes:
    """All that a document holds outside its key, as saving writes it, and the version that it gets by that.

    Args:
        target: the model and its table.
        document: what is saved.
        version: the column that counts its writes.
        raised: what is written there.
        skips: whether nulls are left as they are in the table.

    Raises:
        InvalidValueError: a value does not fit its column.
    """
    table = keywords_of(target.model).assignments
    held: dict[str, Any] = vars(document)
    model = target.schema.model
    before = known_values(document, target.schema) if skips else {}
    columns: list[Column] = [version]
    values: list[object] = [raised]
    sent: list[object] = [raised]
    for column in target.schema.columns:
        if column.in_key or column is version or column.field not in held:
            continue
        value = held[column.field]
        taken: object = encode_held(model, document, column, value)
        if skips and is_skipped(column, taken, before):
            if not target.supports_unset:
                continue
            taken = UNSET
        columns.append(column)
        values.append(value)
        sent.append(taken)
    return Changes(tuple([table.whole(column) for column in columns]), values, sent, 1)


def _steps(change: Change, equality: Equality) -> Iterator[tuple[str, object]]:
    """What is written of a collection is its difference, also where it was or is empty: others may add at that time."""
    kind = change.column.type.collection
    is_whole = kind is None or change.column.type.frozen or not change.known
    now = None if is_whole else _collection(change.column, change.now)
    if now is None:
        yield "set", change.now
        return
    before = change.before or ()  # a null and an empty collection are one to a server
    if kind == "set":
        yield from _set_steps(equality.parts[0], set(before), set(now))
    elif kind == "map":
        yield from _map_steps(equality.parts, dict(before), dict(now))
    else:
        yield from _list_steps(equality.parts[0].stored, list(before), list(now))


def _collection(column: Column, value: object) -> Any:
    """The collection that a field holds, of its kind of columns; None where no such column takes it.

    That is refused as a whole, and None is written: a text is a collection of characters to Python.
    """
    encode = column.type.encode
    if value is None or encode is None or isinstance(value, _KINDS[column.type.collection or ""]):
        return value
    try:
        return as_field(column, encode(value))
    except REFUSALS:
        return None


def _set_steps(equality: Equality, before: set[object], now: set[object]) -> Iterator[tuple[str, object]]:
    """One statement never adds and removes the same element, of which only the removal would be seen."""
    if came := elements_without(now, before, equality.stored):
        yield "add", came
    if went := elements_without(before, now, equality.element):
        yield "remove", went


def _map_steps(
    equalities: Sequence[Equality], before: dict[object, object], now: dict[object, object]
) -> Iterator[tuple[str, object]]:
    of_key, of_value = equalities
    if of_key.stored is None:
        changed = {key: now[key] for key in now if key not in before or of_value.differ(now[key], before[key])}
    else:
        mark = of_key.stored
        there, wanted = ({mark(key): key for key in keys} for keys in (before, now))
        changed = {
            key: now[key]
            for known, key in wanted.items()
            if known not in there or of_value.differ(now[key], before[there[known]])
        }
    if changed:
        yield "put", changed
    if went := elements_without({*before}, {*now}, of_key.element):
        yield "remove", went


def _list_steps(mark: Mark | None, before: list[object], now: list[object]) -> Iterator[tuple[str, object]]:
    """A list that grew at its ends is added to there; any other is replaced, for elements have no names."""
    known, wanted = (before, now) if mark is None else ([*map(mark, before)], [*map(mark, now)])
    first = _place_of(known, wanted)
    if first is None or len(now) == len(before):
        if before or now:
            yield "set", now
        return
    if first:
        yield "prepend", now[:first]
    if first + len(before) < len(now):
        yield "append", now[first + len(before) :]


def _place_of(known: list[Any], wanted: list[Any]) -> int | None:
    """Where one list stands in another, at first at its beginning and then at its end; None where it does not."""
    last = len(wanted) - len(known)
    places = (0, last, *range(1, last))
    return next((at for at in places if at >= 0 and wanted[at : at + len(known)] == known), None)


def read_changes(
    target: Target[D],
    document: D,
    given: Mapping[str, object],
    made: Made = (),
    before: Mapping[Assignment, Value] = UNREAD,
) -> Changes:
    """What is given by keyword, checked, and what the document holds already.

    Of what changed by itself, something may have come to a collection and something else gone from it. What was read
    before stays as that has made it: an iterator gives its elements once, and a validator may make another value each
    time.

    Raises:
        InvalidQueryError: a field is given and was assigned to by a hook as well.
        InvalidValueError: a value does not fit its field.
    """
    assignments = keywords_of(target.model).assignments.together(tuple(given))
    held: list[object] = [*given.values()]
    sent = None if before else _read_plain(assignments, held)
    if sent is None:
        held, sent = _read_checked(document, assignments, held, before)
    count = len(assignments)
    if made:
        own = {each.column: each for each, _ in made}
        refuse_twice(target.schema, [*assignments, *own.values()])
        assignments = (*assignments, *(each for each, _ in made))
        held += [value for _, value in made]
        sent += [_taken(document, each, value) for each, value in made]
    return Changes(assignments, held, sent, count)


def _read_checked(
    document: DocumentBase,
    assignments: Sequence[Assignment],
    given: Iterable[object],
    before: Mapping[Assignment, Value],
) -> tuple[list[object], list[object]]:
    """The values as the fields hold them and as a driver takes them."""
    # A copy: each check sees what those before it changed, and the document stays as it is until the answer is there.
    current: dict[str, Any] = document.__dict__.copy()
    held: list[object] = []
    sent: list[object] = []
    for assignment, value in zip(assignments, given, strict=False):
        kept, written = before[assignment] if assignment in before else assignment.read(value, current)
        held.append(kept)
        sent += written
    return held, sent


def _taken(document: DocumentBase, assignment: Assignment, value: object) -> object:
    """What a document holds, or what came to a collection of it or went, as a driver takes it."""
    try:
        if assignment.column.own_value is not None:
            return encode_held(type(document).__name__, document, assignment.column, value)
        return assignment.taken(value)
    except InvalidValueError as error:
        # What came to a list is named by its place in the document, where it changed there by itself.
        column = assignment.column
        raise null_inside(type(document).__name__, column, vars(document)[column.field]) or error from None


def _read_plain(assignments: Sequence[Assignment], values: Iterable[object]) -> list[object] | None:
    """The values as a driver takes them, where each is of exactly its field's type and nothing more is demanded."""
    sent: list[object] = []
    try:
        for assignment, value in zip(assignments, values, strict=False):
            if type(value) is not assignment.plain:
                return None
            encode = assignment.encode
            sent.append(value if encode is None else encode(value))
    except REFUSALS:
        return None  # what is wrong is said when each is read by itself
    return sent
