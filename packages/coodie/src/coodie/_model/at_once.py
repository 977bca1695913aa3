"""Writes of one document that are under way at once: which of them a server takes last, none of them can know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakValueDictionary

from coodie._model.tracking import InDoubt, before_doubt, know_changed, know_nothing, known_values

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from pydantic import BaseModel

    from coodie._schema.columns import Column, ModelSchema

_NONE: frozenset[Column] = frozenset()


class Writing:
    """A write of a document that is under way: see `begin_writing`.

    Attributes:
        columns: what it writes, the key perhaps among it.
        deletes: whether it deletes the row.
        made: whether a deletion was made, as far as anybody knows.
        met: of the columns, what other writes of the document that were under way meanwhile have written as well.
        deletions: those of the others that delete the row.
        ended: whether it is over.
    """

    __slots__ = ("columns", "deletes", "deletions", "ended", "made", "met")

    columns: Collection[Column]
    deletes: bool
    made: bool
    met: frozenset[Column]
    deletions: tuple[Writing, ...]
    ended: bool

    def meet(self, other: Writing) -> None:
        """Take note that another one is under way, and let that do so."""
        # Of many saves of one document each meets all others, and has met all of its columns after the first of them.
        if len(self.met) < len(self.columns) or len(other.met) < len(other.columns):
            both = {each for each in self.columns if each in other.columns}
            self.met |= both
            other.met |= both
        if other.deletes:
            self.deletions += (other,)
        if self.deletes:
            other.deletions += (self,)


class WritingMany:
    """The writes of a batch that is under way; those of a document are found where another one begins, or is there.

    Attributes:
        columns_of: what the batch writes of a document; nothing where that is not in it.
        deletes: whether it deletes the row of a document.
        writings: the writes of the documents that were written by others meanwhile, by id.
    """

    __slots__ = ("columns_of", "deletes", "writings")

    def __init__(
        self, columns_of: Callable[[BaseModel], Collection[Column]], deletes: Callable[[BaseModel], bool]
    ) -> None:
        """Hold what is asked; see `begin_batch`."""
        self.columns_of = columns_of
        self.deletes = deletes
        self.writings: dict[int, tuple[Any, Writing]] = {}

    def meet(self, document: BaseModel, other: Writing) -> None:
        """Take note that another one writes a document, and let that do so, where the batch writes it, too."""
        own = self.writing_of(document)
        if own is not None:
            own.meet(other)

    def was_made(self) -> None:
        """Take note that its writes were made, or may be, before their documents know so."""
        for _, writing in self.met():
            writing.made = True

    def met(self) -> list[tuple[Any, Writing]]:
        """The documents that others have written meanwhile, with the batch's own write of each."""
        return [*self.writings.values()]  # as they are now: there may be more while somebody goes through them

    def writing_of(self, document: BaseModel) -> Writing | None:
        """What the batch writes of a document; None where that is not in it."""
        columns = self.columns_of(document)
        if not columns:
            return None
        _, writing = self.writings.setdefault(
            id(document), (document, _writing(columns, deletes=self.deletes(document)))
        )
        return writing


_UNDER_WAY: dict[int, list[Writing]] = {}
"""The writes that are under way of a document, by its id: each of them holds its document."""

_BATCHES: list[WritingMany] = []
"""The batches that are under way."""


class Waiting(Protocol):
    """A batch that collects writes of documents, which is to be sent."""

    def columns_of(self, document: BaseModel) -> Collection[Column]:
        """What the batch will write of a document; nothing where that is not in it."""
        ...


_WAITING: WeakValueDictionary[int, Waiting] = WeakValueDictionary()
"""The batches that collect writes, by their id, as long as somebody may send them."""

_new: Any = object.__new__


def begin_writing(document: BaseModel, columns: Collection[Column], *, deletes: bool = False) -> Writing:
    """Count a write among those of a document that are under way, until `end_writing`.

    Args:
        document: the document.
        columns: what is written.
        deletes: whether the row is deleted by that.
    """
    writing: Writing = _new(Writing)  # as `_writing` does, which is a call more
    writing.columns, writing.met, writing.deletions = columns, _NONE, ()
    writing.deletes, writing.made, writing.ended = deletes, False, False
    alone = [writing]
    if _UNDER_WAY.setdefault(id(document), alone) is not alone:
        _join(id(document), writing)
    if _BATCHES:
        for batch in [*_BATCHES]:
            batch.meet(document, writing)
    return writing


