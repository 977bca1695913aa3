"""Writes the synchronous shells (and their tests) from the asynchronous ones, which are written by hand.

    tools/sync_shells.py            write what differs
    tools/sync_shells.py --check    fail when something would be written

Every `coodie/aio/*.py` has a twin in `coodie/sync/`, every `tests/shells/aio/*.py` one in `tests/shells/sync/`. The
work is done on tokens: `await` and `async` go, names that say "asynchronous" get their synchronous counterpart, in
docstrings and comments too; the formatter has the last word. What cannot be translated is refused with its line. Two
trailing comments make a difference between the twins, each for the statement it stands on, with its whole block:

    return aiter(self)  # sync: use return iter(self)
    import contextvars  # sync: skip
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import subprocess
import sys
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

PAIRS = (
    ("packages/coodie/src/coodie/aio", "packages/coodie/src/coodie/sync"),
    ("tests/shells/aio", "tests/shells/sync"),
)

NAMES = {
    "AbstractAsyncContextManager": "AbstractContextManager",
    "AsyncBatchQuery": "BatchQuery",
    "AsyncExitStack": "ExitStack",
    "AsyncGenerator": "Generator",
    "AsyncIterable": "Iterable",
    "AsyncIterator": "Iterator",
    "AsyncScan": "Scan",
    "StopAsyncIteration": "StopIteration",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "aclose": "close",
    "adrive": "drive",
    "aio": "sync",
    "abulk": "bulk",
    "aiter": "iter",
    "anext": "next",
    "arun": "run",
    "arun_at": "run_at",
    "arun_for": "run_for",
    "arun_on": "run_on",
    "arun_over": "run_over",
    "aquery": "query",
    "astream": "stream",
    "astream_pages": "stream_pages",
    "asynccontextmanager": "contextmanager",
    "close_async": "close",
    "execute_async": "execute",
    "sync_table_async": "sync_table",
    "send_async": "send",
    "execute_one_async": "execute_one",
    "init_coodie_async": "init_coodie",
    "pytest_asyncio": "pytest",
}

REFUSED = re.compile(r"async|Async|^(?:anyio|trio|Awaitable|Coroutine|TaskGroup)$")
"""Names that have no synchronous counterpart, once `NAMES` has been asked."""

DIRECTIVE = re.compile(r"#\s*sync:\s*(?:(?P<skip>skip)|use\s+(?P<use>\S.*?))\s*$")
DIRECTIVE_LIKE = re.compile(r"#\s*sync:")
WORD = re.compile(rf"\b(?:{'|'.join(map(re.escape, NAMES))})\b")
PHRASES = (
    (re.compile(r"\basync (?=def\b|for\b|with\b)"), ""),
    (re.compile(r"\bawait (?=[\w.]+(?:\.\w|[\[(`}]))"), ""),  # of an expression, and not "await the end"
    (re.compile(r"\b([Aa])n (?=async)"), r"\1 "),
    (re.compile(r"\basync(?=hronous|hronously|\b)"), "sync"),
    (re.compile(r"\bAsync(?=hronous|hronously|\b)"), "Sync"),
)

FSTRING_START: int | None = getattr(tokenize, "FSTRING_START", None)  # Python 3.12 and later
FSTRING_END: int | None = getattr(tokenize, "FSTRING_END", None)
BLANK = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT}


class ShellError(Exception):
    """A source that cannot be translated; the message begins with its path and line."""


class Edit(NamedTuple):
    """A replacement of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Source:
    """One asynchronous module: where it is, what it says, and where its lines begin."""

    name: str
    text: str
    line_starts: tuple[int, ...]

    @classmethod
    def of(cls, name: str, text: str) -> Source:
        """Read `text` as the module `name`."""
        starts = [0]
        for line in text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return cls(name, text, tuple(starts))

    def offset(self, position: tuple[int, int]) -> int:
        """Turn a (row, column) of the tokenizer into an offset."""
        return self.line_starts[position[0] - 1] + position[1]

    def refuse(self, row: int, why: str) -> ShellError:
        """Make the error for something at `row`."""
        return ShellError(f"{self.name}:{row}: {why}")


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Write the synchronous shells from the asynchronous ones.")
    parser.add_argument("--check", action="store_true", help="fail when something would be written")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    options = parser.parse_args()
    root: Path = options.root
    try:
        changes = [change for aio, sync in PAIRS for change in pending(root, root / aio, root / sync)]
    except ShellError as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        for path, _ in changes:
            print(
                f"{path.relative_to(root).as_posix()} differs from its source; run: ./dev sync-shells", file=sys.stderr
            )
        return 1 if changes else 0
    for path, text in changes:
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        print(f"{'removed' if text is None else 'wrote'} {path.relative_to(root).as_posix()}")
    return 0


