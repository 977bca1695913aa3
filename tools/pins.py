"""Keeps the exact pins in the root `pyproject.toml` equal to what `uv.lock` resolved.

`uv.lock` records the address of the index it was made with, so it is not committed. What it decided is: each package at
one version (or one for each range of Pythons), as constraints that the workspace reads, and the build tools likewise.

    tools/pins.py             write the pins of the present uv.lock (made first when it is not there)
    tools/pins.py --check     fail when they differ
    tools/pins.py --upgrade   forget the pins, resolve the newest versions, write the new pins
"""

from __future__ import annotations

import argparse
import operator
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli

if TYPE_CHECKING:
    from collections.abc import Callable

BEGIN = "# pins: written by tools/pins.py\n"
END = "# end of pins\n"
BUILD_TOOL = "hatchling"
MINORS = range(10, 30)
BOUND = re.compile(r"python_full_version (<=|>=|==|<|>) '3\.(\d+)(?:\.\*)?'")
JUDGED: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
}

Package = dict[str, Any]


class PinsError(Exception):
    """The lock says something that pins of this form cannot say; the sentence says what."""


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Exact pins of the workspace, from uv.lock.")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="fail when the pins differ from uv.lock")
    action.add_argument("--upgrade", action="store_true", help="resolve the newest versions and pin these")
    options = parser.parse_args()
    root: Path = options.root
    settings = root / "pyproject.toml"
    try:
        if options.upgrade:
            settings.write_text(with_pins(settings.read_text("utf-8"), ""), "utf-8")
            lock(root, "--upgrade")
        elif not (root / "uv.lock").exists():
            lock(root)
        wanted = with_pins(settings.read_text("utf-8"), pins(root / "uv.lock"))
    except PinsError as error:
        print(f"tools/pins.py: {error}", file=sys.stderr)
        return 1
    if wanted == settings.read_text("utf-8"):
        return 0
    if options.check:
        print("pyproject.toml does not pin what uv.lock resolved; run: ./dev python tools/pins.py", file=sys.stderr)
        return 1
    settings.write_text(wanted, "utf-8")
    return 0


def lock(root: Path, *options: str) -> None:
    """Have uv write `uv.lock`."""
    try:
        subprocess.run(["uv", "lock", "--quiet", *options], cwd=root, check=True)
    except FileNotFoundError:
        raise PinsError("uv is not on PATH; run this through `./dev python`, which brings it") from None
    except subprocess.CalledProcessError as error:
        raise PinsError(f"uv lock ended with {error.returncode}; what it printed stands above") from error


def with_pins(settings: str, block: str) -> str:
    """Give `settings` with `block` between the two marker lines."""
    before, begin, rest = settings.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise PinsError(f"pyproject.toml lacks the lines {BEGIN.strip()!r} and {END.strip()!r} in [tool.uv]")
    return f"{before}{begin}{block}{end}{after}"


def pins(lock_file: Path) -> str:
    """Give the two lists of constraints as TOML."""
    packages: list[Package] = [
        package for package in tomli.loads(lock_file.read_text("utf-8"))["package"] if "registry" in package["source"]
    ]
    building = closure(packages, BUILD_TOOL)
    return array("constraint-dependencies", requirements(packages)) + array(
        "build-constraint-dependencies",
        requirements([package for package in packages if package["name"] in building]),
    )


def array(key: str, rows: list[str]) -> str:
    """Give one TOML array, a row on each line."""
    return "".join([f"{key} = [\n", *(f'    "{row}",\n' for row in rows), "]\n"])


def closure(packages: list[Package], name: str) -> set[str]:
    """Give the names of a package and of everything it needs."""
    needs: dict[str, set[str]] = {}
    for package in packages:
        needs.setdefault(package["name"], set()).update(need["name"] for need in package.get("dependencies", []))
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            waiting.extend(needs.get(current, ()))
    return reached


def requirements(packages: list[Package]) -> list[str]:
    """Give one exact requirement for each package, or one for each range of Pythons where versions differ."""
    names = [package["name"] for package in packages]
    return [
        f"{package['name']}=={package['version']}"
        + (f" ; {python_range(package)}" if names.count(package["name"]) > 1 else "")
        for package in packages
    ]


def python_range(package: Package) -> str:
    """Give the marker for the Pythons that this version is for."""
    markers: list[str] = package.get("resolution-markers", [])
    minors = [minor for minor in MINORS if any(holds(marker, minor) for marker in markers)]
    if not minors or minors != list(range(minors[0], minors[-1] + 1)) or len(minors) == len(MINORS):
        raise PinsError(f"{package['name']} {package['version']} is chosen by something other than the Python version")
    bounds: list[str] = []
    if minors[0] > MINORS[0]:
        bounds.append(f"python_full_version >= '3.{minors[0]}'")
    if minors[-1] < MINORS[-1]:
        bounds.append(f"python_full_version < '3.{minors[-1] + 1}'")
    return " and ".join(bounds)


def holds(marker: str, minor: int) -> bool:
    """Say whether the Python part of a marker holds for Python 3.`minor`."""
    return all(JUDGED[comparison](minor, int(bound)) for comparison, bound in BOUND.findall(marker))


if __name__ == "__main__":
    sys.exit(main())
