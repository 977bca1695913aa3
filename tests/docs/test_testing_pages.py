"""The tests that pages show pass, run by pytest as a reader would: in a folder of their own, on the run's node."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from coodie_drivers.testing import CqlCluster
    from snippets.places import Place

pytestmark = [pytest.mark.node]

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {"coodie/howto/testing.md": 5, "coodie/tutorial.md": 2}
"""How many tests there are on a page."""


def blocks(page: str, language: str) -> list[str]:
    text = re.sub(r"^<!-- not run: .*?^```$", "", (DOCS / page).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_the_tests_of_a_page_pass(page: str, cql_cluster: CqlCluster, place: Place, tmp_path: Path) -> None:
    shown = [block for block in blocks(page, "python") if "#> " not in block]
    (tmp_path / "test_page.py").write_text(place.named_in("\n".join(shown)), "utf-8")
    (tmp_path / "pyproject.toml").write_text("\n".join(blocks(page, "toml")), "utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    hosts = f"--cql-hosts={cql_cluster.hosts[0]}:{cql_cluster.port}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", hosts],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert f"\n{PAGES[page]} passed in " in done.stdout, done.stdout + done.stderr
