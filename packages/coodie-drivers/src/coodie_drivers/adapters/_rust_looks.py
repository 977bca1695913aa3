"""`Looks`: what is asked about the schema beside a request, in a part of its time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._rust_frozen import FrozenColumns, has_collection
from coodie_drivers.adapters._rust_library import statements
from coodie_drivers.adapters._rust_requests import CONSISTENCY_LEVELS
from coodie_drivers.adapters._schema_watch import LOOKS, VERSION, SchemaWatch, look_limit
from coodie_drivers.interrupts import pass_interrupt
from coodie_drivers.server import CONSISTENCY

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from coodie_drivers.adapters._rust_calls import OpenSession

_VERSION: Final = (
    statements.Statement(VERSION).set_is_idempotent(True).with_consistency(CONSISTENCY_LEVELS[CONSISTENCY])
)


class Looks:
    """What is known of the schema over one session, and the questions by which it is, futures of the library.

    Attributes:
        frozen: which collections are.
        watch: when the schema's version is to be looked at.
    """

    __slots__ = ("_forget", "_over", "frozen", "watch")

    def __init__(self, over: OpenSession, forget: Callable[[], None]) -> None:
        """Know nothing; `over` knows the session to ask, and `forget` is called when the schema has changed."""
        self._over = over
        self._forget = forget
        self.watch = SchemaWatch(LOOKS)
        self.frozen = FrozenColumns()

    def look(self, left: float | None) -> Generator[Any, Any, float]:
        """Give the question for the schema's version, if it is time, and have all forgotten with another one.

        Args:
            left: seconds that the request has for which it is asked; half of them may be spent.

        Returns:
            The seconds that were.
        """
        began = time.monotonic()
        if began < self.watch.look_at:
            return 0.0
        self.watch.begin(began)
        try:
            result = yield self._over.session.execute(_VERSION.with_request_timeout(look_limit(left)))
            version = [*result.iter_current_page()]
        except Exception as error:  # noqa: BLE001 - the request that comes next tells what is wrong
            pass_interrupt(error)
            self.watch.missed(time.monotonic())
        else:
            if self.watch.saw(version, began):
                self._forget()
        return time.monotonic() - began

    def learn(self, columns: Sequence[Any], left: float | None) -> Generator[Any, Any, None]:
        """Give the questions by which is known which columns of an answer are frozen; in what is `left`, as above."""
        if has_collection(columns):
            spent = yield from self.look(left)  # what goes as plain text does not look before
            yield from self.frozen.learn(self._over, columns, look_limit(None if left is None else left - spent))
