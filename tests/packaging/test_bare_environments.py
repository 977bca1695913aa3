"""Each distribution, installed from its wheel into an environment that holds nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.bare

ABSENT = """
import importlib.util, sys
names = {names!r}
print([name for name in names if importlib.util.find_spec(name) or name in sys.modules])
"""

FIND_INSTALLED = "import importlib.metadata as m; print(sorted(d.name for d in m.distributions()))"


def test_cql_builder_needs_nothing_beside_it(
    wheels: dict[str, Path], install: Callable[..., None], bare_run: Callable[..., str]
) -> None:
    install("--no-index", str(wheels["cql-builder"]))
    assert bare_run(FIND_INSTALLED) == "['cql-builder']\n"
    imports = "import cql_builder, cql_builder.builder, cql_builder.compiler, cql_builder.schema, cql_builder.analysis"
    assert (
        bare_run(imports + ABSENT.format(names=["pydantic", "coodie_drivers", "coodie", "typing_extensions"])) == "[]\n"
    )


def test_coodie_drivers_needs_neither_pydantic_nor_a_client_library(
    wheels: dict[str, Path], install: Callable[..., None], bare_run: Callable[..., str]
) -> None:
    install("--no-index", str(wheels["cql-builder"]), str(wheels["coodie-drivers"]))
    assert bare_run(FIND_INSTALLED) == "['coodie-drivers', 'cql-builder']\n"
    imports = "import coodie_drivers, coodie_drivers.testing"
    assert bare_run(imports + ABSENT.format(names=["pydantic", "cassandra", "acsylla", "coodie"])) == "[]\n"


def test_without_a_client_library_connecting_names_the_extra(
    wheels: dict[str, Path], install: Callable[..., None], bare_run: Callable[..., str]
) -> None:
    install("--no-index", str(wheels["cql-builder"]), str(wheels["coodie-drivers"]))
    code = """
from coodie_drivers import init_coodie
from coodie_drivers.errors import ConfigurationError, DriverMissingError
try:
    init_coodie(hosts=["127.0.0.1"])
except DriverMissingError as error:
    assert isinstance(error, ConfigurationError)
    print(error)
"""
    assert "pip install scylla-driver, or the extra 'scylla' of coodie-drivers" in bare_run(code)


def test_the_mapper_imports_without_a_client_library(
    wheels: dict[str, Path], install: Callable[..., None], bare_run: Callable[..., str]
) -> None:
    install(*map(str, wheels.values()))
    imports = "import coodie, coodie.sync, coodie.aio, coodie.drivers, coodie.fields, coodie.exceptions, coodie.results"
    assert bare_run(imports + ABSENT.format(names=["cassandra", "acsylla", "typer"])) == "[]\n"


def test_the_pytest_plugin_does_nothing_unless_a_fixture_asks(
    wheels: dict[str, Path], install: Callable[..., None], bare_run: Callable[..., str]
) -> None:
    install(str(wheels["cql-builder"]), f"coodie-drivers[pytest] @ {wheels['coodie-drivers'].as_uri()}")
    code = """
import pathlib, sys, pytest
pathlib.Path("test_alone.py").write_text("def test_alone(): assert True")
assert pytest.main(["-q", "-p", "no:cacheprovider", "test_alone.py"]) == 0
print("ours:", sorted(name for name in sys.modules if name.startswith(("coodie_drivers.", "cql_builder"))))
"""
    loaded = bare_run(code).splitlines()[-1]
    assert loaded == "ours: ['coodie_drivers.testing', 'coodie_drivers.testing.plugin']"


def test_two_owners_of_the_package_cassandra_are_found_out_when_connecting(
    wheels: dict[str, Path], install: Callable[..., None], bare_run: Callable[..., str], tmp_path: Path
) -> None:
    install("--no-index", str(wheels["cql-builder"]), str(wheels["coodie-drivers"]))
    for name in ("scylla-driver", "cassandra-driver"):
        info = tmp_path / f"site/{name.replace('-', '_')}-3.29.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 3.29\n", "utf-8")
    (tmp_path / "site/cassandra").mkdir()
    (tmp_path / "site/cassandra/__init__.py").touch()
    code = """
from coodie_drivers import init_coodie
from coodie_drivers.errors import ConfigurationError
try:
    init_coodie(hosts=["127.0.0.1"])
except ConfigurationError as error:
    print(error)
"""
    said = bare_run(code, PYTHONPATH=str(tmp_path / "site"))
    assert "scylla-driver and cassandra-driver are both installed" in said
