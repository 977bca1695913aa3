"""The conformance suite speaks of every line of the contract, and of every row of the type table."""

from __future__ import annotations

import importlib.util
import inspect
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coodie_drivers import AbstractDriver, ConfigurationError
from coodie_drivers.testing.conformance import DriverConformance
from coodie_drivers.testing.conformance.lines import CONTRACT, TYPES
from coodie_drivers.testing.conformance.samples import KEY_TYPES, SAMPLES
from coodie_drivers.values import PYTHON_TYPES

if TYPE_CHECKING:
    from types import ModuleType

MOST_EXCEPTIONS = 10

CASES = {name for name in dir(DriverConformance) if name.startswith("test_")}


def parameters_of(case: str) -> set[str] | None:
    """The CQL types that a case runs with; None when it is not parametrized by them."""
    for mark in getattr(getattr(DriverConformance, case), "pytestmark", []):
        if mark.name == "parametrize" and mark.args[0] == "cql_type":
            return set(mark.args[1])
    return None


def test_every_member_of_the_contract_has_cases() -> None:
    inherited = set(dir(object)) | {"__abstractmethods__", "__dict__", "__weakref__", "__module__", "__annotations__"}
    members = {
        name
        for name, member in vars(AbstractDriver).items()
        if name not in inherited and (not name.startswith("_") or inspect.isfunction(member))
    }
    assert members <= set(CONTRACT)
    assert all(CONTRACT.values())


def test_every_argument_of_execute_has_cases() -> None:
    arguments = set(inspect.signature(AbstractDriver.execute).parameters) - {"self", "stmt"}
    assert {f"execute({name})" for name in arguments} <= set(CONTRACT)


def test_every_row_of_the_type_table_has_cases() -> None:
    assert set(TYPES) == {*PYTHON_TYPES, "user-defined"}
    assert all(TYPES.values())


@pytest.mark.parametrize("cql_type", sorted(SAMPLES))
def test_the_cases_of_a_type_run_with_it(cql_type: str) -> None:
    cases = set(TYPES[cql_type])
    assert {case for case in CASES if cql_type in (parameters_of(case) or ())} <= cases
    assert [case for case in cases if cql_type not in (parameters_of(case) or {cql_type})] == []


def test_every_native_type_has_samples() -> None:
    native = set(PYTHON_TYPES) - {"counter", "list", "set", "map", "tuple", "vector"}
    assert set(SAMPLES) == native == {*KEY_TYPES, "duration"}


def test_every_case_is_of_some_line() -> None:
    assert set(chain(*CONTRACT.values(), *TYPES.values())) == CASES


def test_every_case_runs_both_ways() -> None:
    one_way = [
        name
        for name in CASES
        if not {"way", "connect"} & set(inspect.signature(getattr(DriverConformance, name)).parameters)
    ]
    assert one_way == []


def adapters_of_this_package() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "node" / "test_conformance.py"
    spec = importlib.util.spec_from_file_location("adapters_under_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_our_own_exceptions_are_few() -> None:
    module = adapters_of_this_package()
    suites = [each for each in vars(module).values() if inspect.isclass(each) and issubclass(each, DriverConformance)]
    assert {each.driver_type for each in suites if each is not DriverConformance} == {
        "scylla",
        "cassandra",
        "acsylla",
        "rust",
    }
    assert sum(len(each.exceptions) for each in suites) <= MOST_EXCEPTIONS


@pytest.mark.parametrize(
    ("name", "reason", "told"),
    [
        ("test_nothing", "the library cannot", "names 'test_nothing', which is no case of it"),
        ("driver", "the library cannot", "names 'driver', which is no case of it"),
        ("test_the_server_may_warn", "broken", "must say why 'test_the_server_may_warn' cannot pass"),
    ],
)
def test_an_exception_that_cannot_be_is_refused(name: str, reason: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        type("Wrong", (DriverConformance,), {"driver_type": "paper", "exceptions": {name: reason}})
