"""What a document holds, and knows of its row, after a write; and what it held before one that was not made."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import WeakValueDictionary

from coodie._model.base import table_schema
from coodie._model.copies import twin_of
from coodie._model.extract import encode_value
from coodie._model.hooking import run_hooks, run_hooks_behind
from coodie._model.tracking import (
    InDoubt,
    RowSlot,
    as_field,
    know_changed,
    know_nothing,
    know_put,
    know_there,
    known_of,
    lets_know,
    perhaps_of,
)
from coodie._model.under_way import Noted, assigned_since, changing
from coodie._ops.batches import BatchState
from coodie._ops.changed import UNREAD, Changes, changes_made, read_changes
from coodie._ops.placing import know_sent
from coodie._query.assignments import FieldAssignment
from coodie._query.keywords import keywords_of
from coodie.errors import may_be_applied
from coodie.results import LWTResult
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.values import UNSET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from coodie._model.base import DocumentBase
    from coodie._model.under_way import Since
    from coodie._ops.changed import Made, Value
    from coodie._query.assignments import Assignment
    from coodie._query.options import Collector, WriteOptions
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie_drivers.operations import Op


D = TypeVar("D", bound="DocumentBase")


@lets_know
def settle(target: Target[Any], document: DocumentBase, then: Since, changes: Changes) -> None:
    """Make the document what its row now is, where it is not that already, and let it know so.

    What the program has done to it since the write began stays.
    """
    _remember(target, document, then, changes)
    _know(target, document, then, changes)


class _Gone(list[tuple[str, object, object]]):
    """What hooks have assigned to a document and was taken back while others had assigned since: over what it was."""

    __slots__ = ("__weakref__",)


_GONE: WeakValueDictionary[int, _Gone] = WeakValueDictionary()
"""The same by the document's id, as long as a write of it is under way."""

_UNCHANGING: Final = (str, bytes, int, float)
"""Of which a value is as good as an equal one."""

NOTHING_WRITTEN: Final = LWTResult(applied=True)
"""The answer of a write that is part of another one, and had nothing to write."""

_NOTHING: Final = object()
"""Stands for the value of a field that a document does not have."""


class Hooked:
    """What hooks have assigned for a write, so that it can be taken back where the write was not made.

    Several writes of one document may be under way, and end in any order.

    Attributes:
        overridden: of the fields that are given for the write the values of those that hooks have assigned to, or
            changed in place.
    """

    __slots__ = ("_after", "_before", "_document", "_gone", "_moments", "_seen", "overridden")

    def __init__(
        self,
        document: DocumentBase,
        hooks: Mapping[str, tuple[str, ...]],
        event: str,
        batch: Collector | None = None,
        given: Mapping[Column, object] | None = None,
    ) -> None:
        """Run the hooks of an event that comes before a write; what they assigned is taken back where one raises.

        It is also taken back where the batch that takes the write does not make it.

        Args:
            document: the document.
            hooks: the hooks of its model.
            event: the event.
            batch: what takes the write.
            given: what the write puts into fields; the document has it while the hooks run, and no longer.
        """
        self._document = document
        self._before: dict[str, Any] = dict(vars(document))
        self._moments = dict(_moments_of(document))
        self._gone = _GONE.setdefault(id(document), _Gone())
        self._seen = len(self._gone)
        self.overridden: dict[str, Any] = {}
        shown: Mapping[Column, object] = {} if given is None else given
        vars(document).update({column.field: value for column, value in shown.items()})
        inside = changing(document, type(document).__name__, shown)
        try:
            run_hooks(document, hooks, event)
        except BaseException:
            self._after: dict[str, Any] = dict(vars(document))
            self.take_back()
            raise
        for column, value in shown.items():
            self._withdraw(column, value, inside)
        self._forget_the_same()
        self._after = dict(vars(document))
        if batch is not None:
            batch.unless_sent(self.take_back)

    def assigned(self) -> dict[str, Any]:
        """The fields that hooks have assigned to, and their values."""
        before = self._before
        return {name: value for name, value in self._after.items() if name not in before or value is not before[name]}

    def take_back(self, error: BaseException | None = None) -> None:
        """Take back what hooks have assigned; not where the program has assigned something else since.

        A key stays where the `error` of the write does not say that it was not made: there may be a row of that key
        now, which the next write is to find.
        """
        held: dict[str, Any] = vars(self._document)
        schema = table_schema(type(self._document))
        stays = {each.field for each in schema.key} if error is not None and may_be_applied(error) else ()
        for name, value in self.assigned().items():
            if name in stays:
                continue
            if name in held and held[name] is value:
                self._restore(name)
            else:
                self._gone.append((name, value, self._was(name)))

    def _forget_the_same(self) -> None:
        """Take no note of what hooks have assigned that was there already, as `self.title = self.title.strip()` may."""
        held: dict[str, Any] = vars(self._document)
        moments = _moments_of(self._document)
        for name, moment in [*moments.items()]:
            before = self._moments.get(name)
            if moment == before or not _is_as_it_was(held.get(name, _NOTHING), self._before.get(name)):
                continue
            if before is None:
                del moments[name]
            else:
                moments[name] = before

    def _withdraw(self, column: Column, value: object, inside: Mapping[Column, object]) -> None:
        """Take a given value out of the document again, until it is written, or note what hooks have made of it."""
        held: dict[str, Any] = vars(self._document)
        now = held.get(column.field, value)
        if now is value and changing(self._document, type(self._document).__name__, [column]).get(column) == inside.get(
            column
        ):
            self._restore(column.field)
        else:
            self.overridden[column.field] = now

    def _restore(self, name: str) -> None:
        """Let a field be what it was before; for other writes under way, nobody has assigned to it."""
        held: dict[str, Any] = vars(self._document)
        held[name] = was = self._was(name)
        if was is _NOTHING:
            del held[name]
        moments = _moments_of(self._document)
        if name in self._moments:
            moments[name] = self._moments[name]
        else:
            moments.pop(name, None)

    def _was(self, name: str) -> object:
        """What a field was before, without what other writes have taken back since."""
        was: object = self._before.get(name, _NOTHING)
        for field, assigned, under in self._gone[self._seen :]:
            if field == name and assigned is was:
                was = under
        return was


