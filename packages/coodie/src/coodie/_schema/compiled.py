"""The one place that turns generated source into a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def compile_function(name: str, parameters: str, body: Iterable[str], names: Mapping[str, object]) -> Any:
    """Make a function from lines of source; whatever the lines mention besides their own names is in `names`.

    Callers write names of fields into the source by `repr` alone, so no text of a user is ever read as code.
    """
    lines = [f"def {name}({parameters}):", *(f"    {line}" for line in body)]
    namespace = dict(names)
    exec(compile("\n".join(lines), f"<coodie {name}>", "exec"), namespace)  # noqa: S102 - see the docstring
    return namespace[name]
