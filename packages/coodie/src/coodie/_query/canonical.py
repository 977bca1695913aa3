"""Values as bytes that are the same in every process."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def canonical(value: object) -> bytes:
    """A value as bytes that no other value has; of sets and dicts in an order of their own."""
    if isinstance(value, (set, frozenset)):
        return _tagged("set", b"".join(sorted(map(canonical, cast("Iterable[object]", value)))))
    if isinstance(value, dict):
        pairs = cast("Mapping[object, object]", value).items()
        return _tagged("dict", b"".join(sorted(canonical(key) + canonical(each) for key, each in pairs)))
    if isinstance(value, (list, tuple)):
        return _tagged("list", b"".join(map(canonical, cast("Iterable[object]", value))))
    if isinstance(value, (bytes, bytearray)):
        return _tagged("bytes", bytes(value))
    if isinstance(value, str):
        return _tagged("str", value.encode("utf-8", "surrogatepass"))
    return _tagged(type(value).__name__, repr(value).encode("utf-8", "surrogatepass"))


def _tagged(kind: str, content: bytes) -> bytes:
    return f"{kind}:{len(content)}:".encode() + content
