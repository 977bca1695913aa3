"""Reading a whole table: which range comes next, how far each is, and the text that says so."""

from __future__ import annotations

import base64
import json
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast
from weakref import ref

from coodie._hydration.items import reader_of
from coodie._ops.reads import aligned, raise_misfit
from coodie._query.fingerprint import fingerprint
from coodie._query.scan import MOST_SPLITS, plan_scan, token_range
from coodie.errors import InvalidCursorError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie_drivers.operations import Op

SPLITS = 256
"""Into how many ranges the ring is split, unless it is said."""

_NONE_OF_IT = "the position is none of a scan of this query; give one that its position said, or leave resume out"


class Step(NamedTuple):
    """The next page of a range.

    Attributes:
        number: the range's.
        paging_state: where the page begins; None at the beginning of the range.
        skip: how many of its rows were given out already.
    """

    number: int
    paging_state: bytes | None
    skip: int


class Page(NamedTuple):
    """What a step fetched: items, and where the next page of the range begins; None at its end."""

    items: list[Any]
    following: bytes | None


class Walk:
    """How far a scan is.

    Attributes:
        splits: the number of ranges.
    """

    __slots__ = (
        *("_begun", "_finished", "_loop", "_loops"),
        *("_of_query", "_open", "_progress", "_waiting", "splits"),
    )

    def __init__(
        self,
        target: Target[Any],
        state: QueryState,
        splits: int | None,
        resume: str | None,
        progress: Callable[[int, int], object] | None,
    ) -> None:
        """Begin, or go on.

        Raises:
            InvalidCursorError: the position is none of this query.
            InvalidQueryError: the number of splits is out of range, or the query is none that can be scanned.
        """
        given: object = splits
        if given is not None and (type(given) is not int or not 0 < given <= MOST_SPLITS):
            raise InvalidQueryError(f"scan(splits=...) takes a whole number from 1 to {MOST_SPLITS:,}")
        self._of_query = fingerprint(target, plan_scan(target, state), state)[:16]
        self._progress = progress
        self._begun = 0
        self._loop: Callable[[], object] | None = None
        self._loops = 0
        self._finished = False
        self._open: dict[int, Step] = {}
        self.splits = splits or SPLITS
        if resume is not None:
            self._go_on(resume)
            if splits is not None and splits != self.splits:
                fix = f"leave splits out, or give {self.splits}"
                raise InvalidQueryError(f"the scan that is resumed has {self.splits} splits; {fix}")
        self._waiting: deque[Step] = deque()

    @property
    def position(self) -> str:
        """How far it is, as a text: the items that were given out are behind it."""
        steps = [[each.number, _as_text(each.paging_state), each.skip] for each in self._open.values()]
        facts = [self._of_query.hex(), self.splits, self._begun, steps]
        content = json.dumps(facts, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(_sum(content) + content).decode()

    def _go_on(self, position: str) -> None:
        try:
            data = base64.urlsafe_b64decode(position)
            of_query, splits, begun, steps = json.loads(data[8:])
            opened = {number: Step(number, _as_bytes(paging_state), skip) for number, paging_state, skip in steps}
        except (ValueError, TypeError):
            _refuse()
        if data[:8] != _sum(data[8:]) or of_query != self._of_query.hex():
            _refuse()
        self.splits, self._begun, self._open = splits, begun, opened

    def start(self, loop: object) -> int:
        """Begin a loop over it, of which there is one at a time, and return its number.

        A loop that was left is over when nobody holds it: an asynchronous one is closed some time later.

        Raises:
            InvalidQueryError: another loop runs, or has given out everything.
        """
        if self._loop is not None and self._loop() is not None:
            fix = "give its items to your workers by a queue"
            raise InvalidQueryError(f"another loop over this scan runs, and a scan is for one; {fix}")
        if self._finished:
            raise InvalidQueryError("this scan has given out everything; call scan() again for another")
        self._loop = ref(loop)
        self._loops += 1
        return self._loops

    def end(self, number: int) -> None:
        """End the loop of this number; another one goes on from here, where it has not given out everything."""
        if number == self._loops:
            self._loop = None
            self._finished = self._begun == self.splits and not self._open

    def begin(self, at_once: int) -> list[Step]:
        """The steps to take first."""
        self._waiting = deque(self._open.values())
        steps = (self._next() for _ in range(at_once))
        return [step for step in steps if step is not None]

    def after(self, step: Step, page: Page) -> Step | None:
        """The step to take when a page has arrived: to the next of the range, or into another range."""
        return self._next() if page.following is None else _following(step, page)

    def items(self, step: Step, page: Page) -> Iterator[Any]:
        """Give out the items of a page, and know of each that it was."""
        for place in range(step.skip, len(page.items)):
            self._open[step.number] = step._replace(skip=place + 1)
            yield page.items[place]
        if page.following is not None:
            self._open[step.number] = _following(step, page)
            return
        del self._open[step.number]
        if self._progress is not None:
            self._progress(self._begun - len(self._open), self.splits)

    def _next(self) -> Step | None:
        if self._waiting:
            return self._waiting.popleft()
        if self._begun == self.splits:
            return None
        step = self._open[self._begun] = Step(self._begun, None, 0)
        self._begun += 1
        return step


def fetch_step(target: Target[Any], state: QueryState, step: Step, splits: int) -> Op[Page]:
    """Fetch one page of a range."""
    plan = plan_scan(target, state)
    try:
        reply = yield plan.range_request(state, token_range(step.number, splits), step.paging_state)
    except InvalidQueryError as error:
        raise_misfit(target, state, error)
        raise
    return Page(reader_of(target, plan, state)(aligned(target, plan, reply)), reply.paging_state)


def _following(step: Step, page: Page) -> Step:
    # Where pages were larger before, some rows of the next one were given out, too.
    return Step(step.number, page.following, max(0, step.skip - len(page.items)))


def _sum(content: bytes) -> bytes:
    """What tells whether a position came back as it was."""
    from hashlib import sha256  # noqa: PLC0415 - only scans need it

    return sha256(content).digest()[:8]


def _as_text(paging_state: bytes | None) -> str | None:
    return None if paging_state is None else base64.b64encode(paging_state).decode()


def _as_bytes(text: object) -> bytes | None:
    return None if text is None else base64.b64decode(cast("str", text))


def _refuse() -> NoReturn:
    raise InvalidCursorError(_NONE_OF_IT) from None