def pending(root: Path, aio: Path, sync: Path) -> list[tuple[Path, str | None]]:
    """Give the twins that must be written, with their text, or removed, with None."""
    changes: list[tuple[Path, str | None]] = []
    sources = {path.name: path for path in sorted(aio.glob("*.py"))}
    for name, path in sources.items():
        twin = sync / name
        text = generated(root, path, twin)
        present = twin.read_text("utf-8") if twin.exists() else None
        if present is not None and not is_generated(present):
            raise ShellError(f"{twin.relative_to(root).as_posix()}:1: written by hand where a generated twin belongs")
        if present != text:
            changes.append((twin, text))
    for twin in sorted(sync.glob("*.py")):
        if twin.name not in sources:
            if not is_generated(twin.read_text("utf-8")):
                raise ShellError(f"{twin.relative_to(root).as_posix()}:1: written by hand among generated twins")
            changes.append((twin, None))
    return changes


def is_generated(text: str) -> bool:
    """Say whether a file begins with the banner."""
    return text.startswith("# Generated by tools/sync_shells.py ")


def generated(root: Path, path: Path, twin: Path) -> str:
    """Give the text of a twin, formatted."""
    name = path.relative_to(root).as_posix()
    banner = f"# Generated by tools/sync_shells.py from {name}; do not edit.\n"
    text = banner + translate(Source.of(name, path.read_text("utf-8")))
    for command in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(twin), "-"],
            input=text.encode(),
            capture_output=True,
            cwd=root,
            check=False,
        )
        if done.returncode:
            raise ShellError(f"{name}:1: ruff {command[0]} refused the translation: {done.stderr.decode().strip()}")
        text = done.stdout.decode()
    return text


def translate(source: Source) -> str:
    """Give the synchronous form of a module, unformatted.

    Raises:
        ShellError: when something in it has no synchronous form.
    """
    try:
        tree = ast.parse(source.text)
    except SyntaxError as error:
        raise source.refuse(error.lineno or 1, f"does not parse: {error.msg}") from error
    tokens = list(tokenize.generate_tokens(io.StringIO(source.text).readline))
    replaced = directive_edits(source, tree, tokens)
    kept = [
        edit
        for edit in token_edits(source, tokens, replaced)
        if not any(whole.start <= edit.start < whole.end for whole in replaced)
    ]
    text = source.text
    for edit in sorted([*replaced, *kept], reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    try:
        ast.parse(text)
    except SyntaxError as error:
        why = f"the translation does not parse ({error.msg}); a block may have lost its last statement"
        raise source.refuse(error.lineno or 1, why) from error
    return text


def directive_edits(source: Source, tree: ast.Module, tokens: list[tokenize.TokenInfo]) -> list[Edit]:
    """Give the edits that the `# sync:` comments ask for, each over whole lines."""
    edits: list[Edit] = []
    for token in tokens:
        if token.type != tokenize.COMMENT or not DIRECTIVE_LIKE.match(token.string):
            continue
        row = token.start[0]
        directive = DIRECTIVE.match(token.string)
        if directive is None:
            raise source.refuse(row, "a `# sync:` comment says `skip` or `use <statement>`")
        statement = statement_at(tree, row)
        if statement is None:
            raise source.refuse(row, "a `# sync:` comment stands at the end of a statement's first or only line")
        # Decorators above a line that is replaced stay; a statement that is left out goes with its own.
        begins = row if directive["use"] and row == statement.lineno else first_row(statement)
        start, end = source.offset((begins, 0)), source.offset(((statement.end_lineno or row) + 1, 0))
        indent = " " * statement.col_offset
        edits.append(Edit(start, end, f"{indent}{directive['use']}\n" if directive["use"] else ""))
    outermost = sorted(edits, key=lambda edit: (edit.start, -edit.end))
    return [
        edit
        for edit in outermost
        if not any(other.start <= edit.start and edit.end <= other.end for other in outermost if other is not edit)
    ]


def statement_at(tree: ast.Module, row: int) -> ast.stmt | None:
    """Give the innermost statement whose own lines, without those of its block, include `row`."""
    found: ast.stmt | None = None
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt) or (found is not None and node.lineno == found.lineno):
            continue  # what stands behind a colon is part of the line
        body: list[ast.stmt] | None = getattr(node, "body", None)
        last = body[0].lineno - 1 if body else (node.end_lineno or node.lineno)
        if first_row(node) <= row <= max(last, node.lineno):
            found = node
    return found


