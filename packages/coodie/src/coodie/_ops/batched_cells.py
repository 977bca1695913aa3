"""What the statements of a batch write: which row each, and into which cells of it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from coodie._model.tracking import as_field
from coodie._schema.equality import equality_of
from coodie._schema.hashing import hashable
from coodie_drivers.values import UNSET
from cql_builder import CqlError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from coodie._query.target import Target
    from coodie._schema.columns import Column, ModelSchema
    from coodie._schema.cql_types import ColumnType
    from coodie._schema.equality import Mark
    from coodie_drivers.messages import Statement

PLAIN: Final = ()
"""The path of the cell of a column that has one."""


class JsonValues(list[object]):
    """The values of an `INSERT … JSON ?`, and what its text says.

    Attributes:
        columns: those that the text names.
        row: their values, as a driver takes them.
    """

    __slots__ = ("columns", "row")

    columns: tuple[Column, ...]
    row: tuple[object, ...]


class Step(NamedTuple):
    """What a statement does to one column.

    Attributes:
        column: the column's name.
        operation: `set`, `field`, `add`, `remove`, `delete`, or of an element `put` and `take`.
        places: those of its values among the values of the statement; of an element, first of its key.
        field: which field of a user type it sets.
    """

    column: str
    operation: str
    places: tuple[int, ...]
    field: str = ""


class Text(NamedTuple):
    """What a statement says, whose values are all markers.

    Attributes:
        table: the table's name and its keyspace.
        steps: what it does to which columns, those of the key among them where it is an INSERT.
        key: of the columns that are compared by equality, the place of the value.
        inserts: whether it makes a row even where all values are null.
        ttl: the place of the seconds to live; None without them.
        timestamp: the place of a time of its own; None without it.
        is_json: whether it is an `INSERT … JSON`, whose values are `JsonValues`.
        asked: the columns that its condition compares.
    """

    table: tuple[str, str | None]
    steps: tuple[Step, ...]
    key: Mapping[str, int]
    inserts: bool = False
    ttl: int | None = None
    timestamp: int | None = None
    is_json: bool = False
    asked: frozenset[str] = frozenset()


@lru_cache(maxsize=1_000)
def read_text(cql: str) -> Text | None:
    """What a statement of a verb says; None where rows are not told by equality, or it cannot be read."""
    from cql_builder import parse_cql  # noqa: PLC0415 - few batches ask
    from cql_builder.ast import ColumnName, Comparison, Delete, Insert, InsertJson, Update  # noqa: PLC0415

    try:
        tree: Any = parse_cql(cql)
    except CqlError:
        return None
    table = (tree.table.name, tree.table.keyspace)
    if isinstance(tree, InsertJson):
        return Text(table, (), {}, *(True, *_using(tree.using, 1)), is_json=True)
    if isinstance(tree, Insert):
        key = {column.name: place for place, column in enumerate(tree.columns)}
        steps = tuple([Step(name, "set", (place,)) for name, place in key.items()])
        return Text(table, steps, key, *(True, *_using(tree.using, len(steps))))
    if not isinstance(tree, Update | Delete):
        return None
    done = list(_steps(tree.assignments if isinstance(tree, Update) else tree.targets))
    before = sum(len(each.places) for each in done)
    # The markers stand in the order of the text: UPDATE t USING … SET …, but DELETE … FROM t USING …
    first, shift = (0, len(tree.using)) if isinstance(tree, Update) else (before, 0)
    steps = tuple([each._replace(places=tuple([place + shift for place in each.places])) for each in done])
    key = {}
    for place, relation in enumerate(tree.where, before + len(tree.using)):
        column = relation.left if isinstance(relation, Comparison) and relation.operator == "=" else None
        if not isinstance(column, ColumnName):
            return None
        key[column.name] = place
    asked = frozenset([_name_of(getattr(condition, "left", None)) for condition in tree.conditions])
    return Text(table, steps, key, *(False, *_using(tree.using, first)), asked=asked)


def _name_of(compared: Any) -> str:
    """The name of the column that is compared, or an element or a field of it."""
    while hasattr(compared, "receiver"):
        compared = compared.receiver
    return str(getattr(compared, "name", ""))


def _using(options: Sequence[Any], first: int) -> tuple[int | None, int | None]:
    """The places of the seconds to live and of the time."""
    from cql_builder.ast import UsingTimestamp, UsingTtl  # noqa: PLC0415 - as above

    ttl = next((place for place, each in enumerate(options, first) if isinstance(each, UsingTtl)), None)
    return ttl, next((place for place, each in enumerate(options, first) if isinstance(each, UsingTimestamp)), None)


def _steps(changes: Sequence[Any]) -> Iterator[Step]:
    """What an UPDATE or a DELETE does; the first marker of all is in place 0."""
    from cql_builder.ast import Assign, Element, Field, Subtract  # noqa: PLC0415 - as above

    place = 0
    for change in changes:
        is_set = isinstance(change, Assign)
        target = change.target if is_set else change
        if isinstance(target, Element):
            width = 2 if is_set else 1
            holder: Any = target.receiver
            yield Step(holder.name, "put" if is_set else "take", tuple(range(place, place + width)))
        elif isinstance(target, Field):
            holder = target.receiver
            width = 1 if is_set else 0
            yield Step(holder.name, "field", tuple(range(place, place + width)), target.name)
        elif is_set:
            width = 1
            yield Step(target.name, "set", (place,))
        elif hasattr(change, "column"):
            width = 1
            yield Step(change.column.name, "remove" if isinstance(change, Subtract) else "add", (place,))
        else:
            width = 0
            yield Step(target.name, "delete", ())
        place += width


class Cells(NamedTuple):
    """What a write does to the cells of a column in a row.

    Attributes:
        cells: by their path, what they get, and how long it lives; of one that is deleted, None. The path of an element
            of a list is known to the server alone.
        replaces: whether what is older goes: the value of a collection is written so.
        deletes: whether what is as old goes, too.
        looks: what the server looks for in the list as it was before the batch: a `value`, a `place`, or nothing.
    """

    cells: Mapping[Hashable, tuple[Any, object]]
    replaces: bool = False
    deletes: bool = False
    looks: str = ""

    @property
    def lives(self) -> bool:
        """Whether a cell has a value."""
        return any(value is not None for value, _ in self.cells.values())


class Writing(NamedTuple):
    """What all statements of one text write into a table.

    Attributes:
        schema: a model of the table.
        said: what the text says.
        key: of each column of the key that it names, in the key's order, the place of its value, and the mark.
        steps: what it does to which columns outside the key.
        rows: whether any of these is not static, or it makes or deletes rows.
        statics: whether any is.
    """

    schema: ModelSchema
    said: Text
    key: tuple[tuple[int, Mark | None], ...]
    steps: tuple[tuple[Column, Step], ...]
    rows: bool
    statics: bool

    @property
    def deletes_rows(self) -> bool:
        """Whether it deletes all rows whose keys begin so."""
        return not (self.said.steps or self.said.inserts)

    def row(self, values: Sequence[Any]) -> tuple[Hashable, ...]:
        """The table and the key of what is written: of a row, or the beginning of it."""
        return (self.said.table, *[hashable(values[at]) if mark is None else mark(values[at]) for at, mark in self.key])

    @property
    def width(self) -> int:
        """How much of a row says which partition it is of: the table, and that part of the key."""
        return 1 + len(self.schema.partition_key)

    def cells(self, values: Sequence[Any], *, static: bool) -> Iterator[tuple[Column | None, Cells]]:
        """What is written into the cells of a row, or of the partition; without column, that there is a row."""
        ttl = None if self.said.ttl is None else values[self.said.ttl]
        if self.said.inserts and not static:
            yield None, Cells({PLAIN: (True, ttl)})
        for column, step in self.steps:
            given = [values[place] for place in step.places]
            if (column.kind == "static") is static and UNSET not in map(_or_none, given):
                yield column, _cells(column.type, step, given, ttl)


def _or_none(value: object) -> object:
    return UNSET if value is UNSET else None


def writing_of(targets: Sequence[Target[Any]], said: Text) -> Writing | None:
    """What a text writes into the table of the models that it is about; None where it is about no row of these."""
    schemas = [each.schema for each in targets if (each.schema.table, each.keyspace) == said.table]
    if not schemas:
        return None
    columns: dict[str, Column] = {}
    for schema in schemas:
        columns = {column.name: column for column in schema.columns} | columns
    first = schemas[0]
    key: list[tuple[int, Mark | None]] = []
    for column in first.key:
        if column.name not in said.key:
            break
        key.append((said.key[column.name], _mark_of_key(first, column)))
    if len(key) < len(first.partition_key):
        return None
    known = [(columns[each.column], each) for each in said.steps if each.column in columns]
    steps = tuple([(column, each) for column, each in known if not column.in_key])
    rows = said.inserts or not said.steps or any(column.kind != "static" for column, _ in steps)
    return Writing(first, said, tuple(key), steps, rows, any(column.kind == "static" for column, _ in steps))


def writing_of_json(targets: Sequence[Target[Any]], said: Text, values: JsonValues) -> Writing | None:
    """The same of an `INSERT … JSON`, whose row the values are then, and what follows its text."""
    names = [column.name for column in values.columns]
    steps = tuple([Step(name, "set", (place,)) for place, name in enumerate(names)])
    key = {name: place for place, name in enumerate(names)}
    more = len(names) - 1
    ttl = None if said.ttl is None else said.ttl + more
    timestamp = None if said.timestamp is None else said.timestamp + more
    return writing_of(targets, Text(said.table, steps, key, inserts=True, ttl=ttl, timestamp=timestamp))


def writing_in(targets: Sequence[Target[Any]], statement: Statement, values: Sequence[Any]) -> Writing | None:
    """What a statement of a batch writes; None where it is about no row of the models, or of several."""
    if len(targets) == 1 and not isinstance(values, JsonValues):
        plans, shape = targets[0].plans, ("cells", statement)
        found: Writing | None = plans.known(shape)
        return found or plans.get(shape, lambda: _read(targets, statement, values))
    return _read(targets, statement, values)


def _read(targets: Sequence[Target[Any]], statement: Statement, values: Sequence[Any]) -> Writing | None:
    said = read_text(statement.cql)
    if said is None:
        return None
    if said.is_json:
        return writing_of_json(targets, said, values) if isinstance(values, JsonValues) else None
    return writing_of(targets, said)


def _mark_of_key(schema: ModelSchema, column: Column) -> Mark | None:
    """The mark of a value of the key, as a driver takes it; None where Python compares as the server does."""
    equality = schema.equalities[column]
    # A partition is found by the bytes of its key, and a row of it by its place in their order.
    mark = equality.stored if column.kind == "partition_key" else equality.element
    return None if mark is None else lambda value: mark(as_field(column, value))


def _cells(held: ColumnType, step: Step, given: Sequence[Any], ttl: object) -> Cells:
    value = given[-1] if given else None
    if step.operation == "delete":
        return Cells({}, deletes=True)
    if not held.is_changing:
        return _NOTHING if step.operation in ("add", "remove") else Cells({PLAIN: (value, ttl)})  # counters
    if step.operation == "field":
        return Cells({step.field: (value, ttl)})
    if held.user_type is not None:
        parts: dict[str, Any] = value or {}
        there: dict[Hashable, Any] = {name: (each, ttl) for name, each in parts.items() if each is not None}
        return Cells(there, replaces=True)
    if held.collection == "list":
        return _cells_of_list(step, value, ttl)
    path = _path_of(held)
    if step.operation in ("take", "remove"):
        gone: Iterable[Any] = given if step.operation == "take" else given[0]
        return Cells({path(each): (None, None) for each in gone})
    if step.operation == "put":
        return Cells({path(given[0]): (value, ttl)})
    entries: dict[Any, Any] = (value or {}) if held.collection == "map" else dict.fromkeys(value or (), True)
    return Cells({path(key): (each, ttl) for key, each in entries.items()}, replaces=step.operation == "set")


_NOTHING: Final = Cells({})


def _cells_of_list(step: Step, value: Any, ttl: object) -> Cells:
    if step.operation == "remove":
        return Cells({}, looks="value")
    if step.operation in ("take", "put"):
        return Cells({} if step.operation == "take" else {object(): (value, ttl)}, looks="place")
    return Cells({object(): (each, ttl) for each in value or ()}, replaces=step.operation == "set")


def _path_of(held: ColumnType) -> Callable[[Any], Hashable]:
    """What makes, of an element of a set or of a key of a map, what is equal for the same ones."""
    mark, decode = equality_of(held).parts[0].element, held.elements[0].decode
    if mark is None:
        return hashable
    return mark if decode is None else lambda key: mark(decode(key))
