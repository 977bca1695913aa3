"""How `./dev demo` ends when it is told to, before there is a node."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("number", "status", "words"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "ended by SIGTERM")]
)
def test_the_exit_status_tells_the_signal(number: signal.Signals, status: int, words: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        with subprocess.Popen(
            [sys.executable, "-W", "error", str(ROOT / "tools/demo.py")],
            env={**os.environ, "COODIE_TEST_HOSTS": f"127.0.0.1:{silent.getsockname()[1]}"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            # A test run in the background ignores Ctrl-C, and what it starts would inherit that. Other threads may be
            # at work (that of a time limit, say): what runs between fork and exec takes no lock that they might hold.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - see above
        ) as process:
            client, _ = silent.accept()
            with client:
                client.recv(9)  # its first question, to which it waits for the answer
                process.send_signal(number)
                _, complaints = process.communicate(timeout=20)
    assert (process.returncode, complaints) == (status, f"\n{words}; nothing is left running\n")
