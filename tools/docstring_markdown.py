"""A docstring as Markdown: its sections as lists, its examples as fenced blocks."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SECTIONS = {"Args": "Arguments", "Attributes": "Attributes", "Raises": "Raises", "Returns": "Returns"}
HEADING = re.compile(rf"({'|'.join(SECTIONS)}):$")
ENTRY = re.compile(r" {4}(?P<names>[\w*., `]+?): (?P<text>.*)$")
PROMPT = ">>> "
FENCE = "```"
INDENT = "    "


def markdown_of(docstring: str) -> list[str]:
    r"""Give the lines of a docstring as Markdown, the last of them not empty.

    >>> markdown_of("Find it.\n\nRaises:\n    KeyError: it is\n        not there.")
    ['Find it.', '', '**Raises**', '', '- `KeyError`: it is', '  not there.']
    """
    lines = iter(inspect.cleandoc(docstring).splitlines())
    found: list[str] = []
    section = ""
    for line in lines:
        heading = HEADING.match(line)
        if heading:
            section = heading[1]
            found += [f"**{SECTIONS[section]}**", ""]
        elif line.startswith(FENCE):
            found += [line if line != FENCE else f"{FENCE}text", *_until(lines, FENCE), FENCE]
        elif line.startswith(PROMPT):
            found += [f"{FENCE}python", line, *_until(lines, ""), FENCE, ""]
        else:
            section = section if not line or line.startswith(INDENT) else ""
            found.append(_in_section(line, section) if section else line)
    while found and not found[-1]:
        found.pop()
    return found


def _until(lines: Iterator[str], end: str) -> Iterator[str]:
    """Give the lines up to one that is this, which is left out."""
    for line in lines:
        if line == end:
            return
        yield line


def _in_section(line: str, section: str) -> str:
    """Give a line of a section: an entry as an item of a list, what goes on from it below it."""
    if section == "Returns":
        return line.removeprefix(INDENT)
    entry = ENTRY.match(line)
    if entry and not line.startswith(INDENT * 2):
        return f"- `{entry['names']}`: {entry['text']}"
    return f"  {line.lstrip()}" if line else line
