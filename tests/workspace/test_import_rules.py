"""Who may import what from outside, and that the contracts of import-linter are alive."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Tool = Callable[..., subprocess.CompletedProcess[str]]
    Tree = Callable[[dict[str, str]], Path]

ROOT = Path(__file__).resolve().parent.parent.parent
BUILDER = "packages/cql-builder/src/cql_builder"
DRIVERS = "packages/coodie-drivers/src/coodie_drivers"
MAPPER = "packages/coodie/src/coodie"
TYPING = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "


@pytest.mark.parametrize(
    ("module", "source", "why"),
    [
        (f"{BUILDER}/quoting.py", "import pydantic\n", "only the standard library, not 'pydantic'"),
        (f"{BUILDER}/quoting.py", "def f():\n    from typing_extensions import Self\n", "not 'typing_extensions'"),
        (f"{BUILDER}/quoting.py", f"{TYPING}import pydantic\n", "not 'pydantic'"),
        (f"{DRIVERS}/registry.py", "from cassandra.cluster import Cluster\n", "client library 'cassandra'"),
        (f"{DRIVERS}/registry.py", "def f():\n    import acsylla\n", "client library 'acsylla'"),
        (f"{MAPPER}/_query/select.py", "import asyncio\n", "'asyncio' belongs to drivers and shells"),
        (f"{MAPPER}/_ops/__init__.py", "import concurrent.futures\n", "'concurrent' belongs to drivers and shells"),
    ],
)
def test_a_forbidden_import_is_refused_with_its_line(
    tree: Tree, tool: Tool, module: str, source: str, why: str
) -> None:
    tree({module: source})
    done = tool("import_rules")
    assert done.returncode == 1
    line = next(number for number, row in enumerate(source.splitlines(), 1) if re.search(r"import (?!TYPE_CH)", row))
    assert done.stderr.startswith(f"{module}:{line}: ")
    assert why in done.stderr


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (f"{BUILDER}/quoting.py", f"import re\nimport cql_builder.errors\n{TYPING}import typing_extensions\n"),
        (f"{DRIVERS}/adapters/scylla.py", "import asyncio\nimport cassandra\n"),
        (f"{DRIVERS}/codec/rows.py", "from cassandra.protocol import x\n"),
        (f"{DRIVERS}/loading.py", f"{TYPING}from cassandra.cluster import Session\n"),
        (f"{MAPPER}/_shell/running.py", "import asyncio\n"),
    ],
)
def test_what_has_its_place_is_allowed(tree: Tree, tool: Tool, module: str, source: str) -> None:
    tree({module: source})
    done = tool("import_rules")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.once
@pytest.mark.parametrize(
    ("module", "source", "broken"),
    [
        ("cql_builder/quoting.py", "import coodie_drivers\n", "The distributions"),
        ("cql_builder/newcomer.py", "", "The rooms of cql_builder"),
        (
            "coodie_drivers/messages.py",
            "def f():\n    import coodie_drivers.operations\n",
            "The rooms of coodie_drivers",
        ),
        ("coodie/_schema/first.py", "import coodie._schema.second\n", "No import cycle"),
    ],
)
def test_the_contracts_notice(tmp_path: Path, module: str, source: str, broken: str) -> None:
    for package in ("cql-builder/src/cql_builder", "coodie-drivers/src/coodie_drivers", "coodie/src/coodie"):
        folder = tmp_path / package.rpartition("/")[2]
        for original in (ROOT / "packages" / package).rglob("__init__.py"):
            copy = folder / original.relative_to(ROOT / "packages" / package)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.touch()
    for name, text in {
        "coodie_drivers/messages.py": "",
        "coodie_drivers/operations.py": "",
        "coodie/_schema/second.py": "import coodie._schema.first\n",
        "coodie/_schema/first.py": "",
    }.items():
        (tmp_path / name).write_text(text, "utf-8")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)

    assert lint_imports(tmp_path).returncode == 0
    with (tmp_path / module).open("a") as file:
        file.write(source)
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in done.stdout.splitlines() if line.endswith(" BROKEN")] == [
        line.partition(":")[0].strip()
        for line in done.stdout.splitlines()
        if line.startswith(broken) and line.endswith(" BROKEN")
    ]


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
