"""Writes of one document that are under way at once: which of them a server takes last, none of them can know."""

from __future__ import annotations

from threading import Lock
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
        joined: the writes that began while this one, the first of its document, was under way; None where it is over.
    """

    __slots__ = ("columns", "joined", "met")

    columns: Sequence[Column]
    met: frozenset[Column]
    joined: tuple[Writing, ...] | None

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


_UNDER_WAY: dict[int, Writing] = {}
"""The first write that is under way of a document, by its id: a write holds its document."""

_BATCHES: list[WritingMany] = []
"""The batches that are under way."""

_new: Any = object.__new__

_LOCK = Lock()
"""Is held while one joins another, or leaves it; not by those that are alone, as nearly all are."""


def begin_writing(document: DocumentBase, columns: Sequence[Column]) -> Writing:
    """Count a write among those of a document that are under way, until `end_writing`."""
    writing: Writing = _new(Writing)  # filled in: that costs a third of a call of its class
    writing.columns, writing.met, writing.joined = columns, _NONE, ()
    if _UNDER_WAY.setdefault(id(document), writing) is not writing:
        _join(id(document), writing)
    if _BATCHES:
        for batch in [*_BATCHES]:
            writing.met |= batch.meet(document, columns)
    return writing


def end_writing(document: DocumentBase, writing: Writing) -> None:
    """Count it no more; `doubt_met` is for what it has met."""
    key = id(document)
    if _UNDER_WAY.get(key) is writing:
        del _UNDER_WAY[key]
        # Who joins looks whether this one is still there after it has said that it is.
        if not writing.joined:
            return
    _leave(key, writing)


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


def _writings_of(key: int) -> tuple[Writing, ...]:
    first = _UNDER_WAY.get(key)
    return () if first is None else (first, *(first.joined or ()))


def _join(key: int, writing: Writing) -> None:
    with _LOCK:
        while (first := _UNDER_WAY.setdefault(key, writing)) is not writing:
            others = first.joined or ()
            for each in (first, *others):
                each.meet(writing.columns)
                writing.meet(each.columns)
            first.joined = (*others, writing)
            if _UNDER_WAY.get(key) is first:
                return


def _leave(key: int, writing: Writing) -> None:
    with _LOCK:
        behind, writing.joined = writing.joined or (), None
        first = _UNDER_WAY.get(key)
        if first is writing:  # it has come first meanwhile
            del _UNDER_WAY[key]
        elif first is not None:
            first.joined = tuple([each for each in first.joined or () if each is not writing])
        for each in behind:  # of which one comes first now
            if each.joined is None:
                continue
            now = _UNDER_WAY.setdefault(key, each)
            if now is not each and each not in (now.joined or ()):
                now.joined = (*(now.joined or ()), each)
