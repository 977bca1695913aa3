"""The pins in the root `pyproject.toml` say exactly what the lock resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Tool = Callable[..., subprocess.CompletedProcess[str]]
    Tree = Callable[[dict[str, str]], Path]

SETTINGS = """\
[tool.uv]
# pins: written by tools/pins.py
constraint-dependencies = ["stale==0"]
# end of pins

[tool.other]
"""

INDEX = 'source = { registry = "https://index.invalid/simple" }'


def package(name: str, version: str, *rows: str) -> str:
    return "\n".join(["[[package]]", f'name = "{name}"', f'version = "{version}"', *(rows or [INDEX]), ""])


LOCK = "\n".join(
    [
        "version = 1",
        package("ours", "2.0.0", 'source = { editable = "packages/ours" }'),
        package("hatchling", "1.33.0", INDEX, 'dependencies = [{ name = "pluggy" }]'),
        package("pluggy", "1.7.0"),
        package("hypothesis", "6.1", INDEX, "resolution-markers = [\"python_full_version < '3.11'\"]"),
        package(
            "hypothesis",
            "6.2",
            INDEX,
            "resolution-markers = [\"python_full_version >= '3.15' and extra == 'a'\", \"python_full_version >= '3.12' "
            "and python_full_version < '3.15'\", \"python_full_version == '3.11.*' and extra != 'a'\"]",
        ),
    ]
)

PINNED = """\
[tool.uv]
# pins: written by tools/pins.py
constraint-dependencies = [
    "hatchling==1.33.0",
    "pluggy==1.7.0",
    "hypothesis==6.1 ; python_full_version < '3.11'",
    "hypothesis==6.2 ; python_full_version >= '3.11'",
]
build-constraint-dependencies = [
    "hatchling==1.33.0",
    "pluggy==1.7.0",
]
# end of pins

[tool.other]
"""


def test_each_package_is_pinned_to_what_the_lock_says_without_an_address(tree: Tree, tool: Tool) -> None:
    root = tree({"pyproject.toml": SETTINGS, "uv.lock": LOCK})
    assert tool("pins").returncode == 0
    assert (root / "pyproject.toml").read_text("utf-8") == PINNED
    assert tool("pins", "--check").returncode == 0


def test_check_refuses_pins_that_differ_and_writes_nothing(tree: Tree, tool: Tool) -> None:
    root = tree({"pyproject.toml": SETTINGS, "uv.lock": LOCK})
    done = tool("pins", "--check")
    assert done.returncode == 1
    assert "./dev python tools/pins.py" in done.stderr
    assert (root / "pyproject.toml").read_text("utf-8") == SETTINGS


def test_a_file_without_the_marker_lines_is_refused(tree: Tree, tool: Tool) -> None:
    tree({"pyproject.toml": "[tool.uv]\n", "uv.lock": LOCK})
    done = tool("pins")
    assert done.returncode == 1
    assert "# end of pins" in done.stderr


@pytest.mark.parametrize("marker", ["sys_platform == 'linux'", "python_full_version != '3.12'"])
def test_versions_that_differ_by_something_else_than_python_are_refused(tree: Tree, tool: Tool, marker: str) -> None:
    rows = [INDEX, f'resolution-markers = ["{marker}"]']
    tree({"pyproject.toml": SETTINGS, "uv.lock": "\n".join([package("a", "1", *rows), package("a", "2", *rows)])})
    done = tool("pins")
    assert done.returncode == 1
    assert "a 1 is chosen by something other than the Python version" in done.stderr