def _is_as_it_was(now: object, before: object) -> bool:
    return now is before or (now.__class__ is before.__class__ and isinstance(now, _UNCHANGING) and now == before)


def _moments_of(document: DocumentBase) -> dict[str, int]:
    """When the fields of a document were last assigned to, as far as that is noted."""
    noted: Any = document.__pydantic_fields_set__
    return noted.moments if noted.__class__ is Noted else {}


def hooked_update(
    target: Target[D], document: D, changes: Mapping[str, object], options: WriteOptions
) -> tuple[Hooked, Mapping[Assignment, Value]]:
    """Run the hooks that come before an update, which see the fields as the update sets them; give what was read."""
    read = UNREAD
    if changes and "before_update" in target.hooks:
        read = read_changes(target, document, changes).by_assignment()
    given = {each.column: held for each, (held, _) in read.items() if each.operation == "set"}
    return Hooked(document, target.hooks, "before_update", options.batch, given), read


def saving(
    target: Target[D], document: D, options: WriteOptions, write: Callable[[], Op[LWTResult | None]]
) -> Op[LWTResult | None]:
    """Make a write that saves a document, and run the hooks before and behind it.

    What those before it have assigned is taken back where the write is not known to be made.

    Args:
        target: the model and its table.
        document: the document.
        options: how it is written.
        write: writes the document as the hooks have left it, and runs none; the answer is `NOTHING_WRITTEN` where
            there was nothing to write, behind which no hooks run.
    """
    hooked: Hooked | None = None
    if "before_save" in target.hooks:
        hooked = Hooked(document, target.hooks, "before_save", options.batch)
    try:
        result = yield from write()
    except BaseException as error:
        if hooked is not None:
            hooked.take_back(error)
        raise
    if result is NOTHING_WRITTEN:
        return None
    if result is None or result.applied:
        run_after(target, document, options, "after_save")
    elif hooked is not None:
        hooked.take_back()
    return result


def run_after(target: Target[D], document: D, options: WriteOptions, event: str) -> None:
    """Run the hooks that follow upon a write: now, or when the batch was sent that took it."""
    if options.batch is None:
        run_hooks_behind(document, target.hooks, event)
    elif event in target.hooks:
        options.batch.afterwards(lambda: run_hooks(document, target.hooks, event))


def made_of(  # noqa: PLR0913 - what an update is made of
    target: Target[Any],
    document: DocumentBase,
    hooked: Hooked | None,
    changes: Mapping[str, object],
    batch: Collector | None,
    *,
    skips: bool = False,
) -> Made:
    """What changed in a document, or what hooks have assigned besides what is given by keyword, or instead of it.

    Of what changed, where nulls are left as they are in the table (`skips`), all but them.
    """
    if not changes:
        if batch is None:
            return changes_made(target, document, skips=skips)
        made = changes_made(target, as_batched(document, batch), skips=skips)
        _refuse_named(target, document, batch, made)
        return made
    if hooked is None:
        return ()
    by_name = target.schema.by_name
    given = {by_name.get(keyword) for keyword in not_overridden(target, hooked, changes)}
    table = keywords_of(target.model).assignments
    assigned = hooked.assigned() | hooked.overridden
    columns = [(column, value) for name, value in assigned.items() if (column := by_name.get(name))]
    return [(table.whole(column), value) for column, value in columns if not column.in_key and column not in given]


