"""Modules of a room that are loaded when something of them is first used, for an import pays for all that it loads."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class _Deferred(ModuleType):
    """Stands for a module until something of it is used; then it has what that module has.

    The module itself is imported in the usual way: once, however many threads ask for it, and whole before any goes on.
    """

    def __getattr__(self, name: str) -> object:
        """Load the module; whatever is asked for next is found without asking here."""
        module = import_module(self.__name__)
        vars(self).update(vars(module))
        # An instance of the plain class: no attribute costs more than that of any module.
        object.__setattr__(self, "__class__", ModuleType)
        return getattr(module, name)

    def __dir__(self) -> list[str]:
        """The names of the module."""
        return dir(import_module(self.__name__))


def deferring(room: str, *modules: str) -> Callable[[str], ModuleType]:
    """Make the `__getattr__` of a room, so that `from room import module` does not load these modules yet.

    Importing a name out of one (`from room.module import name`) loads it at once.
    """

    def find(name: str) -> ModuleType:
        if name not in modules:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return _Deferred(f"{room}.{name}")

    return find
