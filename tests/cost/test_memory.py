"""What documents that were read take in memory, against what Pydantic's own models of the same values take.

Memory is traced in a process of its own: where a client library runs threads beside, `tracemalloc` counts what they do,
and may fail with them when it stops.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

MORE = 64
"""How many bytes a row that was read takes at most beyond a model of Pydantic's: what is known of it is kept."""

PROGRAM = Path(__file__).with_name("memory_of_rows.py")


def test_a_row_that_was_read_takes_little_more_than_a_model() -> None:
    told = subprocess.check_output([sys.executable, str(PROGRAM)], text=True, timeout=60)
    read, plain = json.loads(told)
    assert plain > 100
    assert read <= plain + MORE, f"a row takes {read:.0f} bytes, a model of Pydantic's {plain:.0f}"