def not_overridden(target: Target[Any], hooked: Hooked | None, changes: Mapping[str, object]) -> Mapping[str, object]:
    """What is given by keyword, but for the fields that hooks have assigned something else to."""
    if hooked is None or not hooked.overridden:
        return changes
    columns = {target.schema.by_name[name] for name in hooked.overridden}
    return {name: value for name, value in changes.items() if target.schema.by_name.get(name) not in columns}


def _refuse_named(target: Target[Any], document: DocumentBase, batch: Collector, made: Made) -> None:
    """Refuse to write what changed in a field that an update of the same batch names: both come at the same moment.

    It has changed, too, where the program has put back since what the row has.

    Raises:
        InvalidQueryError: names the field.
    """
    named: dict[Column, Since] = {}
    for call, args in batch.calls_with(document) if isinstance(batch, BatchState) else ():
        if call is settle and isinstance(changes := args[-1], Changes):
            then: Any = args[2]
            named.update({each.column: then for each in changes.assignments[: changes.given]})
    changed = {assignment.column for assignment, _ in made}
    schema = target.schema
    twice = next(
        (each for each, then in named.items() if each in changed or assigned_since(document, schema, each, then)), None
    )
    if twice is not None:
        problem = f"{target.schema.model}.{twice.field} has changed, and an update of this batch gives it by name"
        raise InvalidQueryError(f"{problem}; leave one of them out, or write one behind the batch")


def as_batched(document: D, batch: Collector) -> D:
    """The document with what it will know of its row when a batch was sent; the very same where that is nothing new.

    What is to become of it then, by updates that name fields, is not yet to be seen: it holds other values.
    """
    found: D | None = None
    for call, args in batch.calls_with(document) if isinstance(batch, BatchState) else ():
        seen = _seen(call, args)
        if seen is None:
            continue
        found = twin_of(document) if found is None else found
        call(*(found if each is document else each for each in seen))
    return document if found is None else found


def _seen(call: Callable[..., object], args: tuple[object, ...]) -> tuple[object, ...] | None:
    """With what a call lets a document know of its row, and changes nothing else of it; None where it does not.

    Of an update that names fields that is what it writes beside them, as hooks have assigned it.
    """
    if call is settle:
        besides = args[-1].besides() if isinstance(args[-1], Changes) else None
        return None if besides is None or not besides.assignments else (*args[:-1], besides)
    return args if call in (RowSlot.write, know_nothing, know_there, know_sent) else None


def _remember(target: Target[Any], document: DocumentBase, then: Since, changes: Changes) -> None:
    """Change the document past Pydantic's own setter, which a frozen model refuses."""
    held: dict[str, Any] = vars(document)
    fields_set = document.__pydantic_fields_set__
    for assignment, value in zip(changes.assignments[: changes.given], changes.held, strict=False):
        field = assignment.column.field
        if assignment.operation == "set":
            if assigned_since(document, target.schema, assignment.column, then):
                continue
            held[field] = value
        elif field in held:
            held[field] = assignment.applied(held[field], value)
        else:
            continue  # it was not fetched, and what was added to it is not all that it has
        fields_set.update((field,))  # `add` is noted as the program's own assignment


def _know(target: Target[Any], document: DocumentBase, then: Since, changes: Changes) -> None:
    """Keep what the row has now: of a collection what was written, and not what else became of the field."""
    known = known_of(document, target.schema)
    if known is None:
        if target.schema.skips_nulls or perhaps_of(document) is not None:
            know_put(document, target, then.key, dict(_put(changes)))
        return
    row = dict(zip(known.columns, known.row, strict=True))
    written: dict[Column, Any] = {}
    sending = iter(changes.sent)
    for assignment in changes.assignments:
        column = assignment.column
        sent = tuple(islice(sending, assignment.width))
        if sent[0] is UNSET:
            continue
        if assignment.operation == "set":
            written[column] = sent[0]
        elif row.get(column).__class__ is InDoubt:
            continue  # and stays so
        elif column in row and isinstance(assignment, FieldAssignment):
            written[column] = assignment.stored(written.get(column, row[column]), sent[0])
        elif column in row:
            # By what was sent: the program may have changed what it gave, or what it holds, since.
            now = assignment.applied(as_field(column, written.get(column, row[column])), assignment.as_field(*sent))
            written[column] = encode_value(target.schema.model, column, now)
    know_changed(document, target.schema, [*written], [*written.values()])


def _put(changes: Changes) -> Iterator[tuple[Column, object]]:
    """What an update puts into columns of which nothing is known; in those it changes in place there may be more."""
    sending = iter(changes.sent)
    for assignment in changes.assignments:
        column = assignment.column
        sent = tuple(islice(sending, assignment.width))
        if sent[0] is UNSET or assignment.operation == "remove":
            continue
        if assignment.operation == "set":
            yield column, sent[0]
        elif assignment.width > 1 or not column.is_null(sent[0]):
            yield column, InDoubt(None)
