"""The two type checkers, as a fixture: what each refuses in a text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checked(tmp_path: Path) -> Callable[[str], dict[str, set[int]]]:
    """Runs both type checkers over a text; gives the lines that each refuses."""
    return partial(refused_lines, tmp_path)


def refused_lines(folder: Path, text: str) -> dict[str, set[int]]:
    """Run both type checkers over a text; give the lines that each refuses."""
    path = folder / "used.py"
    path.write_text(text.lstrip(), encoding="utf-8")
    mypy = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(folder), str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict", "pythonVersion": "3.10"}')
    pyright = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    said = json.loads(pyright.stdout)["generalDiagnostics"]
    return {
        "mypy": {int(line) for line in re.findall(r"used\.py:(\d+): error", mypy.stdout)},
        "pyright": {each["range"]["start"]["line"] + 1 for each in said if each["severity"] == "error"},
    }
