"""The way to a container, against a stand-in for testcontainers; where an engine runs, the real one goes it too."""

from __future__ import annotations

import gc
import sys
import threading
import time
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, Protocol

import pytest

from coodie_drivers.testing import cluster_for_tests
from coodie_drivers.testing.docker import check_docker, container_flags
from coodie_drivers.testing.errors import DockerMissingError, NoNodeError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Programs = Callable[[str, str], Path]


class Stub(Protocol):
    host: str
    port: int


class Engine:
    """What the stand-ins share: how the engine behaves, and what was asked of it."""

    def __init__(self) -> None:
        self.answers = True
        self.pulls = True
        self.address: tuple[str, int] = ("", 0)
        self.asked: list[str] = []


class FakeContainer:
    engine: Engine

    def __init__(self, image: str) -> None:
        self.engine.asked.append(f"image {image}")

    def with_exposed_ports(self, *ports: int) -> FakeContainer:
        self.engine.asked.append(f"expose {ports}")
        return self

    def with_env(self, key: str, value: str) -> FakeContainer:
        self.engine.asked.append(f"{key}={value}")
        return self

    def start(self) -> FakeContainer:
        if not self.engine.pulls:
            message = "manifest unknown"
            raise LookupError(message)
        return self

    def get_container_host_ip(self) -> str:
        return self.engine.address[0]

    def get_exposed_port(self, port: int) -> int:
        assert port == 9042
        return self.engine.address[1]

    def stop(self) -> None:
        self.engine.asked.append("stop")


class FakeClient:
    engine: Engine

    def __init__(self, **options: float) -> None:
        assert options["timeout"] < 1
        if not self.engine.answers:
            message = "Error while fetching server API version"
            raise ConnectionError(message)
        self.client = self

    def ping(self) -> bool:
        self.engine.asked.append("ping")
        return True

    def close(self) -> None:
        pass


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr(FakeContainer, "engine", engine, raising=False)
    monkeypatch.setattr(FakeClient, "engine", engine, raising=False)
    modules = {name: ModuleType(name) for name in ("testcontainers", "testcontainers.core")}
    modules["testcontainers.core.container"] = container = ModuleType("testcontainers.core.container")
    modules["testcontainers.core.docker_client"] = client = ModuleType("testcontainers.core.docker_client")
    monkeypatch.setattr(container, "DockerContainer", FakeContainer, raising=False)
    monkeypatch.setattr(client, "DockerClient", FakeClient, raising=False)
    modules["testcontainers"].__spec__ = sys.__spec__
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return engine


@pytest.mark.usefixtures("no_hosts")
def test_docker_goes_before_java_and_the_container_goes_with_the_block(engine: Engine, cql_stub: Stub) -> None:
    engine.address = (cql_stub.host, cql_stub.port)
    with cluster_for_tests("5.0.5") as cluster:
        assert (cluster.hosts, cluster.port) == ([cql_stub.host], cql_stub.port)
        assert cluster.source == "Docker (COODIE_TEST_HOSTS is not set)"
        assert "stop" not in engine.asked
    assert engine.asked[:3] == ["ping", "image cassandra:5.0.5", "expose (9042,)"]
    assert engine.asked[-1] == "stop"


def test_the_container_has_the_features_of_a_local_node() -> None:
    flags = container_flags("5.0.9")
    assert "-Dcassandra.config.allow_system_properties=true" in flags
    assert "-Dcassandra.settings.materialized_views_enabled=true" in flags
    assert not any(" " in flag for flag in flags)


def test_a_container_is_not_given_settings_that_its_version_does_not_know() -> None:
    assert "-Dcassandra.settings.dynamic_data_masking_enabled=true" in container_flags("5.0.9")
    assert "-Dcassandra.settings.dynamic_data_masking_enabled=true" not in container_flags("4.1.10")


def test_an_engine_that_does_not_answer_is_missing(engine: Engine) -> None:
    engine.answers = False
    started = time.monotonic()
    with pytest.raises(DockerMissingError) as missing:
        check_docker()
    assert str(missing.value) == "no engine answers; start the Docker engine, or point DOCKER_HOST at one"
    assert time.monotonic() - started < 3


class Left:
    """What a client leaves to the garbage collector; notes in which thread it was collected."""

    collected_in: ClassVar[list[threading.Thread]] = []

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        self.collected_in.append(threading.current_thread())


@pytest.mark.usefixtures("engine")
def test_what_a_client_leaves_is_not_collected_where_ctrl_c_arrives() -> None:
    Left.collected_in.clear()
    gc.disable()
    try:
        Left()
        check_docker()
    finally:
        gc.enable()
    (collector,) = Left.collected_in
    assert collector is not threading.main_thread()


@pytest.mark.usefixtures("no_hosts", "programs", "cache")
def test_an_image_that_cannot_be_had_is_a_reason_to_look_further(engine: Engine) -> None:
    engine.pulls = False
    with pytest.raises(NoNodeError) as missing, cluster_for_tests():
        pass
    reason = "Docker: the image cassandra:5.0.9 could not be started (LookupError: manifest unknown)"
    assert missing.value.reasons[1] == reason
    assert missing.value.reasons[2].startswith("Java and Maven: ")
    assert engine.asked[-1] == "stop"


def test_without_testcontainers_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "testcontainers", None)
    with pytest.raises(DockerMissingError) as missing:
        check_docker()
    assert str(missing.value) == "testcontainers is not installed; `pip install testcontainers`"