def first_row(statement: ast.stmt) -> int:
    """Give the row where a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def token_edits(source: Source, tokens: list[tokenize.TokenInfo], replaced: list[Edit]) -> list[Edit]:
    """Give the edits of single tokens; what lies in `replaced` is not looked at."""
    edits: list[Edit] = []
    fstrings: list[int] = []
    for index, token in enumerate(tokens):
        start, end = source.offset(token.start), source.offset(token.end)
        if any(whole.start <= start < whole.end for whole in replaced):
            continue
        if token.type == FSTRING_START:
            fstrings.append(start)
        elif token.type == FSTRING_END:
            start = fstrings.pop()
            if not fstrings:
                edits.append(Edit(start, end, in_prose(source.text[start:end])))
        elif fstrings:
            continue
        elif token.type in {tokenize.STRING, tokenize.COMMENT}:
            edits.append(Edit(start, end, in_prose(source.text[start:end])))
        elif token.type == tokenize.NAME:
            edits.extend(name_edits(source, tokens, index))
    return edits


def name_edits(source: Source, tokens: list[tokenize.TokenInfo], index: int) -> list[Edit]:
    """Give the edits for the name or keyword at `index`."""
    token = tokens[index]
    start, end = source.offset(token.start), source.offset(token.end)
    if token.string in {"async", "await"}:
        following = next(other for other in tokens[index + 1 :] if other.type not in BLANK)
        return [Edit(start, source.offset(following.start), "")]
    name = NAMES.get(token.string)
    if name is None:
        if REFUSED.search(token.string):
            raise source.refuse(
                token.start[0],
                f"{token.string!r} has no synchronous counterpart; give it one in NAMES of tools/sync_shells.py, "
                "or mark the statement with `# sync: skip` or `# sync: use <statement>`",
            )
        return []
    edits = [Edit(start, end, name)]
    if token.string == "AsyncGenerator" and tokens[index + 1].string == "[":
        edits.append(return_type_edit(source, tokens, index + 1))
    return edits


def return_type_edit(source: Source, tokens: list[tokenize.TokenInfo], opening: int) -> Edit:
    """Give `Generator[...]` the third argument, which `AsyncGenerator[...]` does not have."""
    depth = commas = 0
    for token in tokens[opening:]:
        if token.string in {"[", "(", "{"}:
            depth += 1
        elif token.string in {"]", ")", "}"}:
            depth -= 1
        elif token.string == "," and depth == 1:
            commas += 1
        if depth == 0:
            closing = source.offset(token.start)
            return Edit(closing, closing, ", None" if commas else ", None, None")
    raise source.refuse(tokens[opening].start[0], "a bracket is not closed")


def in_prose(text: str) -> str:
    """Translate the words of a string or a comment."""
    text = WORD.sub(lambda word: NAMES[word[0]], text)
    for pattern, replacement in PHRASES:
        text = pattern.sub(replacement, text)
    return text


if __name__ == "__main__":
    sys.exit(main())
