"""What an update does to one column: it sets it, changes a collection in place, or sets a field of a user type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from coodie._model.extract import encode_value
from coodie._query.values import FieldChecker, encode_part, key_checker, plain_type, several
from coodie._schema.cql_types import ColumnType
from coodie._schema.equality import equality_of
from coodie._schema.families import names_values
from coodie._schema.scalars import NULL_ELEMENT
from coodie.errors import InvalidValueError
from coodie_drivers.errors import InvalidQueryError
from cql_builder import col

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from coodie._model.extract import Part
    from coodie._schema.columns import Column, Family, ModelSchema
    from coodie._schema.equality import Mark
    from coodie._schema.user_types import UserTypeField

_OF_PLACES: Final = frozenset({"append", "prepend", "setindex"})


class Assignment:
    """What happens to one column, made once per keyword and model; compared and hashed by identity.

    Attributes:
        column: the column that changes.
        operation: `set`, or one of those on collections.
        plain: the type of whose instances only the column's own check is to be made; None where there is more to it.
        encode: that check, which gives the value as a driver takes it; None where there is none.
    """

    __slots__ = ("_check_key", "_checker", "_mark", "_model", "_stored_key", "column", "encode", "operation", "plain")

    def __init__(
        self, model: str, column: Column, operation: str, checker: FieldChecker, *, checks_type_only: bool
    ) -> None:
        """Change this column of this model by this operation.

        Args:
            model: the model's name.
            column: what changes.
            operation: how.
            checker: checks values as constructing the model does.
            checks_type_only: whether the model demands nothing of the field but its type.
        """
        self.plain = plain_type(column) if checks_type_only and operation == "set" else None
        self.encode = column.type.encode
        self.column = column
        self.operation = operation
        self._model = model
        self._checker = checker
        kind = column.type.collection
        self._check_key = None if kind is None else key_checker(model, column)
        self._stored_key = checker.stored(column, "CONTAINS KEY" if kind == "map" else "CONTAINS") if kind else None
        self._mark: Mark | None = None
        if kind is not None and operation != "set":
            equality = equality_of(column.type).parts[0]
            # The elements of a list are bytes; those of a set and the keys of a map have an order.
            self._mark = equality.stored if kind == "list" else equality.element

    @property
    def width(self) -> int:
        """How many values it takes: an element that is set by its index takes two."""
        return 2 if self.operation == "setindex" else 1

    @property
    def idempotent(self) -> bool:
        """Whether doing it twice is the same as doing it once.

        Adding to a list is not, nor is a place in it: another element may have come to stand there in between.
        """
        return self.operation not in _OF_PLACES

    @property
    def parts(self) -> tuple[Part, ...]:
        """The field, and the type of what is written, for each value: of a dict, only keys are removed."""
        held = self.column.type
        if self.operation == "setindex":
            return (self.column.field, None), (self.column.field, held.elements[0])
        if self.operation == "remove" and held.collection == "map":
            held = ColumnType(f"set<{held.elements[0].cql}>", collection="set", elements=held.elements[:1])
        return ((self.column.field, held),)

    def read(self, value: object, current: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
        """The value as the field holds it, and the values that a driver takes.

        Of a collection that changes in place, the field's validators see what is added or removed.

        Args:
            value: what was given.
            current: the document's values by field, as they are for the checks that follow; the field changes there.

        Raises:
            InvalidValueError: the value does not fit the field.
        """
        column = self.column
        if type(value) is self.plain:
            current[column.field] = value
            return value, (encode_value(self._model, column, value),)
        if self.operation == "set":
            held = current[column.field] = self._checker.check(column, value, current)
            return held, (encode_value(self._model, column, held),)
        before = current.get(column.field)
        if self.operation == "setindex":
            place, element, sent = self._read_element(value, current)
            current[column.field] = self.applied(before, (place, element))
            return (place, element), (place, sent)
        held, sent = self._read_part(value, current)
        current[column.field] = self.applied(before, held)
        return held, (sent,)

    def key(self, key: object, held: Collection[object] | None) -> Any:
        """A key of a dict, or an element of a set, that is removed: as the field's validators would have made it.

        One that the document holds stays as it is: it may have come from a row that somebody else has written.

        Raises:
            InvalidValueError: it is of another type.
        """
        if self._stored_key is not None and not _holds(held, key):
            key = self._stored_key(key)
        return key if self._check_key is None else self._check_key(key)

    def taken(self, value: object) -> Any:
        """What a document holds already, or what came to a collection of it or went, as a driver takes it.

        The field's validators do not see it: they would change a second time what they have changed before.

        Raises:
            InvalidValueError: the value does not fit the column.
        """
        if self.operation == "remove" and self.column.type.collection == "map":
            return {encode_part(self._model, self.column, 0, each) for each in cast("Iterable[object]", value)}
        return encode_value(self._model, self.column, value)

    def as_field(self, *sent: Any) -> Any:
        """What was sent, as the field holds it, of which nothing is shared with what the field does hold."""
        held, parts = self.column.type, self.column.type.elements
        if self.operation == "setindex":
            place, element = sent
            return place, _decoded(parts[0], element)
        if self.operation == "remove" and held.collection == "map":
            return [_decoded(parts[0], each) for each in sent[0]]
        return _decoded(held, sent[0])

    def _read_element(self, value: object, current: dict[str, Any]) -> tuple[int, Any, Any]:
        """The index of an element, the element as the field holds it, and as a driver takes it."""
        pair = list(cast("Sequence[Any]", value)) if isinstance(value, (list, tuple)) else list[Any]()
        place = pair[0] if len(pair) == 2 else None  # noqa: PLR2004 - a pair
        if type(place) is not int or not 0 <= place < 1 << 31:
            field = self.column.field
            fix = f'setindex__{field}=(0, "first") sets the element of an index, from 0 on'
            raise InvalidValueError(self._model, field, f"setindex takes a pair: {fix}")
        if pair[1] is None:
            raise InvalidValueError(self._model, self.column.field, NULL_ELEMENT, f"[{place}]")
        held = self._checker.check(self.column, self._as_held([pair[1]]), current)
        return place, held[0], encode_value(self._model, self.column, held)[0]

    def _read_part(self, value: object, current: dict[str, Any]) -> tuple[Any, Any]:
        """What is added to a collection or removed from it."""
        # One value stands for a collection of one.
        if self.operation in ("put", "update"):
            entries = self._as_held(value) if isinstance(value, Mapping) else value
            held = self._checker.check(self.column, entries, current)
            if self._mark is not None:  # of keys that are the same, libraries send one or the other first
                held = {key: held[key] for key in _distinct(held, self._mark)}
            return held, encode_value(self._model, self.column, held)
        values = several(value)
        elements = [value] if values is None else values
        if self.column.type.collection == "map" and self._check_key is not None:
            keys = [self.key(each, current.get(self.column.field)) for each in elements]
            return keys, self.taken(keys)
        collection = _as_set(elements) if self.column.type.collection == "set" else elements
        held = self._checker.check(self.column, self._as_held(collection), current)
        return held, encode_value(self._model, self.column, held)

    def built(self, *values: object) -> Any:
        """The assignment in cql_builder's terms."""
        column, value = col(self.column.name), values[0]
        if self.operation == "setindex":
            return column[value].set(values[1])
        if self.operation == "set":
            return column.set(value)
        if self.operation == "prepend":
            return column.prepend(value)
        if self.operation in ("put", "update"):
            return column.add(value)
        return column.remove(value) if self.operation == "remove" else column.add(value)

    def applied(self, current: Any, value: Any) -> Any:
        """What the field holds after the operation."""
        return value if self.operation == "set" else self._as_held(self._changed(current, value))

    def _as_held(self, collection: Any) -> Any:
        """A plain collection as the field's own class of collections, where it has one."""
        made: Any = self.column.type.empty
        no_set = self.column.type.collection == "set" and collection.__class__ is list  # see `_as_set`
        return collection if no_set or made in _PLAIN else made(collection)

    def _changed(self, current: Any, value: Any) -> Any:
        # Unpacked: the operators of a class of the field's own may mean something else, or make it in another way.
        if self.operation == "setindex":
            place, element = value
            return [element if at == place else each for at, each in enumerate(current or ())]
        mark, kind = self._mark, self.column.type.collection
        if kind == "list" and self.operation != "remove":
            held = list(current or ())
            return [*held, *value] if self.operation == "append" else [*value, *held]
        if kind == "list":
            return without(current or (), value, mark)
        if kind == "map":
            entries: dict[object, object] = dict(current or ())
            if self.operation != "remove" and mark is None:
                return {**entries, **value}
            kept = {key: entries[key] for key in without(entries, value if mark is not None else {*value}, mark)}
            return kept if self.operation == "remove" else {**kept, **value}
        elements: set[object] = set(current or ())
        if self.operation == "remove":
            return elements_without(elements, value, mark)
        return {*(elements if mark is None else without(elements, value, mark)), *_distinct(value, mark)}


