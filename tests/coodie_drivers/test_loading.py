"""Which adapter serves a connection."""

from __future__ import annotations

import sys
import threading
from importlib import metadata
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.errors import ConfigurationError, DriverMissingError
from coodie_drivers.loading import load_adapter, load_adapter_for

if TYPE_CHECKING:
    from collections.abc import Callable

INSTALLED = {name for name in ("scylla-driver", "cassandra-driver") if list(metadata.distributions(name=name))}

SINCE_3_11 = pytest.mark.skipif(sys.version_info < (3, 11), reason="scylladb-rs-driver needs Python 3.11")


def installed(*names: str) -> Callable[[str], metadata.Distribution]:
    """What tells of a distribution where no others than these are installed."""
    found = metadata.distribution

    def distribution(name: str) -> metadata.Distribution:
        if name not in names:
            raise metadata.PackageNotFoundError(name)
        return found(name)

    return distribution


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "distribution", installed())


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize(
    ("driver_type", "needed", "extra"),
    [
        ("scylla", "scylla-driver or cassandra-driver", "pip install scylla-driver, or the extra 'scylla'"),
        ("cassandra", "cassandra-driver", "pip install cassandra-driver, or the extra 'cassandra'"),
        pytest.param(
            "rust", "scylladb-rs-driver", "pip install scylladb-rs-driver, or the extra 'rust'", marks=SINCE_3_11
        ),
    ],
)
def test_a_missing_client_library_is_named_with_the_extra(driver_type: str, needed: str, extra: str) -> None:
    with pytest.raises(DriverMissingError) as caught:
        load_adapter(driver_type)
    assert f"needs {needed}, which is not installed" in str(caught.value)
    assert extra in str(caught.value)
    assert "use what is installed" not in str(caught.value)


def test_a_library_that_is_installed_is_named_where_another_is_missing(
    distribution: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not list(metadata.distributions(name="acsylla")):
        distribution("acsylla")
    monkeypatch.setattr(metadata, "distribution", installed("acsylla"))
    with pytest.raises(DriverMissingError, match=r"needs scylla-driver .* installed: driver_type='acsylla'$"):
        load_adapter()


@pytest.mark.usefixtures("nothing_installed")
def test_without_a_client_library_no_session_is_known() -> None:
    with pytest.raises(ConfigurationError, match="no session that an installed driver knows"):
        load_adapter_for(object())


@pytest.mark.skipif(not INSTALLED, reason="needs scylla-driver or cassandra-driver")
def test_the_default_takes_whichever_library_is_there() -> None:
    adapter = load_adapter()
    assert adapter.driver_class.__name__ == "CassandraDriver"
    assert {"load_balancing_policy", "protocol_version"} <= set(adapter.option_names())
    assert not {"contact_points", "ssl_options", "self"} & set(adapter.option_names())


@pytest.mark.skipif({"scylla-driver"} != INSTALLED, reason="needs scylla-driver alone")
def test_cassandra_asks_for_cassandra_driver_where_only_scylla_driver_is() -> None:
    with pytest.raises(
        DriverMissingError, match=r"needs cassandra-driver.*pip uninstall scylla-driver .*, then pip install cassandra"
    ):
        load_adapter("cassandra")


@pytest.mark.parametrize("driver_type", ["scylla", "cassandra"])
def test_both_libraries_at_once_are_refused(distribution: Callable[[str], None], driver_type: str) -> None:
    for name in {"scylla-driver", "cassandra-driver"} - INSTALLED:
        distribution(name)
    with pytest.raises(ConfigurationError, match=r"both own the import package 'cassandra'.*uninstall both"):
        load_adapter(driver_type)


@pytest.mark.parametrize(
    ("driver_type", "hint"),
    [
        ("zzz", "there are acsylla, cassandra, rust, scylla"),
        ("sylla", "did you mean 'scylla'"),
        (7, "7"),
        ([], r"no driver type \[\]"),
    ],
)
def test_an_unknown_driver_type_is_refused_with_those_there_are(driver_type: Any, hint: str) -> None:
    with pytest.raises(ConfigurationError, match=hint):
        load_adapter(driver_type)


def test_another_distribution_can_add_a_driver_type(paper: Any) -> None:
    session = paper.PaperSession()
    assert load_adapter("paper") is paper
    assert load_adapter_for(session) is paper
    with pytest.raises(ConfigurationError, match="there are acsylla, cassandra, paper, rust, scylla"):
        load_adapter("zzz")


def test_a_session_of_another_library_is_known_though_two_others_clash(
    paper: Any, distribution: Callable[[str], None]
) -> None:
    for name in {"scylla-driver", "cassandra-driver"} - INSTALLED:
        distribution(name)
    assert load_adapter_for(paper.PaperSession()) is paper
    with pytest.raises(ConfigurationError, match="uninstall both"):
        load_adapter_for(object())


@pytest.mark.parametrize("target", ["no_such_module", "json:no_such_name"])
def test_a_driver_type_that_cannot_be_imported_names_who_brought_it(
    paper: Any, distribution: Callable[[str, str], None], target: str
) -> None:
    distribution("broken-driver", f"[coodie_drivers.adapters]\nbroken = {target}\n")
    with pytest.raises(ConfigurationError, match=r"'broken', which broken-driver brings, cannot be imported from"):
        load_adapter("broken")
    assert load_adapter_for(paper.PaperSession()) is paper
    with pytest.raises(ConfigurationError, match="'broken'"):
        load_adapter_for(object())


def test_a_python_that_is_too_old_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 14))
    with pytest.raises(ConfigurationError, match=r"'rust' needs Python 3\.11 or newer, this is 3\.10"):
        load_adapter("rust")


@SINCE_3_11
@pytest.mark.parametrize("driver_type", ["scylla", "acsylla"])
def test_greenlets_in_place_of_threads_are_refused(
    distribution: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, driver_type: str
) -> None:
    distribution("scylla-driver" if driver_type == "scylla" else "acsylla")
    monkeypatch.setattr(threading, "Lock", type("Semaphore", (), {"__module__": "gevent.thread"}))
    with pytest.raises(ConfigurationError, match=r"threads are not Python's own here, but of gevent.thread"):
        load_adapter(driver_type)


def test_the_session_of_scylladb_rs_driver_is_known_by_its_class() -> None:
    pytest.importorskip("scylla", reason="needs scylladb-rs-driver")
    adapter = load_adapter("rust")
    assert adapter.driver_class.__name__ == "RustDriver"
    assert {"load_balancing_policy", "pool_size"} <= set(adapter.option_names())
    assert not adapter.recognizes(object())
