"""What a batch has collected since it was last sent: the writes, and all that goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._ops.batch_places import counts, telling
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coodie._ops.batch_places import Part
    from coodie._query.options import Call
    from coodie._query.target import Target
    from coodie_drivers.messages import Statement


class Mentioned:
    """Calls by what they are made with, each looked at once, however often somebody asks."""

    __slots__ = ("_by_id", "_calls", "_seen")

    def __init__(self, calls: list[Call]) -> None:
        """Start with none looked at; more may be added to the calls."""
        self._calls = calls
        self._seen = 0
        self._by_id: dict[int, list[Call]] = {}

    def with_(self, mentioned: object) -> list[Call]:
        """Those that are made with this very object, which they keep alive, in order."""
        while self._seen < len(self._calls):
            call = self._calls[self._seen]
            for each in {id(each) for each in call[1]}:
                self._by_id.setdefault(each, []).append(call)
            self._seen += 1
        return self._by_id.get(id(mentioned), [])


class Collected:
    """Writes of a batch that are sent as one, and all that goes with them: it is taken, put back or dropped as a whole.

    Attributes:
        parts: the statements with their values.
        targets: what the documents among them were written to, each once.
        last: the target of the last one; None without any.
        texts: the statements that are somebody's own.
        callbacks: what is called when they were sent, in order, each with its arguments.
        undone_by: what is called when they were dropped, or a condition did not hold, the last first.
        conditional: whether one of the writes has a condition.
        telling: where one has, those of the parts that tell where all of them write.
        counts: whether one of the texts adds to counters.
    """

    __slots__ = (
        "_mentioned",
        "callbacks",
        "conditional",
        "counts",
        "last",
        "parts",
        "targets",
        "telling",
        "texts",
        "undone_by",
    )

    def __init__(self) -> None:
        """Start empty."""
        self.parts: list[Part] = []
        self.telling: list[Part] = []
        self.targets: list[Target[Any]] = []
        self.texts: set[Statement] = set()
        self.last: Target[Any] | None = None
        self.callbacks: list[Call] = []
        self.undone_by: list[Callable[[], object]] = []
        self.conditional = self.counts = False
        self._mentioned = Mentioned(self.callbacks)

    @property
    def target(self) -> Target[Any] | None:
        """What the first document was written to; None while there are only raw statements."""
        return self.targets[0] if self.targets else None

    def write_to(self, target: Target[Any]) -> None:
        """Take note of what a document is written to."""
        if target not in self.targets:
            self.targets.append(target)
        self.last = target

    def calls_with(self, mentioned: object) -> list[Call]:
        """The calls that are to be made with this very object, in order."""
        return self._mentioned.with_(mentioned)

    def followed_by(self, later: Collected) -> Collected:
        """These writes with those that were collected behind them, as one."""
        both = Collected()
        for each in (self, later):
            both.parts += each.parts
            both.callbacks += each.callbacks
            both.undone_by += each.undone_by
            both.texts |= each.texts
            for target in each.targets:
                both.write_to(target)
        both.conditional = self.conditional or later.conditional
        both.telling = telling(both.parts) if both.conditional else []
        both.counts = self.counts or later.counts
        return both

    def undo(self) -> None:
        """Take back what was made for writes that are not."""
        while self.undone_by:
            self.undone_by.pop()()


def is_counting(statement: Statement, params: Sequence[object]) -> bool:
    """Whether a text adds to counters."""
    return statement.kind is StatementKind.UPDATE and not statement.idempotent and counts(statement, params)


def counts_nothing(statement: Statement) -> bool:
    """Whether a text surely adds to no counter: an addition is not idempotent, and has no condition."""
    if statement.kind is StatementKind.DELETE:
        return statement.conditional
    return statement.kind is StatementKind.INSERT or statement.conditional or statement.idempotent
