"""The three distributions as files: building them, reading their metadata, and `./dev release --check`."""

from __future__ import annotations

import email.message
import email.parser
import re
import shutil
import tarfile
import zipfile
from typing import TYPE_CHECKING

from devtools.environments import DEV, ROOT, clean_environ, python_in, uv, workspace
from devtools.failures import DevError
from devtools.progress import run_announced

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("cql-builder", "coodie-drivers", "coodie")
FRAGMENT_KINDS = ("added", "changed", "deprecated", "removed", "fixed", "security")
FRAGMENT = re.compile(rf"[a-z0-9-]+\.({'|'.join(FRAGMENT_KINDS)})\.md")


def import_name(distribution: str) -> str:
    """Give the name under which a distribution is imported, which its files begin with too."""
    return distribution.replace("-", "_")


def built(into: Path) -> list[Path]:
    """Build the three sdists, and the wheels from those, into an emptied folder; return the wheels."""
    shutil.rmtree(into, ignore_errors=True)
    uv("building the distributions", ["build", "--all-packages", "--out-dir", str(into)])
    return [one_file(into, f"{import_name(name)}-*.whl") for name in NAMES]


def one_file(folder: Path, pattern: str) -> Path:
    """Give the only file in `folder` that matches.

    Raises:
        DevError: when there is none or more than one.
    """
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise DevError(f"{len(found)} files match {pattern} in {folder}, not one", "./dev clean, then once more")
    return found[0]


def metadata_of(wheel: Path) -> email.message.Message:
    """Read the metadata of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.parser.Parser().parsestr(archive.read(name).decode())


def requirements_of(wheel: Path, extras: set[str]) -> list[str]:
    """Give what a wheel needs from others, with these extras: not the siblings, markers left out."""
    wanted: list[str] = []
    for row in metadata_of(wheel).get_all("Requires-Dist", []):
        requirement, _, marker = (part.strip() for part in str(row).partition(";"))
        extra = re.fullmatch(r"extra == '([\w-]+)'", marker)
        if not re.match(rf"({'|'.join(NAMES)})\b(?!-)", requirement) and (not marker or (extra and extra[1] in extras)):
            wanted.append(requirement)
    return wanted


def check_release() -> int:
    """Build what would be published and look at it; return 1, and say why, where something is missing."""
    wheels = built(DEV / "release")
    problems = [problem for name in NAMES for problem in file_problems(name, DEV / "release")]
    problems += metadata_problems(wheels)
    problems += changelog_problems(ROOT / "changelog.d")
    problems += installation_problems(wheels, DEV / "release" / "environment")
    for problem in problems:
        print(f"not ready: {problem}")
    if not problems:
        print(f"ready: {', '.join(path.name for path in wheels)}")
    return 1 if problems else 0


def file_problems(name: str, folder: Path) -> list[str]:
    """Give what lacks in the two files of a distribution."""
    package = import_name(name)
    sdist, wheel = one_file(folder, f"{package}-*.tar.gz"), one_file(folder, f"{package}-*.whl")
    with tarfile.open(sdist) as archive:
        in_sdist = archive.getnames()
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = archive.namelist()
    looked_for = [
        (sdist, in_sdist, "/LICENSE"),
        (sdist, in_sdist, f"/src/{package}/py.typed"),
        (wheel, in_wheel, ".dist-info/licenses/LICENSE"),
        (wheel, in_wheel, f"{package}/py.typed"),
    ]
    return [
        f"{path.name} holds no {ending.lstrip('/')}"
        for path, names, ending in looked_for
        if not any(entry.endswith(ending) for entry in names)
    ]


def metadata_problems(wheels: list[Path]) -> list[str]:
    """Give what disagrees between the metadata of the wheels: versions, and the pins of siblings."""
    metadata = {str(read["Name"]): read for read in map(metadata_of, wheels)}
    versions = {name: str(read["Version"]) for name, read in metadata.items()}
    problems = [f"versions differ: {versions}"] if len(set(versions.values())) != 1 else []
    for name, read in metadata.items():
        for row in read.get_all("Requires-Dist", []):
            sibling = re.match(rf"({'|'.join(NAMES)})(?![\w-])(?:\[[^\]]*\])?(.*?)(?:;.*)?$", str(row))
            if sibling and sibling[2].strip() != f"=={versions.get(sibling[1])}":
                problems.append(f"{name} requires {row!r}, not exactly {versions.get(sibling[1])}")
    return problems


def changelog_problems(folder: Path) -> list[str]:
    """Give what is wrong with the fragments of the changelog."""
    fragments = [path.name for path in sorted(folder.glob("*")) if path.name not in {"README.md", ".gitkeep"}]
    problems = [
        f"changelog.d/{name} is not named <what>.<kind>.md, kind one of {', '.join(FRAGMENT_KINDS)}"
        for name in fragments
        if not FRAGMENT.fullmatch(name)
    ]
    return problems if fragments else ["changelog.d holds no fragment that says what changed"]


def installation_problems(wheels: list[Path], directory: Path) -> list[str]:
    """Install the wheels together in an environment with nothing else, import them, give what went wrong."""
    python = bare_environment(directory)
    uv("installing the wheels", ["pip", "install", "--python", str(python), *map(str, wheels)])
    imports = "import " + ", ".join(map(import_name, NAMES))
    done = run_announced("importing them", [python, "-W", "error", "-c", imports], directory, clean_environ())
    return [f"{imports!r} fails:\n{done.output.strip()}"] if done.status else []


def bare_environment(directory: Path) -> Path:
    """Make an environment with nothing in it; return its Python."""
    shutil.rmtree(directory, ignore_errors=True)
    uv("making a bare environment", ["venv", str(directory), "--python", workspace().interpreter])
    return python_in(directory)
