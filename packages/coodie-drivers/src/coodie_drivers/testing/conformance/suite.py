"""What every part of the suite stands on: connections, shared tables, both ways, exceptions with their reasons."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from coodie_drivers.errors import ConfigurationError, DriverMissingError
from coodie_drivers.registry import init_coodie, init_coodie_async, unregister_driver
from coodie_drivers.testing.conformance.ways import WAYS, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from coodie_drivers.testing.sources import CqlCluster

__all__ = ["Connect", "Suite", "fresh_number", "made_once", "since"]


class Connect:
    """Connects once more, with further arguments of `init_coodie`; what it opened is closed after the test."""

    def __init__(self, way: type[Way], given: Mapping[str, Any]) -> None:
        """Connect this way, with these arguments unless others are given."""
        self._way = way
        self._given = given
        self._names: list[str] = []

    def __call__(self, **arguments: Any) -> Way:
        """Connect by `init_coodie` or `init_coodie_async`."""
        return self._way(self._way.connect(**self._arguments(arguments)))

    async def awaited(self, **arguments: Any) -> Any:
        """Connect by `init_coodie_async` on the event loop that runs, and return the driver."""
        return await init_coodie_async(**self._arguments(arguments))

    def _arguments(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        given = {**self._given, "name": f"conformance-{next(_NAMES)}", **arguments}
        self._names.append(given["name"])
        return {name: value for name, value in given.items() if value is not None}

    def close(self) -> None:
        """Close all that was opened."""
        for name in self._names:
            with suppress(ConfigurationError):  # it did not connect
                unregister_driver(name).close()


_DRIVER = pytest.StashKey[Any]()
_MADE: set[str] = set()
_NUMBERS = count(1)
_NAMES = count(1)


def fresh_number() -> int:
    """Return a key that no other case of this process uses."""
    return next(_NUMBERS)


def since(version: str, what: str) -> pytest.MarkDecorator:
    """Mark a case that is about something which servers older than `version` have not; it is skipped there."""
    return pytest.mark.cql_since(version, what)


class Suite:
    """The base of all parts: subclass a part, or `DriverConformance`, which has them all, in a test module.

    Attributes:
        driver_type: the adapter, as it is given to `init_coodie`.
        arguments: further arguments that each connection is made with.
        exceptions: the name of each case that the adapter cannot pass, with the reason. Such a case runs all the same,
            and fails when it passes.
    """

    driver_type: ClassVar[str]
    arguments: ClassVar[Mapping[str, Any]] = {}
    exceptions: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **arguments: Any) -> None:
        """Hold the exceptions to be cases, each with a reason.

        Raises:
            ConfigurationError: for one that is no case, or has no reason.
        """
        super().__init_subclass__(**arguments)
        for name, reason in cls.exceptions.items():
            if not name.startswith("test_") or not hasattr(cls, name):
                raise ConfigurationError(f"{cls.__name__}.exceptions names {name!r}, which is no case of it")
            if len(reason.split()) < 3:
                raise ConfigurationError(f"{cls.__name__}.exceptions must say why {name!r} cannot pass")

    @pytest.fixture(autouse=True)
    def _as_declared(self, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
        """Expect what is excepted to fail, skip what the server is too old for, and note in reports what this was."""
        node: Any = request.node
        record_property("driver_type", self.driver_type)
        callspec: Any = getattr(node, "callspec", None)  # a case of somebody's own may take no parameters
        record_property("way", None if callspec is None else callspec.params.get("way"))
        for mark in node.iter_markers("cql_since"):
            cluster: CqlCluster = request.getfixturevalue("cql_cluster")
            if _numbers_of(cluster.version) < _numbers_of(mark.args[0]):
                pytest.skip(f"{mark.args[1]}: since Cassandra {mark.args[0]}")
        reason = self.exceptions.get(node.originalname)
        if reason is not None:
            node.add_marker(pytest.mark.xfail(reason=f"{self.driver_type}: {reason}", strict=True))

    @pytest.fixture
    def driver(self, request: pytest.FixtureRequest, cql_cluster: CqlCluster) -> Any:
        """One connection for all cases of the class; where the client library is missing they are skipped."""
        owner = request.node.getparent(pytest.Class)
        if _DRIVER not in owner.stash:
            name = f"conformance-{next(_NAMES)}"
            try:
                owner.stash[_DRIVER] = init_coodie(**_address(type(self), cql_cluster), name=name)
            except DriverMissingError as error:
                pytest.skip(str(error))
            unregister_driver(name)
            owner.addfinalizer(lambda: _closed(owner.stash))
        return owner.stash[_DRIVER]

    @pytest.fixture(params=sorted(WAYS, reverse=True))
    def way(self, driver: Any, request: pytest.FixtureRequest) -> Way:
        """The driver's verbs, once by its blocking and once by its asynchronous methods."""
        return WAYS[request.param](driver)

    @pytest.fixture
    def connect(self, way: Way, cql_cluster: CqlCluster) -> Iterator[Connect]:
        """Connect once more, this way, with further arguments of `init_coodie`; closed after the test."""
        connecting = Connect(type(way), _address(type(self), cql_cluster))
        yield connecting
        connecting.close()

    @pytest.fixture
    def keyspace(self, cql_module_keyspace: str) -> str:
        """A keyspace that all cases of the module share."""
        return cql_module_keyspace


def _closed(stash: pytest.Stash) -> None:
    """Close a class's connection; pytest-xdist may begin with the class again later."""
    stash[_DRIVER].close()
    del stash[_DRIVER]


def made_once(driver: Any, name: str, *definitions: str) -> bool:
    """Make what is shared, by statements with `{name}` in them; return whether this was the first call for it."""
    if name in _MADE:
        return False
    for definition in definitions:
        driver.execute(definition.replace("{name}", name), [])
    _MADE.add(name)
    return True


def _address(cls: type[Suite], cluster: CqlCluster) -> dict[str, Any]:
    return {"hosts": cluster.hosts, "port": cluster.port, "driver_type": cls.driver_type, **cls.arguments}


def _numbers_of(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("-")[0]))
