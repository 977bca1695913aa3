"""Writes of one document that are under way at once: which of them a server takes last, none of them can know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._model.tracking import InDoubt, before_doubt, know_changed, known_values

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from coodie._model.base import DocumentBase
    from coodie._schema.columns import Column, ModelSchema

_NONE: frozenset[Column] = frozenset()


class Writing:
    """A write of a document that is under way: see `begin_writing`.

    Attributes:
        columns: what it writes, the key perhaps among it.
        met: of that, what other writes of the document that were under way meanwhile have written as well.
        ended: whether it is over.
    """

    __slots__ = ("columns", "ended", "met")

    columns: Sequence[Column]
    met: frozenset[Column]
    ended: bool

    def meet(self, columns: Collection[Column]) -> None:
        """Take note that another one writes these columns."""
        self.met |= {each for each in self.columns if each in columns}


class WritingMany:
    """The writes of a batch that is under way; those of a document are found where another one begins, or is there.

    Attributes:
        columns_of: what the batch writes of a document; nothing where that is not in it.
        met: the documents that were written by others meanwhile, by id, each with the columns.
    """

    __slots__ = ("columns_of", "met")

    def __init__(self, columns_of: Callable[[DocumentBase], Collection[Column]]) -> None:
        """Begin to write."""
        self.columns_of = columns_of
        self.met: dict[int, tuple[DocumentBase, frozenset[Column]]] = {}

    def meet(self, document: DocumentBase, columns: Collection[Column]) -> frozenset[Column]:
        """Take note that another one writes these columns of a document; return those that the batch writes, too."""
        own = self.columns_of(document)
        both = frozenset([each for each in columns if each in own])
        if both:
            _, met = self.met.get(id(document), (document, _NONE))
            self.met[id(document)] = document, met | both
        return both


_UNDER_WAY: dict[int, list[Writing]] = {}
"""The writes that are under way of a document, by its id: each of them holds its document."""

_BATCHES: list[WritingMany] = []
"""The batches that are under way."""

_new: Any = object.__new__


def begin_writing(document: DocumentBase, columns: Sequence[Column]) -> Writing:
    """Count a write among those of a document that are under way, until `end_writing`."""
    writing: Writing = _new(Writing)  # filled in: that costs a third of a call of its class
    writing.columns, writing.met, writing.ended = columns, _NONE, False
    alone = [writing]
    if _UNDER_WAY.setdefault(id(document), alone) is not alone:
        _join(id(document), writing)
    if _BATCHES:
        for batch in [*_BATCHES]:
            writing.met |= batch.meet(document, columns)
    return writing


def end_writing(document: DocumentBase, writing: Writing) -> None:
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


def columns_under_way(document: DocumentBase) -> set[Column]:
    """The columns of a document that are being written, the key perhaps among them."""
    found = {column for each in _writings_of(id(document)) for column in each.columns}
    for batch in [*_BATCHES]:
        found.update(batch.columns_of(document))
    return found


def begin_batch(
    columns_of: Callable[[DocumentBase], Collection[Column]], documents: Iterable[DocumentBase]
) -> WritingMany:
    """Count a batch among what is under way.

    Args:
        columns_of: what it writes of a document; nothing where that is not in it.
        documents: those that are in it, which are looked at where any other write is under way.
    """
    batch = WritingMany(columns_of)
    _BATCHES.append(batch)
    if _UNDER_WAY or len(_BATCHES) > 1:
        for document in documents:
            for writing in _writings_of(id(document)):
                writing.met |= batch.meet(document, writing.columns)
            for other in [*_BATCHES]:
                if other is not batch:
                    batch.meet(document, other.meet(document, columns_of(document)))
    return batch


def end_batch(batch: WritingMany) -> None:
    """Count it no more."""
    _BATCHES.remove(batch)


def doubt_met(document: DocumentBase, schema: ModelSchema, met: Collection[Column]) -> None:
    """Let a document doubt what its row has in columns that writes at once have written; hardly ever are there any."""
    if not met:
        return
    known = known_values(document, schema)
    doubted: dict[Column, Any] = {
        column: InDoubt(before_doubt(known[column]))
        for column in met
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
                each.meet(writing.columns)
                writing.meet(each.columns)
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
