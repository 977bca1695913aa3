"""What importing the packages costs, in units of what pydantic itself costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.once

ROUNDS = 9
CLIENT_LIBRARIES = ["acsylla", "cassandra", "scylla", "scylladb"]

MEASURE = """
import json, sys, time
seconds = []
for code in sys.argv[1:]:
    began = time.perf_counter()
    exec(code)
    seconds.append(time.perf_counter() - began)
print(json.dumps([seconds, sorted(sys.modules)]))
"""

PYDANTIC = "from pydantic import BaseModel"


def measured(folder: Path, *imports: str) -> tuple[list[float], list[str]]:
    """Import one after the other in a new process; give the seconds of each, and which modules are loaded then."""
    # Compiled modules are kept, as they are for users, whatever the variables of this test run say.
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *imports], env=environ, capture_output=True, text=True, check=True
    )
    seconds, loaded = json.loads(done.stdout)
    return seconds, loaded


def test_the_mapper_costs_no_more_than_pydantic_beyond_it(tmp_path: Path) -> None:
    mapper = "from coodie import Document, init_coodie"
    measured(tmp_path, PYDANTIC, mapper)
    rounds = [measured(tmp_path, PYDANTIC, mapper)[0] for _ in range(ROUNDS)]
    pydantic, coodie = (min(seconds) for seconds in zip(*rounds, strict=True))
    assert coodie <= 1.0 * pydantic


def test_the_builder_costs_no_more_than_half_of_pydantic(tmp_path: Path) -> None:
    used = "from cql_builder import col, delete_from, insert_into, select, update"
    measured(tmp_path, PYDANTIC, used)
    rounds = [(*measured(tmp_path, PYDANTIC)[0], *measured(tmp_path, used)[0]) for _ in range(ROUNDS)]
    pydantic, builder = (min(seconds) for seconds in zip(*rounds, strict=True))
    assert builder <= 0.5 * pydantic


@pytest.mark.parametrize("package", ["coodie", "coodie.sync", "coodie_drivers", "cql_builder"])
def test_importing_loads_no_client_library(tmp_path: Path, package: str) -> None:
    _, loaded = measured(tmp_path, f"import {package}")
    assert [name for name in CLIENT_LIBRARIES if name in loaded] == []
    assert package.partition(".")[0] in loaded


def test_the_mapper_loads_what_makes_statements_when_one_is_made(tmp_path: Path) -> None:
    _, loaded = measured(tmp_path, "from coodie import Document, QuerySet, init_coodie")
    assert "coodie.aio.document" in loaded
    assert [name for name in loaded if name.startswith(("coodie._ops.", "cql_builder.builder"))] == []
