"""Where uv comes from: PATH, the user's cache, or pip, which installs it there."""

from __future__ import annotations

import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest

from devtools.failures import DevError
from devtools.uv import PINNED, uv_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.once  # installing takes seconds, and pip is the same everywhere

SAYS = "#!/bin/sh\necho uv {version}\n"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine without uv, without network, and with an empty cache."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    uv_program.cache_clear()
    yield tmp_path / "cache/coodie-dev"
    uv_program.cache_clear()


def on_path(tmp_path: Path, version: str) -> Path:
    program = tmp_path / "bin/uv"
    program.parent.mkdir()
    program.write_text(SAYS.format(version=version), "utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel that pip finds and that installs a stand-in for uv."""
    info = f"uv-{PINNED}.dist-info"
    contents = {
        f"uv-{PINNED}.data/scripts/uv": SAYS.format(version=PINNED),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: uv\nVersion: {PINNED}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    contents[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*contents, f"{info}/RECORD"])
    path = tmp_path / f"wheels/uv-{PINNED}-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in contents.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100755 << 16  # a regular file that can be started
            archive.writestr(entry, text)
    monkeypatch.setenv("PIP_FIND_LINKS", str(path.parent))
    return path


def test_one_on_path_is_taken(tmp_path: Path, cache: Path) -> None:
    program = on_path(tmp_path, "1.2.3")
    assert uv_program() == program
    assert not cache.exists()


@pytest.mark.parametrize("old", [None, "0.8.22"])
def test_where_none_that_works_is_there_pip_installs_it_into_the_cache(
    tmp_path: Path, cache: Path, wheel: Path, old: str | None
) -> None:
    if old:
        on_path(tmp_path, old)
    own = uv_program()
    assert own == cache / f"uv-{PINNED}/uv"
    assert [path.name for path in own.parent.iterdir()] == ["uv"]
    assert subprocess.run([own], capture_output=True, text=True, check=True).stdout == f"uv {PINNED}\n"

    wheel.unlink()
    uv_program.cache_clear()
    assert uv_program() == own


@pytest.mark.usefixtures("wheel")
def test_where_environments_cannot_be_made_pip_itself_installs_it(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pip = tmp_path / "modules/pip"
    pip.mkdir(parents=True)
    (tmp_path / "modules/venv.py").write_text("raise SystemExit('ensurepip is not available')", "utf-8")
    (pip / "__init__.py").touch()
    (pip / "__main__.py").write_text(
        "import pathlib, sys\n"
        "target = pathlib.Path(sys.argv[sys.argv.index('--target') + 1])\n"
        "(target / 'bin').mkdir()\n"
        "(target / 'bin/uv').write_text('installed by pip')\n",
        "utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"))
    assert uv_program().read_text("utf-8") == "installed by pip"
    assert uv_program().is_relative_to(cache)


def test_where_none_can_be_had_it_says_what_would_help(cache: Path) -> None:
    with pytest.raises(DevError) as caught:
        uv_program()
    assert "uv is not on PATH, and pip could not install it" in caught.value.problem
    assert f"uv=={PINNED}" in caught.value.problem
    assert "connect to the network, or install uv yourself" in caught.value.advice
    assert list((cache / f"uv-{PINNED}").iterdir()) == []


def test_a_cache_folder_that_is_not_absolute_is_not_taken_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    own = tmp_path / f".cache/coodie-dev/uv-{PINNED}/uv"
    own.parent.mkdir(parents=True)
    own.touch()
    assert uv_program() == own