def _writing(columns: Collection[Column], *, deletes: bool) -> Writing:
    writing: Writing = _new(Writing)
    writing.columns, writing.met, writing.deletions = columns, _NONE, ()
    writing.deletes, writing.made, writing.ended = deletes, False, False
    return writing


def end_writing(document: BaseModel, writing: Writing) -> None:
    """Count it no more; `doubt_met` is for what it has met."""
    key = id(document)
    writing.ended = True
    group = _UNDER_WAY.get(key)
    if group is not None and len(group) == 1 and group[0] is writing:
        taken = _UNDER_WAY.pop(key, group)
        if taken is not group or len(group) > 1:
            _join_again(key, taken)
    elif group is not None:
        _leave(key, group, writing)


def columns_under_way(document: BaseModel) -> set[Column]:
    """The columns of a document that are being written, the key perhaps among them."""
    found = {column for each in _writings_of(id(document)) for column in each.columns}
    for batch in [*_BATCHES]:
        found.update(batch.columns_of(document))
    return found


def columns_to_come(document: BaseModel) -> set[Column]:
    """The columns of a document that are being written, or that a batch will write, the key perhaps among them."""
    found = columns_under_way(document)
    for each in _WAITING.valuerefs():
        batch = each()
        if batch is not None:
            found.update(batch.columns_of(document))
    return found


def wait_to_be_sent(batch: Waiting) -> None:
    """Count a batch among those that collect writes."""
    _WAITING[id(batch)] = batch


def begin_batch(batch: WritingMany, documents: Iterable[BaseModel]) -> None:
    """Count a batch among what is under way, until `end_batch`.

    Args:
        batch: the batch.
        documents: those that are in it, which are looked at where any other write is under way.
    """
    _BATCHES.append(batch)
    if _UNDER_WAY or len(_BATCHES) > 1:
        for document in documents:
            for writing in _writings_of(id(document)):
                batch.meet(document, writing)
            for other in [*_BATCHES]:
                if other is not batch and (writing_of := other.writing_of(document)) is not None:
                    batch.meet(document, writing_of)


def end_batch(batch: WritingMany) -> None:
    """Count it no more, if it was."""
    if batch in _BATCHES:
        _BATCHES.remove(batch)


def doubt_met(document: BaseModel, schema: ModelSchema, writing: Writing) -> None:
    """Let a document doubt what its row has in columns that writes at once have written; hardly ever are there any.

    Where one of them was a deletion there may be no row, and nothing is known of it: an update of all columns would not
    make it anew where these are nulls.
    """
    if not writing.met:
        return
    if any(each.made for each in writing.deletions):
        know_nothing(document)
        return
    known = known_values(document, schema)
    doubted: dict[Column, Any] = {
        column: InDoubt(before_doubt(known[column]))
        for column in writing.met
        if column in known and not (column.in_key or column.versions)
    }
    know_changed(document, schema, [*doubted], [*doubted.values()])


def _writings_of(key: int) -> list[Writing]:
    return [*_UNDER_WAY.get(key, ())]


# Threads may come to one document at once. What follows leaves nobody out, and nobody behind who has ended, between
# whichever steps they take turns: who has joined looks whether the group is still the one that others find, and who has
# taken a group away looks whether anybody has joined it.


def _join(key: int, writing: Writing) -> None:
    alone = [writing]
    while (group := _UNDER_WAY.setdefault(key, alone)) is not alone:
        if writing not in group:
            group.append(writing)
        for each in [*group]:
            if each is not writing:
                writing.meet(each)
        if _UNDER_WAY.get(key) is group:
            return


def _leave(key: int, group: list[Writing], writing: Writing) -> None:
    while writing in group:
        group.remove(writing)
    if not group:
        _join_again(key, _UNDER_WAY.pop(key, group))


def _join_again(key: int, group: list[Writing]) -> None:
    for each in [*group]:
        if not each.ended:
            _join(key, each)
        if each.ended and (found := _UNDER_WAY.get(key)) is not None and each in found:
            _leave(key, found, each)
