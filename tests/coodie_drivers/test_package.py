"""The package as a whole: what it offers at its top, and what importing it does not do."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import coodie_drivers


def sorted_as_written(names: list[str]) -> list[str]:
    """Constants, then classes, then functions, each by name."""
    return sorted(names, key=lambda name: (0 if name.isupper() else 1 if name[0].isupper() else 2, name))


@pytest.mark.parametrize(
    "module",
    ["coodie_drivers"]
    + [
        f"coodie_drivers.{module.name}"
        for module in pkgutil.iter_modules(coodie_drivers.__path__)
        if module.name not in {"testing", "adapters"}
    ],
)
def test_public_names_are_sorted_and_there(module: str) -> None:
    found = importlib.import_module(module)
    names: list[str] = list(getattr(found, "__all__", []))
    assert names == sorted_as_written(names)
    assert [name for name in names if name != "CassandraDriver" and not hasattr(found, name)] == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'zzz'"):
        coodie_drivers.zzz  # noqa: B018 - asking is the test


def test_importing_loads_no_client_library_and_no_event_loop() -> None:
    code = (
        "import sys, coodie_drivers; print([name for name in ('cassandra', 'acsylla', 'asyncio', 'ssl', "
        "'concurrent.futures', 'importlib.metadata') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
