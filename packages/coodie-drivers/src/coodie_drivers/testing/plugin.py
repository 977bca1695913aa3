"""The pytest plugin: fixtures that give a test a real Cassandra, and the options that say which.

It is loaded into every pytest run of an environment that has this package, so it imports nothing of ours until a
fixture is asked for.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from coodie_drivers.testing.keyspaces import Keyspaces
    from coodie_drivers.testing.proxy import FaultProxy
    from coodie_drivers.testing.sources import CqlCluster

pytest.register_assert_rewrite("coodie_drivers.testing.conformance")

_TOLD = pytest.StashKey[str]()
_OWNER, _SOURCE = "cql_owner", "cql_source"


class _Worker(Protocol):
    """What pytest-xdist adds to the configuration in a worker."""

    workerinput: dict[str, str]
    workeroutput: dict[str, object]


class _Node(Protocol):
    """What pytest-xdist knows of a worker in the controlling process."""

    config: pytest.Config
    workerinput: dict[str, object]
    workeroutput: dict[str, object]


class _Capture(Protocol):
    def global_and_fixture_disabled(self) -> AbstractContextManager[None]: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that say which Cassandra the tests run against."""
    group = parser.getgroup("cassandra", "a real Cassandra for the fixtures cql_cluster and cql_keyspace")
    group.addoption(
        "--cql-hosts",
        metavar="HOST[:PORT],…",
        help="nodes that run already (default: $COODIE_TEST_HOSTS, else one is started)",
    )
    group.addoption("--cql-version", metavar="VERSION", help="the Cassandra version to start (default: 5.0.9)")


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known that the conformance suite gives to cases which need a newer server."""
    config.addinivalue_line("markers", "cql_since(version, what): about something that older servers have not")


@pytest.fixture(scope="session")
def cql_cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CqlCluster]:
    """A Cassandra cluster for the whole run, with `hosts`, `port` and `version`; one for all processes of pytest-xdist.

    The nodes that `--cql-hosts` or `COODIE_TEST_HOSTS` names, else a node in Docker, else one on a local Java. Where
    none can be had, the test is skipped with a reason that starts with "no Cassandra node:".
    """
    from coodie_drivers.testing.errors import NoNodeError  # noqa: PLC0415 - nothing of ours until now, see above

    with contextlib.ExitStack() as stack:
        try:
            with _uncaptured(request.config):
                cluster = _obtained(request.config, tmp_path_factory, stack)
        except NoNodeError as error:
            pytest.skip(str(error))
        _note(request.config, str(cluster))
        yield cluster


@pytest.fixture(scope="session")
def cql_keyspaces(cql_cluster: CqlCluster, request: pytest.FixtureRequest) -> Keyspaces:
    """A maker of keyspaces whose names no other test, process or run uses; for fixtures of one's own."""
    from coodie_drivers.testing.keyspaces import Keyspaces  # noqa: PLC0415 - nothing of ours at start, see above

    return Keyspaces(cql_cluster, _worker_id(request.config))


@pytest.fixture
def cql_keyspace(cql_keyspaces: Keyspaces, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a keyspace of the test's own, empty at first and dropped at the end (about 15 ms together)."""
    with cql_keyspaces.fresh(request.node.name) as name:
        yield name


@pytest.fixture(scope="module")
def cql_module_keyspace(cql_keyspaces: Keyspaces, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a keyspace that the tests of one module share: cheaper where they make the same tables."""
    with cql_keyspaces.fresh(Path(request.node.name).stem) as name:
        yield name


@pytest.fixture
def cql_proxy(cql_cluster: CqlCluster) -> Iterator[FaultProxy]:
    """A fault proxy of the test's own before the cluster, with `hosts` and `port` to connect to, and `rules`."""
    from coodie_drivers.testing.proxy import FaultProxy  # noqa: PLC0415 - nothing of ours at start, see above

    with FaultProxy(cql_cluster) as proxy:
        yield proxy


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: _Node) -> None:
    """Tell a worker of pytest-xdist for whom a shared cluster runs: the controlling process."""
    node.workerinput[_OWNER] = str(os.getpid())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: _Node, error: object | None) -> None:
    """Take note of what a worker says about its cluster, for the summary."""
    told = getattr(node, "workeroutput", {}).get(_SOURCE)
    if error is None and told:
        node.config.stash[_TOLD] = str(told)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say in one line which cluster the tests ran against, and why that one."""
    told = config.stash.get(_TOLD, None)
    if told:
        terminalreporter.write_line(told)


def _obtained(config: pytest.Config, folders: pytest.TempPathFactory, stack: contextlib.ExitStack) -> CqlCluster:
    from coodie_drivers.testing import sharing, sources  # noqa: PLC0415 - nothing of ours at start, see above

    hosts, version = config.getoption("--cql-hosts"), config.getoption("--cql-version")
    given = getattr(config, "workerinput", {})
    if hosts or os.environ.get(sources.HOSTS_VARIABLE) or _OWNER not in given:
        return stack.enter_context(sources.cluster_for_tests(version, hosts))
    # The workers' temporary folders lie side by side in that of the run.
    state = folders.getbasetemp().parent / f"cql-cluster-{given['testrunuid']}.json"
    return sharing.shared_cluster(sharing.Run(state, int(given[_OWNER]), version))


def _note(config: pytest.Config, told: str) -> None:
    config.stash[_TOLD] = told
    if hasattr(config, "workeroutput"):
        cast("_Worker", config).workeroutput[_SOURCE] = told


def _worker_id(config: pytest.Config) -> str:
    return str(getattr(config, "workerinput", {}).get("workerid", "main"))


def _uncaptured(config: pytest.Config) -> AbstractContextManager[None]:
    """Show progress while a node starts, which may take long the first time."""
    capture = cast("_Capture | None", config.pluginmanager.getplugin("capturemanager"))
    return capture.global_and_fixture_disabled() if capture is not None else contextlib.nullcontext()
