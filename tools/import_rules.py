"""Checks who may import what from outside: the rules that import-linter has no words for.

Import-linter (in `pyproject.toml`) says which of our rooms imports which; here stands which of them may use the
standard library's loops and sockets, and which may know a client library. Imports inside functions count; those that
only type checkers see may name client libraries, but in cql_builder they stay within the standard library and its
typing backport.
"""

from __future__ import annotations

import argparse
import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT_LIBRARIES = {"cassandra", "acsylla", "scylla", "scylladb"}
WORLD = {"asyncio", "socket", "threading", "multiprocessing", "concurrent", "selectors", "ssl", "subprocess"}
SANS_IO = ("coodie._schema", "coodie._model", "coodie._query", "coodie._hydration", "coodie._ops", "coodie._migrations")
MAY_KNOW_CLIENTS = ("coodie_drivers.adapters", "coodie_drivers.codec")


class Import(NamedTuple):
    """One imported module: its first name, where, and whether only type checkers see it."""

    package: str
    line: int
    typing_only: bool


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Check which modules import what from outside.")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    root: Path = parser.parse_args().root
    broken = [
        f"{path.relative_to(root).as_posix()}:{imported.line}: {reason}"
        for source in sorted(root.glob("packages/*/src"))
        for path in sorted(source.rglob("*.py"))
        for imported in imports(ast.parse(path.read_text("utf-8")))
        if (reason := refused(module_name(path.relative_to(source)), imported))
    ]
    print("".join(f"{row}\n" for row in broken), end="", file=sys.stderr)
    return 1 if broken else 0


def module_name(path: Path) -> str:
    """Give the dotted name of a module from its path below `src`."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module) -> Iterator[Import]:
    """Give every import of a module, those inside functions too."""
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(name.name.partition(".")[0], node.lineno, id(node) in typing_only)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield Import(node.module.partition(".")[0], node.lineno, id(node) in typing_only)


def refused(module: str, imported: Import) -> str | None:
    """Give the reason why `module` may not import this, or None."""
    package = imported.package
    if module.partition(".")[0] == "cql_builder" and not of_the_builder(imported):
        return f"cql_builder imports only the standard library, not {package!r}"
    if package in CLIENT_LIBRARIES and not imported.typing_only and not within(module, MAY_KNOW_CLIENTS):
        return f"only {' and '.join(MAY_KNOW_CLIENTS)} import the client library {package!r}"
    if package in WORLD and within(module, SANS_IO):
        return f"{module} describes what is asked and never does it: {package!r} belongs to drivers and shells"
    return None


def of_the_builder(imported: Import) -> bool:
    """Say whether cql_builder may import this."""
    backport = imported.typing_only and imported.package == "typing_extensions"
    return imported.package == "cql_builder" or imported.package in sys.stdlib_module_names or backport


def within(module: str, rooms: tuple[str, ...]) -> bool:
    """Say whether a module lies in one of these rooms."""
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


if __name__ == "__main__":
    sys.exit(main())
