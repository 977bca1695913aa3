"""How long a conditional write waits after a plain one: until the millisecond is over, and no longer."""

from __future__ import annotations

import time

import pytest

from coodie_drivers.messages import BatchRequest, Request, statement_of
from coodie_drivers.write_order import WriteOrder

PLAIN = statement_of("INSERT INTO t (a) VALUES (?)")
CONDITIONAL = statement_of("INSERT INTO t (a) VALUES (?) IF NOT EXISTS")
MIDNIGHT = 1_800_000_000_000_000_000
"""A time in nanoseconds with which a millisecond begins."""


class Clock:
    """A clock that shows what it is told."""

    def __init__(self) -> None:
        """Begin with the millisecond."""
        self.now = MIDNIGHT

    def __call__(self) -> int:
        """Return the nanoseconds since 1970."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that is looked at."""
    shown = Clock()
    monkeypatch.setattr(time, "time_ns", shown)
    return shown


@pytest.mark.parametrize(
    ("acknowledged", "asked", "pause"),
    [
        (0, 0, 0.001),
        (250_000, 250_000, 0.00075),
        (250_000, 999_999, 1e-9),
        (250_000, 1_000_000, 0),
        (999_999, 1_000_000, 0),
        (999_999, 1_999_998, 0),
        (250_000, 5_000_000_000, 0),
        (250_000, -5_000_000_000, 0),  # the clock was put back
    ],
)
def test_a_conditional_write_waits_until_the_millisecond_is_over(
    clock: Clock, acknowledged: int, asked: int, pause: float
) -> None:
    order = WriteOrder()
    clock.now = MIDNIGHT + acknowledged
    order.acknowledged()
    clock.now = MIDNIGHT + asked
    assert order.pause_before(Request(CONDITIONAL, (1,))) == pytest.approx(pause, abs=1e-12)


@pytest.mark.parametrize(
    ("request_", "waits"),
    [
        (Request(PLAIN, (1,)), False),
        (Request(statement_of("SELECT a FROM t")), False),
        (Request(CONDITIONAL, (1,)), True),
        (BatchRequest([(PLAIN, (1,)), (PLAIN, (2,))]), False),
        (BatchRequest([(PLAIN, (1,)), (CONDITIONAL, (2,))]), True),
    ],
)
def test_only_what_has_a_condition_waits(clock: Clock, request_: Request | BatchRequest, *, waits: bool) -> None:
    order = WriteOrder()
    assert order.pause_before(request_) == 0
    order.acknowledged()
    clock.now += 1
    assert (order.pause_before(request_) > 0) is waits
