"""The pages for people: their Python runs, their commands exist, their links lead somewhere.

The Python blocks of a page run in order, as one module; where one connects, on a real node with other names of host
and keyspace. A line `#> text` says what the block prints (`…` for anything), a block of `>>>` lines shows it the way
docstrings do. What cannot run has `<!-- not run: why -->` before it; `<!-- not run: excerpt of <file> -->` is held to
be in that file, word for word.
"""

from __future__ import annotations

import ast
import doctest
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from devtools.commands import PROGRAMS, TASKS
from snippets.running import Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snippets.places import Place

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[\w+-]*)(?P<rest>.*)$")
NOT_RUN = re.compile(r"^ *<!-- not run: (?P<why>.*\S) *-->$")
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
LANGUAGES = {"python", "console", "text", "toml", "cql"}
PROMPT = ">>> "
SHOWN = "#> "
NODE_COMMANDS = {"start", "run", "stop", "status", "logs"}


class Block(NamedTuple):
    """A fenced block, with the reason that stands before it where it is not to be run."""

    page: str
    line: int
    language: str
    text: str
    why_not_run: str | None

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    found = [*ROOT.glob("*.md"), *ROOT.glob("packages/*/README.md"), *ROOT.glob("docs/**/*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def blocks_of(page: str) -> Iterator[Block]:
    lines = read(page).splitlines()
    row, why = 0, None
    while row < len(lines):
        opening = FENCE.match(lines[row])
        if opening is None:
            marker = NOT_RUN.match(lines[row])
            assert why is None or not lines[row].strip(), f"{page}:{row}: {why!r} stands before no block"
            why = marker["why"] if marker else why
            row += 1
            continue
        end = next((at for at in range(row + 1, len(lines)) if lines[at].strip() == "```"), None)
        assert end is not None, f"{page}:{row + 1}: the block has no end"
        indent = len(opening["indent"])
        text = "\n".join(line[indent:] for line in lines[row + 1 : end])
        yield Block(page, row + 2, opening["language"], f"{text}\n", why)
        row, why = end + 1, None
    assert why is None, f"{page}: {why!r} stands before no block"


def python_blocks(page: str) -> list[Block]:
    return [block for block in blocks_of(page) if block.language == "python"]


def connects(page: str) -> bool:
    return any("init_coodie(" in block.text for block in python_blocks(page) if not block.why_not_run)


PAGES = pages()
GENERATED = "docs/reference/"
"""Where pages are made from docstrings, whose examples run where they stand."""

WRITTEN = [page for page in PAGES if not page.startswith(GENERATED)]
WITH_CODE = [page for page in WRITTEN if any(not block.why_not_run for block in python_blocks(page))]


def run_block(interpreter: Interpreter, block: Block, captured: pytest.CaptureFixture[str]) -> None:
    """Run a block and hold it to what it says that it prints."""
    if block.text.startswith(PROMPT):
        run_session(interpreter, block)
        return
    source = "\n" * (block.line - 1) + block.text
    interpreter.run(ast.parse(source, block.page), block.page)
    said = [line.removeprefix(SHOWN) for line in block.text.splitlines() if line.startswith(SHOWN)]
    printed = captured.readouterr().out
    if not said:
        return
    pattern = ".*".join(re.escape(part) for part in "\n".join(said).split("…"))
    assert re.fullmatch(pattern, printed.rstrip("\n"), re.DOTALL), f"{block.place} prints:\n{printed}"


def run_session(interpreter: Interpreter, block: Block) -> None:
    """Run a block that shows a session of the interactive interpreter."""
    session = doctest.DocTestParser().get_doctest(block.text, interpreter.names, block.page, block.page, block.line - 1)
    complaints: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(session, out=complaints.append, clear_globs=False)
    assert not runner.failures, "".join(complaints)
    interpreter.names.update(session.globs)


def run_page(page: str, captured: pytest.CaptureFixture[str], place: Place | None = None) -> None:
    with Interpreter("page_" + re.sub(r"\W", "_", page)) as interpreter:
        for block in python_blocks(page):
            if block.why_not_run is None:
                text = block.text if place is None else place.named_in(block.text)
                run_block(interpreter, block._replace(text=text), captured)


@pytest.mark.parametrize("page", [page for page in WITH_CODE if not connects(page)])
def test_python_runs(page: str, capsys: pytest.CaptureFixture[str], no_connection: None) -> None:
    run_page(page, capsys)


@pytest.mark.node
@pytest.mark.parametrize("page", [page for page in WITH_CODE if connects(page)])
def test_python_runs_on_a_node(page: str, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    run_page(page, capsys, place)


@pytest.mark.parametrize(
    "text", ["print(1 + 1)\n#> 3\n", "for n in (1, 2):\n    print(n)\n#> 1\n", ">>> 1 + 1\n3\n", "assert False\n"]
)
def test_a_block_that_does_something_else_is_noticed(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Interpreter("page_probe") as interpreter, pytest.raises(AssertionError):
        run_block(interpreter, Block("probe.md", 1, "python", text, None), capsys)


@pytest.mark.parametrize("page", PAGES)
def test_what_is_not_run_has_a_reason_that_holds(page: str) -> None:
    for block in blocks_of(page):
        assert block.language in LANGUAGES, f"{block.place}: a block says its language, one of {sorted(LANGUAGES)}"
        if block.why_not_run is None:
            continue
        assert block.language == "python", f"{block.place}: only Python runs"
        excerpt = re.fullmatch(r"excerpt of (\S+)", block.why_not_run)
        if excerpt:
            source = (ROOT / excerpt[1]).read_text("utf-8")
            assert block.text in source, f"{block.place} is not in {excerpt[1]}"
        else:
            assert len(block.why_not_run.split()) > 2, f"{block.place}: say why, not {block.why_not_run!r}"


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str) -> None:
    for block in blocks_of(page):
        if block.language == "console":
            for row, line in enumerate(block.text.splitlines(), block.line):
                wrong = why_wrong(line.partition(" #")[0].removeprefix("$ ").split())
                assert wrong is None, f"{page}:{row}: {wrong}"


def why_wrong(words: list[str]) -> str | None:
    """Why a command cannot be right, or None: it is a task of `./dev`, or installs the packages of this repository."""
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words = words[1:]
    match words:
        case [] | [".ci/run"]:
            return None
        case ["./dev", "node", command, *_]:
            return None if command in NODE_COMMANDS else f"there is no `./dev node {command}`"
        case ["./dev", "python", *rest]:
            missing = [word for word in rest if word.endswith(".py") and not (ROOT / word).exists()]
            return f"there is no {missing[0]}" if missing else None
        case ["./dev", task, *_]:
            return None if task in {*TASKS, *PROGRAMS, "--help"} else f"there is no task {task!r}"
        case ["pip", "install", *wanted] if wanted:
            paths = [word.strip("'\"").partition("[")[0] for word in wanted]
            missing = [path for path in paths if not (path.startswith("./") and (ROOT / path).is_dir())]
            return f"{missing[0]} is no folder of this repository" if missing else None
        case _:
            return f"{' '.join(words)!r} is no task of ./dev"


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("./dev demo", False),
        ("COODIE_TEST_HOSTS=db:9042 ./dev test -k first", False),
        ("pip install ./packages/coodie[scylla]", False),
        ("./dev dmeo", True),
        ("./dev node restart", True),
        ("./dev python examples/missing.py", True),
        ("pip install coodie", True),
        ("curl example.org", True),
    ],
)
def test_a_command_that_is_not_there_is_noticed(command: str, *, wrong: bool) -> None:
    assert (why_wrong(command.split()) is not None) is wrong


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    prose = re.sub(r"^ *```.*?^ *```$", "", read(page), flags=re.MULTILINE | re.DOTALL)
    for link in LINK.finditer(prose):
        target, _, anchor = link["target"].partition("#")
        if re.match(r"https?:|mailto:", target):
            continue
        path = ROOT / page if not target else (ROOT / page).parent / target
        assert path.exists(), f"{page}: {link[0]} leads nowhere"
        if anchor:
            headings = re.findall(r"^#+ +(.*?)\s*$", path.read_text("utf-8"), re.MULTILINE)
            assert anchor in map(slug, headings), f"{page}: {link[0]} names no heading"


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("package", ["cql-builder", "coodie-drivers", "coodie"])
def test_the_map_has_every_room(package: str) -> None:
    name = package.replace("-", "_")
    shown = read("ARCHITECTURE.md").partition(f"**`{name}`**")[2].partition("\n**`")[0].partition("\n## ")[0]
    rooms = [room for row in re.findall(r"^\| (`.*?) \|", shown, re.MULTILINE) for room in re.findall(r"`(\w+)`", row)]
    inside = (ROOT / "packages" / package / "src" / name).iterdir()
    there = {path.stem for path in inside if path.suffix == ".py" or (path / "__init__.py").exists()} - {"__init__"}
    assert sorted(rooms) == sorted(there)
