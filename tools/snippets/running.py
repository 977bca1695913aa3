"""Running pieces of source one after the other as one module, `await` allowed at its top."""

from __future__ import annotations
import __future__

import ast
import asyncio
import builtins
import sys
from inspect import CO_COROUTINE
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import TracebackType

    from typing_extensions import Self


class Interpreter:
    """A module that grows: each piece that is run sees what the ones before it have defined.

    Used as a context manager, for it has an event loop, in which all pieces that await run.

    >>> with Interpreter("probe") as interpreter:
    ...     interpreter.run(ast.parse("import asyncio; n = 1"), "<probe>")
    ...     interpreter.run(ast.parse("await asyncio.sleep(0); print(n + 1)"), "<probe>")
    2
    """

    def __init__(self, name: str) -> None:
        """Start an empty module of this name."""
        self._module = ModuleType(name)
        self.names["__builtins__"] = builtins  # as `exec` would; a function made by hand is not given any
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._loop = asyncio.new_event_loop()

    @property
    def names(self) -> dict[str, object]:
        """What the pieces have defined so far; not a copy."""
        return vars(self._module)

    def __enter__(self) -> Self:
        """Make the module known, for annotations are looked up in it."""
        sys.modules[self._module.__name__] = self._module
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Forget the module and end its event loop, with whatever an interruption has left in it."""
        sys.modules.pop(self._module.__name__, None)
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.wait(left) if left else self._loop.shutdown_asyncgens())
        self._loop.close()

    def run(self, tree: ast.Module, filename: str) -> None:
        """Run a piece; what it raises comes through."""
        code = compile(tree, filename, "exec", self._flags, dont_inherit=True)
        # A future statement holds for the rest of its module, and this is one.
        self._flags |= code.co_flags & __future__.annotations.compiler_flag
        done = FunctionType(code, self.names)()
        if code.co_flags & CO_COROUTINE:
            self._loop.run_until_complete(cast("Coroutine[object, object, None]", done))
