"""The steps by which texts are prepared for a request: its own, one of a form with JSON, or all those of a batch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from coodie_drivers.adapters._rust_errors import told_by
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.retries import OVERLOADED_RETRIES, pause_before
from coodie_drivers.statements import texts_of

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from coodie_drivers.adapters._rust_shapes import PreparedShape
    from coodie_drivers.messages import BatchRequest

    Part = tuple[Any, list[Any] | None]
    """The library's statement, or a text, with its values."""


class Texts(NamedTuple):
    """A step: texts that are prepared side by side.

    Attributes:
        texts: what they are.
        until: when their time is over, in monotonic seconds.
    """

    texts: Sequence[str]
    until: float


def pause_before_again(error: Exception, retries: int, until: float) -> float | None:
    """Return how long to wait before a text is prepared again that was refused; None where it is not.

    The library itself asks each node twice, at once: all that is left are nodes that need time.
    """
    failure = told_by(error).failure
    if failure is None or failure.kind != "overloaded" or retries >= OVERLOADED_RETRIES:
        return None
    pause = pause_before(failure, retries)
    return pause if pause < until - time.monotonic() else None


def prepared(text: str, until: float) -> Generator[Any, Any, PreparedShape]:
    """Give the step that prepares a text."""
    found: dict[str, PreparedShape] = yield Texts((text,), until)
    return found[text]


def in_json(shape: PreparedShape, as_json: tuple[int, ...], until: float) -> Generator[Any, Any, PreparedShape]:
    """Give the form of a statement in which the server reads some values as JSON."""
    text = shape.json_form(as_json)
    try:
        return (yield from prepared(text, until))
    except InvalidQueryError:
        raise shape.unwritable(as_json) from None


def prepared_parts(
    batch: BatchRequest, until: float
) -> Generator[Any, Any, tuple[list[PreparedShape | None], list[Part]]]:
    """Give what was prepared for each part of a batch, None for one without values, and the parts that are sent."""
    shapes: list[PreparedShape | None] = []
    parts: list[Part] = []
    found: dict[str, PreparedShape] = yield Texts(texts_of(batch), until)
    for statement, params in batch.parts:
        if not params:
            shapes.append(None)
            parts.append((statement.cql, None))
            continue
        shape = found[statement.cql]
        values, as_json = shape.bind(params)
        shapes.append(shape)
        asked = (yield from in_json(shape, as_json, until)) if as_json else shape
        parts.append((asked.prepared, values))
    return shapes, parts
