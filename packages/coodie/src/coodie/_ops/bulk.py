"""Bulk verbs: many documents saved, inserted, updated or deleted, chunk by chunk, and what became of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from coodie._model.base import DocumentBase, table_schema
from coodie._model.extract import compile_extractor
from coodie._model.hooking import follows_a_write
from coodie._ops import counters, saves, writes
from coodie._ops.grouping import Grouping
from coodie._ops.many import Strand, alone, side_by_side
from coodie._ops.placing import refuse_unnamed
from coodie._ops.query_writes import guard_of, options_of, refuse_view
from coodie._ops.refusals import EXPLAINED, with_way_out
from coodie._query.choosing import whole_number
from coodie._query.heeding import refuse_unheeded
from coodie.errors import InvalidValueError, may_be_applied
from coodie.lazy import LazyDocument
from coodie.results import BulkResult, BulkWriteError, LWTResult
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Hashable, Iterable, Iterator, Sequence

    from coodie._query.options import WriteOptions
    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie._schema.columns import ModelSchema
    from coodie._schema.equality import Mark
    from coodie_drivers.operations import Op

D = TypeVar("D", bound="DocumentBase")
Written = LWTResult | None

CHUNK = 500
"""How many documents are taken from the iterable and written before more are taken."""

MOST_AT_ONCE = 1_024
"""How many requests may be under way at once: one connection takes 32,768, a blocking caller has a thread for each."""


class Bulk:
    """One call of a bulk verb.

    Attributes:
        verb: its name.
        result: what became of the documents so far.
    """

    __slots__ = ("_at_once", "_batched", "_changes", "_stops", "_unsent", "result", "verb")

    def __init__(
        self,
        verb: str,
        *,
        at_once: int,
        stops: bool,
        batched: bool = False,
        changes: Mapping[str, object] | None = None,
    ) -> None:
        """Start with nothing written.

        Raises:
            InvalidQueryError: an argument is out of range.
        """
        whole_number(f"{verb}(at_once=...)", at_once, MOST_AT_ONCE)
        for name, given in (("stop_on_error", stops), ("batched", batched)):
            if type(given) is not bool:
                raise InvalidQueryError(f"{verb}({name}=...) is True or False")
        self.verb = verb
        self.result = BulkResult()
        self._unsent: set[int] = set()
        self._at_once = at_once
        self._stops = stops
        self._batched = batched
        self._changes = changes or {}

    def write(self, target: Target[D], state: QueryState, documents: Sequence[D]) -> Op[None]:
        """Write the documents of one chunk.

        Raises:
            InvalidQueryError: the verb cannot write these documents, or does not heed what the query says.
            BulkWriteError: a document was not written.
        """
        self._check(target, state)
        # Each document reads the changes anew. Behind the check: a verb that is refused takes nothing of an iterator.
        self._changes = {name: _materialized(value) for name, value in self._changes.items()}
        options = options_of(state)
        options.guard = guard_of(state)
        operations = [self._operation(target, document, options) for document in documents]
        bundled = Grouping([self._key(target, each) for each in documents], options) if self._batched else alone
        strands = yield from side_by_side(operations, self._at_once, stops=self._stops, bundled=bundled)
        self._take(target, strands, documents)

    @contextmanager
    def interruptible(self, target: Target[Any], taken: Sequence[object] = ()) -> Generator[None]:
        """Run code of the caller; what it raises does not hide what was written before.

        Args:
            target: the model and its table.
            taken: the documents that it has given when it raises; they are not begun.

        Raises:
            BulkWriteError: it raised, and documents were written before.
        """
        try:
            yield
        except Exception as error:
            count = self.result.count
            if not count:
                raise
            left = frozenset(range(count, count + len(taken)))
            self.result = replace(self.result, count=count + len(taken), left=left)
            raise BulkWriteError(
                target.schema.model, [], [], len(left), self.result, unsent=self._unsent, interrupted_by=error
            ) from error

    def _check(self, target: Target[Any], state: QueryState) -> None:
        model = target.schema.model
        refuse_view(target, self.verb)
        refuse_unheeded(model, state, self.verb)
        if target.schema.version is not None and state.more.conditions:
            fix = "leave iff() out, or update one document with if_conditions"
            raise InvalidQueryError(f"{self.verb}() of {model} asks about the version of each document already; {fix}")
        if not target.model.__coodie_counters__:
            refused = "a condition" if self._batched and guard_of(state) else None
        elif self.verb != "delete_many":
            counters.refuse_write(self.verb, model)
        else:
            refused = "counters" if self._batched else None
        if refused is not None:
            raise InvalidQueryError(f"{self.verb}(batched=True) of {model} does not go with {refused}; leave it out")

    def _operation(self, target: Target[D], document: D, options: WriteOptions) -> Op[Written]:
        given: object = document
        if type(given) is not target.model and not _is_of_family(target, given):
            yield from ()
            model, name = target.schema.model, type(given).__name__
            fix = f"make it one by {model}(...), or leave it out"
            if isinstance(given, LazyDocument):
                fix = "its resolve() is one"
            elif _is_document(given):
                fix = f"QuerySet({name}).{self.verb}() writes documents of a model of that name"
            raise InvalidQueryError(f"{self.verb}() of {model} takes documents of {model}, not {name}; {fix}")
        refuse_unnamed(target, document, self.verb)
        target = _own_target(target, document)
        if self.verb == "save_many":
            yield from saves.save(target, document, options)
            return None
        if self.verb == "insert_many":
            return (yield from saves.insert(target, document, options))
        if self.verb == "update_many":
            return (yield from writes.update(target, document, self._changes, options))
        return (yield from writes.delete(target, document, options))

    def _key(self, target: Target[D], document: D) -> tuple[Hashable, Hashable] | None:
        """The partition key and the whole key of a document; None where its write is not to be sent with others."""
        target = _own_target(target, document)
        schema = target.schema
        if self.verb != "delete_many" and any(column.kind == "static" for column in schema.columns):
            return None  # two rows of a batch would mix what they say of the partition
        extract = target.plans.get(("row key",), lambda: compile_extractor(schema.model, schema.key))
        marks = target.plans.get(("row key marks",), lambda: _marks(schema))
        try:
            key = extract(document)
            for place, mark in marks:  # of what Python compares otherwise than a server does
                key = (*key[:place], mark(vars(document)[schema.key[place].field]), *key[place + 1 :])
            hash(key)
        except (TypeError, AttributeError, InvalidValueError):
            return None
        return key[: len(schema.partition_key)], key

    def _take(self, target: Target[Any], strands: Sequence[Strand[Written]], documents: Sequence[DocumentBase]) -> None:
        """Add what became of a chunk to the result.

        Raises:
            BulkWriteError: a document was not written, and that is to be said at once.
        """
        before = self.result
        # Those of all chunks: they grow, and are not copied.
        rejected, failed, hook_errors = before.rejected, before.failed, before.hook_errors
        for place, strand in enumerate(strands, before.count):
            if strand.error is not None and follows_a_write(strand.error):
                hook_errors[place] = strand.error
            elif strand.error is not None:
                failed[place] = _explained(target, strand.error)
                if not strand.sent:
                    self._unsent.add(place)
            elif strand.answer is not None and not strand.answer.applied:
                rejected[place] = strand.answer
        left = frozenset(before.count + strand.place for strand in strands if not strand.ended)
        self.result = BulkResult(before.count + len(strands), rejected, failed, left, hook_errors)
        if self._stops and (failed or hook_errors):
            raise self._failure(target, documents, before)

    def _failure(self, target: Target[Any], documents: Sequence[DocumentBase], before: BulkResult) -> Exception:
        """The error for a chunk; what was wrong with the first document, where nothing was written at all."""
        result = self.result
        first = next(iter((result.failed or result.hook_errors).values()))
        nothing = result.count == len(result.failed) + len(result.left)
        if nothing and isinstance(first, InvalidQueryError) and _says_all(first, result.failed.values()):
            return first
        by_field = {place: _key_by_field(target, document) for place, document in enumerate(documents, before.count)}
        written = [key for place, key in by_field.items() if result.outcome_of(place) == "written"]
        failed = [(by_field[place], error) for place, error in result.failed.items()]
        error = BulkWriteError(target.schema.model, written, failed, len(result.left), result, unsent=self._unsent)
        error.__cause__ = first
        return error


def _materialized(value: object, depth: int = 0) -> object:
    """What is given with lists for the iterators in it, which would give their elements to the first document alone."""
    if hasattr(value.__class__, "__next__"):
        return [_materialized(each, depth + 1) for each in cast("Iterator[object]", value)]
    if depth == _DEEPEST:  # no column holds as much; a list that holds itself has no end
        return value
    if isinstance(value, Mapping):
        entries = cast("Mapping[object, object]", value)
        held = {key: _materialized(each, depth + 1) for key, each in entries.items()}
        return entries if all(held[key] is each for key, each in entries.items()) else held
    if not isinstance(value, _HOLDERS):
        return value
    pairs = [(each, _materialized(each, depth + 1)) for each in cast("Collection[object]", value)]
    if all(made is each for each, made in pairs):
        return value
    elements = [made for _, made in pairs]
    return tuple(elements) if isinstance(value, tuple) else elements


_HOLDERS: Final[tuple[type, ...]] = (list, tuple, set, frozenset, deque)
_DEEPEST: Final = 20
"""What holds other values, and how deep it is looked into."""


def _says_all(first: Exception, failures: Iterable[Exception]) -> bool:
    """Whether the first failure is not surer than the others that nothing was changed."""
    return may_be_applied(first) or not any(map(may_be_applied, failures))


def _is_of_family(target: Target[Any], given: object) -> bool:
    """Whether it is of a class that is derived from the model and has its table."""
    return target.schema.family is not None and issubclass(type(given), target.model)


def _marks(schema: ModelSchema) -> list[tuple[int, Mark]]:
    """The marks of the columns of a key that have some, with their places."""
    equalities = [schema.equalities[column] for column in schema.key]
    in_partition = len(schema.partition_key)
    marks = [each.stored if place < in_partition else each.element for place, each in enumerate(equalities)]
    return [(place, mark) for place, mark in enumerate(marks) if mark is not None]


def _own_target(target: Target[D], document: D) -> Target[D]:
    """Where a document of a family is written: in the same table, as its own class says."""
    model = type(document)
    if model is target.model or not _is_of_family(target, document):
        return target
    return target.plans.get(("of family", model), lambda: target.of(model, table_schema(model)))


def _is_document(given: object) -> bool:
    return issubclass(type(given), DocumentBase)


def _key_by_field(target: Target[Any], document: DocumentBase) -> dict[str, object]:
    held: dict[str, object] = getattr(document, "__dict__", {})
    return {column.field: held.get(column.field) for column in target.schema.key}


def _explained(target: Target[Any], error: Exception) -> Exception:
    """The error with what to do about it, where that is known."""
    explained = with_way_out(error, (target,)) if isinstance(error, EXPLAINED) else None
    return error if explained is None else explained
