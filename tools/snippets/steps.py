"""An example file as steps: parts that are read, and run, one after the other.

A step begins at a comment at the left margin that follows an empty line. The body of `async def main()` counts as if
it stood at the margin, and the line that runs `main` as if it were not there: its awaits are the steps' own.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """A part of an example file.

    Attributes:
        text: the lines as they stand in the file.
        tree: the statements to run; none where the lines only frame others.
    """

    text: str
    tree: ast.Module


def docstring_of(text: str) -> str:
    """Give the sentence that an example file begins with, or nothing."""
    return ast.get_docstring(ast.parse(text)) or ""


def steps_of(text: str) -> list[Step]:
    """Split an example file into its steps; its docstring belongs to none."""
    tree = ast.parse(text)
    lines = text.splitlines()
    body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    main = next((node for node in body if isinstance(node, ast.AsyncFunctionDef) and node.name == "main"), None)
    first = (tree.body[0].end_lineno or 0) if body is not tree.body else 0
    starts = [first, *(row for row in range(first + 1, len(lines)) if _begins_step(lines, row, main))]
    statements = _statements(body, main)
    ends = [*starts[1:], len(lines)]
    return [_step(lines, statements, start, end) for start, end in zip(starts, ends, strict=True)]


def _step(lines: list[str], statements: list[ast.stmt], start: int, end: int) -> Step:
    inside = [node for node in statements if start < node.lineno <= end]
    return Step("\n".join(lines[start:end]).strip("\n"), ast.Module(inside, type_ignores=[]))


def _begins_step(lines: list[str], row: int, main: ast.AsyncFunctionDef | None) -> bool:
    if lines[row - 1].strip():
        return False
    margin = main.body[0].col_offset if main and main.lineno <= row < (main.end_lineno or 0) else 0
    return lines[row].startswith(f"{' ' * margin}# ")


def _statements(body: list[ast.stmt], main: ast.AsyncFunctionDef | None) -> list[ast.stmt]:
    if main is None:
        return body
    found: list[ast.stmt] = []
    for node in body:
        if node is main:
            found += main.body
        elif ast.unparse(node) != "asyncio.run(main())":
            found.append(node)
    return found