class FieldAssignment(Assignment):
    """What happens to one field of a user type that is not frozen: `SET home.street = ?`."""

    __slots__ = ("_field",)

    def __init__(self, model: str, column: Column, checker: FieldChecker, field: UserTypeField) -> None:
        """Set this field of the column's values."""
        super().__init__(model, column, "field", checker, checks_type_only=False)
        self._field = field

    @property
    def parts(self) -> tuple[Part, ...]:
        """The field within the field, and its type."""
        return ((f"{self.column.field}.{self._field.field}", self._field.type),)

    @property
    def name(self) -> str:
        """The field's name in the user type."""
        return self._field.name

    def taken(self, value: object) -> Any:
        """The field of a whole value, as a driver takes it."""
        return encode_value(self._model, self.column, value)[self._field.name]

    def built(self, *values: object) -> Any:
        """The assignment in cql_builder's terms."""
        return col(self.column.name).field(self._field.name).set(values[0])

    def stored(self, before: Any, sent: object) -> dict[str, Any]:
        """The column's value as a driver takes it, after this field was sent."""
        return {**(before if isinstance(before, Mapping) else {}), self._field.name: sent}


class ClassAssignment(Assignment):
    """What happens to the discriminator where rows are of any class of a family: they become rows of another one."""

    __slots__ = ("_family",)

    def __init__(self, model: str, column: Column, checker: FieldChecker, family: Family) -> None:
        """Set this column, which tells the classes of the family apart."""
        super().__init__(model, column, "set", checker, checks_type_only=False)
        self._family = family

    def read(self, value: object, current: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
        """See `Assignment.read`; a value is refused that no class has, where any is known: the row would lose its own.

        A document of the base may have any, for its row is of no class: it is assigned to and saved. So the value that
        it has already is taken, and those are that a `Literal` or an enum of the base names.
        """
        field = self.column.field
        there = [current[field]] if field in current else []  # before it is the new one
        held, sent = super().read(value, current)
        values = self._family.members
        said = names_values(self.column, self._family.base.schema)
        if values and sent[0] not in values and held not in there and not said:
            problem = f"tells the classes apart, and no class of {self._model} has this value"
            fix = f"give that of one: {', '.join(map(repr, values))}"
            raise InvalidValueError(self._model, self.column.field, f"{problem}; {fix}")
        return held, sent


def _decoded(held: ColumnType, value: Any) -> Any:
    return value if held.decode is None else held.decode(value)


def without(held: Iterable[object], gone: Iterable[object], mark: Mark | None) -> list[object]:
    """What is held, in its order, and is not among what is gone.

    Args:
        held: elements of a collection, or keys of a dict.
        gone: others.
        mark: what is equal of the same ones; None where they are equal themselves.
    """
    if mark is None:
        return [each for each in held if each not in gone]
    marks = set(map(mark, gone))
    return [each for each in held if mark(each) not in marks]


def elements_without(held: set[object], gone: Collection[object], mark: Mark | None) -> set[object]:
    """The same of a set."""
    return held.difference(gone) if mark is None else set(without(held, gone, mark))


def _distinct(values: Iterable[object], mark: Mark | None) -> Iterable[object]:
    """The last of those that are the same, as servers keep it."""
    return values if mark is None else {mark(each): each for each in values}.values()


def _holds(held: Collection[object] | None, key: object) -> bool:
    try:
        return held is not None and key in held
    except TypeError:  # it cannot be hashed
        return False


_PLAIN = (None, dict, list, set, tuple)
"""What makes no class of a field's own."""


def _as_set(values: list[object]) -> set[object] | list[object]:
    """The values as a set, which a strict model demands; as they are, where the check must say what is wrong."""
    try:
        return set(values)
    except TypeError:
        return values


def refuse_twice(schema: ModelSchema, assignments: Sequence[Assignment]) -> None:
    """Refuse to change one column by two assignments of one statement.

    Raises:
        InvalidQueryError: names the field.
    """
    fields = [assignment.column.field for assignment in assignments]
    for field in fields:
        if fields.count(field) > 1:
            raise InvalidQueryError(f"{schema.model}.{field} is changed twice by one update(); make it two updates")
