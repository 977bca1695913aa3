"""What `./dev release --check` looks at: the files that would be published, their metadata, the changelog."""

from __future__ import annotations

import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from devtools.distributions import (
    NAMES,
    changelog_problems,
    file_problems,
    installation_problems,
    metadata_of,
    metadata_problems,
)
from devtools.environments import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.bare


def test_what_would_be_published_is_complete(distributions: Path, wheels: dict[str, Path]) -> None:
    assert [problem for name in NAMES for problem in file_problems(name, distributions)] == []
    assert metadata_problems(list(wheels.values())) == []
    assert changelog_problems(ROOT / "changelog.d") == []


def test_the_wheels_work_together_in_a_bare_environment(wheels: dict[str, Path], tmp_path: Path) -> None:
    assert installation_problems(list(wheels.values()), tmp_path / "together") == []


def test_each_wheel_says_what_it_is(wheels: dict[str, Path]) -> None:
    for name, wheel in wheels.items():
        metadata = metadata_of(wheel)
        assert (metadata["Name"], metadata["Version"], metadata["Requires-Python"]) == (name, "2.0.0", ">=3.10")
        assert metadata["License-Expression"] == "MIT"
        assert metadata["Description-Content-Type"] == "text/markdown"


def rewritten(wheel: Path, into: Path, change: Callable[[str, str], str | None]) -> Path:
    """Copy a wheel; `change` is given each name and text, and None leaves the file out."""
    copy = into / wheel.name
    with zipfile.ZipFile(wheel) as original, zipfile.ZipFile(copy, "w") as archive:
        for name in original.namelist():
            text = change(name, original.read(name).decode())
            if text is not None:
                archive.writestr(name, text)
    return copy


@pytest.mark.parametrize("missing", ["py.typed", "LICENSE"])
def test_a_file_that_lacks_is_named(distributions: Path, tmp_path: Path, missing: str) -> None:
    shutil.copy(next(distributions.glob("cql_builder-*.tar.gz")), tmp_path)
    wheel = next(distributions.glob("cql_builder-*.whl"))
    rewritten(wheel, tmp_path, lambda name, text: None if name.endswith(missing) else text)
    (problem,) = file_problems("cql-builder", tmp_path)
    assert problem.startswith(f"{wheel.name} holds no ")
    assert problem.endswith(missing)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Version: 2.0.0", "Version: 2.0.1", "versions differ"),
        ("cql-builder==2.0.0", "cql-builder>=2.0.0", "coodie requires 'cql-builder>=2.0.0', not exactly 2.0.0"),
        (
            "coodie-drivers[scylla]==2.0.0; extra == 'scylla'",
            "coodie-drivers[scylla]; extra == 'scylla'",
            "not exactly",
        ),
    ],
)
def test_versions_that_are_not_in_lock_step_are_refused(
    wheels: dict[str, Path], tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in str(metadata_of(wheels["coodie"]))
    changed = rewritten(wheels["coodie"], tmp_path, lambda _, text: text.replace(old, new))
    problems = metadata_problems([wheels["cql-builder"], wheels["coodie-drivers"], changed])
    assert any(said in problem for problem in problems)


def test_a_distribution_that_cannot_be_imported_is_refused(wheels: dict[str, Path], tmp_path: Path) -> None:
    def break_it(name: str, text: str) -> str:
        return "raise RuntimeError('broken')" if name == "cql_builder/__init__.py" else text

    broken = rewritten(wheels["cql-builder"], tmp_path, break_it)
    others = [wheels["coodie-drivers"], wheels["coodie"]]
    (problem,) = installation_problems([broken, *others], tmp_path / "together")
    assert "RuntimeError: broken" in problem


def test_the_changelog_needs_fragments_with_names_that_say_their_kind(tmp_path: Path) -> None:
    (tmp_path / "README.md").touch()
    assert changelog_problems(tmp_path) == ["changelog.d holds no fragment that says what changed"]
    (tmp_path / "paging.added.md").touch()
    assert changelog_problems(tmp_path) == []
    (tmp_path / "paging.improved.md").touch()
    (problem,) = changelog_problems(tmp_path)
    assert "changelog.d/paging.improved.md is not named <what>.<kind>.md" in problem
