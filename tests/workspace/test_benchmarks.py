"""What is measured without a server can be measured: each side of each comparison runs, and finds as many rows."""

from __future__ import annotations

from typing import Any

import pytest
from benchmarks import codec


@pytest.mark.parametrize("name", codec.CASES)
def test_both_sides_of_the_codec_answer_alike(name: str) -> None:
    case = codec.CASES[name]
    calls = codec.calls_of(case)
    found = {side: call() for side, call in calls.items()}
    assert found["sent"] == found["bound and read"] or not case.rows
    by_hand: Any = found["by hand"]
    assert by_hand is None or len(by_hand) == case.rows
