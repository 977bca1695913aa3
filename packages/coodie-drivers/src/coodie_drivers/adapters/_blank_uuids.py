"""UUIDs filled in from outside: a third of the time that their constructor takes.

A UUID refuses every assignment, and its slots' own setters are called one by one, as functions. Of a blank both is one
instruction of Python's; its class is then changed to that of a true one, which is laid out alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, SafeUUID


class BlankUUID(UUID):
    """A UUID that can be filled in, and becomes a true one by its `__class__`; a true one refuses every assignment."""

    __slots__ = ()

    if not TYPE_CHECKING:  # they are not those of a true one
        __init__ = object.__init__
        __setattr__ = object.__setattr__


def uuid_lines(name: str, number: str) -> tuple[str, ...]:
    """Return the lines of a generated function that make a UUID of this name, of the source of its number."""
    return (f"{name} = BlankUUID()", f"{name}.int = {number}", f"{name}.is_safe = unknown", f"{name}.__class__ = UUID")


UUID_PARTS: Final[dict[str, Any]] = {
    "BlankUUID": BlankUUID,
    "UUID": UUID,
    "integer": int.from_bytes,
    "unknown": SafeUUID.unknown,
}
"""What functions with these lines must know; `integer` makes the number of octets."""
