"""The files in `examples/` run as scripts, and the quick starts are the documented one, word for word."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from coodie_drivers import get_driver
from snippets.running import Interpreter
from snippets.steps import docstring_of, steps_of

if TYPE_CHECKING:
    from snippets.places import Place

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"

LOGGED = "Response from the database contains a warning "
"""How scylladb-rs-driver begins to log what the server warns of, which Python shows where nobody handles it."""

ALICE = r"\[User\(id=UUID\('[0-9a-f-]{36}'\), name='Alice', email='alice@example\.com'\)\]\n"
TOUR = """\
CREATE TABLE IF NOT EXISTS my_ks.readings (city text, day date, minute int, station text, celsius float, \
PRIMARY KEY ((city, day), minute)) WITH CLUSTERING ORDER BY (minute DESC)
CREATE INDEX IF NOT EXISTS readings_station_idx ON my_ks.readings (station)
[]
[(3, 4.5), (2, 5.0)]
[(1, 4.5), (2, 5.0), (3, 4.5)]
[4.5, 5.0, 4.5, 4.0]
Reading: no key and no index serves 'celsius'; give the partition key ('city', 'day') too, or call \
.allow_filtering() to let the server read the whole table
3
all()    12,000
for      12,000
count()  12,000
async for  12,000
LWTResult(applied=True, existing={})
LWTResult(applied=False, existing={'number': '12A', 'guest': 'Ann'})
LWTResult(applied=False, existing={'guest': 'Ann'})
LWTResult(applied=True, existing={}) number='12A' guest='Cid'
url='/home' views=2
Reading has no field 'ctiy'; did you mean 'city'?
"""

PRINTED = {
    "keyspace.py": "",
    "quick_start_sync.py": ALICE,
    "quick_start_async.py": ALICE,
    "tour.py": re.escape(TOUR),
}


def example(name: str) -> str:
    return (EXAMPLES / name).read_text("utf-8")


def awaited(quick_start: str) -> str:
    """The quick start the way the documents say it becomes asynchronous: another import, `await` where it talks."""
    return re.sub(
        r"(^|\()(?=init_coodie\(|User\.sync_table\(|user\.save\(|User\.find\()",
        r"\1await ",
        quick_start.replace("coodie.sync", "coodie.aio"),
        flags=re.MULTILINE,
    )


@pytest.mark.node
@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.py")))
def test_example_runs_as_a_script(name: str, place: Place, tmp_path: Path) -> None:
    script = tmp_path / name
    script.write_text(place.named_in(example(name)), "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if not line.startswith(LOGGED)]) == (0, [])
    assert re.fullmatch(PRINTED[name], done.stdout.replace(place.keyspace, "my_ks")), done.stdout


@pytest.mark.node
@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_the_documented_quick_start_runs_word_for_word(
    documented_quick_start: str, place: Place, capsys: pytest.CaptureFixture[str], *, asynchronous: bool
) -> None:
    text = awaited(documented_quick_start) if asynchronous else documented_quick_start
    with Interpreter("documented_quick_start") as interpreter:
        interpreter.run(ast.parse(place.named_in(text)), "the documented quick start")
        assert re.fullmatch(ALICE, capsys.readouterr().out)
        saved = interpreter.names["user"]
    rows = get_driver().execute(f"SELECT id, name, email FROM {place.keyspace}.users", [])
    assert rows == [vars(saved)]


def test_the_quick_starts_are_the_documented_one(documented_quick_start: str) -> None:
    assert example("quick_start_sync.py") == documented_quick_start
    asynchronous = example("quick_start_async.py")
    opening, body = "\nasync def main() -> None:\n", asynchronous.partition("main() -> None:\n")[2]
    imports = asynchronous.partition(opening)[0].removeprefix("import asyncio\n")
    statements = dedent(body.partition("\nasyncio.run(main())\n")[0])
    assert f"{imports}\n{statements}" == awaited(documented_quick_start)


def test_the_readme_shows_the_examples() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    for name in ("keyspace.py", "quick_start_sync.py", "quick_start_async.py"):
        shown = example(name).removeprefix(f'"""{docstring_of(example(name))}"""\n\n')
        assert f"```python\n{shown}```\n" in page, name


@pytest.mark.parametrize("name", sorted(PRINTED))
def test_the_steps_of_an_example_are_all_of_it(name: str) -> None:
    text = example(name)
    steps = steps_of(text)
    squeezed = re.sub(r"\s+", " ", text.removeprefix(f'"""{docstring_of(text)}"""'))
    assert re.sub(r"\s+", " ", "\n".join(step.text for step in steps)).strip() == squeezed.strip()
    assert all(step.text.lstrip().startswith("# ") for step in steps[1:])
    ran = sum(len(step.tree.body) for step in steps)
    module = ast.parse(text).body[1 if docstring_of(text) else 0 :]
    main = [node for node in module if isinstance(node, ast.AsyncFunctionDef) and node.name == "main"]
    assert ran == (len(module) - 2 + len(main[0].body) if main else len(module))
