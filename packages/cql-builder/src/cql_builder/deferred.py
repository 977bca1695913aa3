"""Names of a package whose modules are loaded when a name of theirs is asked for: an import pays for all it loads."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["deferring_names"]


def deferring_names(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return the `__getattr__` and the `__dir__` of a package (PEP 562) that finds names in modules of its own.

    To be used where type checkers do not look (`if not TYPE_CHECKING:`), or they would take any name for one there is.

    Args:
        package: its `__name__`.
        homes: for each name the module in which it stands, by its name inside the package.

    >>> find, _ = deferring_names("cql_builder", {"col": "builder"})
    >>> find("col").__name__
    'col'
    >>> find("cole")
    Traceback (most recent call last):
    AttributeError: module 'cql_builder' has no attribute 'cole'
    """

    def find(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, found)  # from now on it is found without asking here
        return found

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return find, listed
