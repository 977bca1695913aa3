"""The programs that a task waits for: what one of them leaves behind does not keep the task from ending."""

from __future__ import annotations

import os
import sys
import time

import pytest

from devtools import children

LEAVING = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("left", flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="this system has no groups of processes")
def test_what_holds_the_output_of_a_program_that_has_ended_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LEFT_BEHIND", 0.5)
    began = time.monotonic()
    status, output = children.wait_for([sys.executable, "-c", LEAVING], None, os.environ, in_sight=False)
    assert (status, output) == (0, b"left\n")
    assert time.monotonic() - began < 30, "its output is held for a minute"
