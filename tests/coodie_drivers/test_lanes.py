"""Lanes, in which blocking calls take turns."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from coodie_drivers.blocking import in_background
from coodie_drivers.lanes import Lane

if TYPE_CHECKING:
    import pytest

LONG = 5.0
"""Seconds that are longer than any test takes."""


def test_a_turn_for_which_no_thread_can_be_had_comes_when_another_call_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    def hold() -> None:
        assert release.wait(LONG)

    lane, release, made = Lane(), threading.Event(), threading.Event()
    holding = [in_background(hold) for _ in range(12)]  # no thread is idle
    assert [lane.submit(hold) for _ in range(8)] == [True] * 8
    assert lane.submit(made.set) is False
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        lane.overdue(0)
    assert not made.is_set()
    release.set()
    assert made.wait(LONG)
    assert [each.result(LONG) for each in holding] == [None] * 12
