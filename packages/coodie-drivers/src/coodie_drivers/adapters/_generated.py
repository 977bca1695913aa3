"""Functions generated for the columns of one statement: what is worked out for them once is not for each value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def generated(signature: str, body: Iterable[str], known: Mapping[str, Any]) -> Any:
    """Return the function of these lines.

    Args:
        signature: its name and its parameters: `"read(rows)"`.
        body: its lines, of words of these modules and numbers, of nothing from outside; each indented by one or more.
        known: what they mention.
    """
    name, names = signature.partition("(")[0], dict(known)
    exec(compile("\n".join([f"def {signature}:", *body]), f"<coodie {name}>", "exec"), names)  # noqa: S102 - see above
    # Taken out, for it would keep itself, and a session that it mentions, until the garbage collector runs.
    return names.pop(name)
