"""What type checkers say about code that uses the builder: right use passes, each wrong line is refused."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

RIGHT = """
from typing_extensions import assert_type
from cql_builder import Compiled, TableName, col, create_table, delete_from, fn, insert_into, select, update
from cql_builder.builder.insert import InsertBuilder
from cql_builder.builder.select import SelectBuilder

query = select("id", col("name"), fn.count().as_("n")).from_("products").where(col("price") >= 3, fn.token("a") < 1)
assert_type(query.order_by("price", desc=True).limit(10), SelectBuilder)
assert_type(query.compile(dialect="scylla"), Compiled)
assert_type(insert_into(TableName("a.b")).values({"a": 1}, b=object()).using(ttl=5), InsertBuilder)
update("t").set({"a": 1}, col("m")["k"].set(2), b=3).where(col("a") == 1).if_(col("b") != None)
delete_from("t").columns("a", col("m")["k"]).where(col("a").in_([1]))
create_table("t").column("a", "int").partition_key("a").clustering_order(b="DESC").options({"a": "x", "c": {"d": 1}})
cql, params, names = query.compile()
assert_type(cql, str)
assert_type(params, tuple[object, ...])
"""

WRONG = """
from cql_builder import alter_table, col, create_index, create_table, delete_from, fn, insert_into, select, update

select(3)
select().from_(None)
select().from_("t").where(True)
select().from_("t").where("a = 1")
select().from_("t").order_by("a", "DESC")
select().from_("t").order_by(1)
select().from_("t").if_exists()
select().from_("t").limit(1).values
insert_into("t").where(col("a") == 1)
insert_into("t").values([("a", 1)])
insert_into("t").using(tll=5)
update("t").set("a")
update("t").if_(False)
update("t").allow_filtering()
delete_from("t").columns(3)
delete_from("t").using(ttl=5)
create_table("t").column("a", int)
create_table("t").clustering_order(a="down")
create_table("t").options({"a": None})
alter_table("t").drop(1)
create_index("i").on("t", "a", "half")
col(3)
col("a").contains()
fn.nwo()
fn.token(1)
"""


def checked(folder: Path, text: str) -> dict[str, set[int]]:
    """Run both type checkers over a text; give the lines that each refuses."""
    path = folder / "used.py"
    path.write_text(text.lstrip(), encoding="utf-8")
    mypy = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(folder), str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict", "pythonVersion": "3.10"}')
    pyright = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    said = json.loads(pyright.stdout)["generalDiagnostics"]
    return {
        "mypy": {int(line) for line in re.findall(r"used\.py:(\d+): error", mypy.stdout)},
        "pyright": {each["range"]["start"]["line"] + 1 for each in said if each["severity"] == "error"},
    }


@pytest.mark.once
def test_right_use_passes(tmp_path: Path) -> None:
    assert checked(tmp_path, RIGHT) == {"mypy": set(), "pyright": set()}


@pytest.mark.once
def test_every_wrong_line_is_refused(tmp_path: Path) -> None:
    lines = WRONG.strip().splitlines()
    wrong = {number for number, line in enumerate(lines, 1) if line and not line.startswith("from ")}
    assert checked(tmp_path, WRONG) == {"mypy": wrong, "pyright": wrong}
