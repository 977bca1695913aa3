"""A node in a container, through testcontainers; nothing is imported from it until Docker's turn comes."""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import threading
import time
import warnings
from typing import TYPE_CHECKING, Any

from coodie_drivers.testing.errors import TESTCONTAINERS_ADVICE, DockerMissingError, NodeError, StartTimeoutError
from coodie_drivers.testing.local.addresses import CQL_PORT
from coodie_drivers.testing.local.flags import careless_flags, waiting_flags
from coodie_drivers.testing.local.releases import find_release
from coodie_drivers.testing.probe import Probe
from coodie_drivers.testing.progress import moving_line

if TYPE_CHECKING:
    from collections.abc import Generator

IMAGE = "cassandra"
_ENGINE_ANSWERS_WITHIN = 0.5
_START_WITHIN = 180.0
_POLL_EVERY = 0.2
_ENGINE_ADVICE = "start the Docker engine, or point DOCKER_HOST at one"


def check_docker() -> None:
    """Ask whether a container could be started; answers within a second.

    Raises:
        DockerMissingError: testcontainers is not installed, or no engine answers.
    """
    if importlib.util.find_spec("testcontainers") is None:
        reason = "testcontainers is not installed"
        raise DockerMissingError(reason, TESTCONTAINERS_ADVICE)
    if not _engine_answers():
        reason = "no engine answers"
        raise DockerMissingError(reason, _ENGINE_ADVICE)


def _engine_answers() -> bool:
    # This client finds the engine as the container will: by the properties file, DOCKER_HOST or the Docker context.
    client_module: Any = importlib.import_module("testcontainers.core.docker_client")
    with warnings.catch_warnings():
        # Where nothing listens it leaves its socket to the garbage collector, which would complain at any later time.
        warnings.simplefilter("ignore", ResourceWarning)
        answers = False
        # The client raises whatever its transports raise.
        with contextlib.suppress(Exception):
            client = client_module.DockerClient(timeout=_ENGINE_ANSWERS_WITHIN).client
            answers = bool(client.ping())
            client.close()
        # Ctrl-C arrives in the main thread; where it meets a finalizer there, Python prints it and forgets it.
        collector = threading.Thread(target=gc.collect)
        collector.start()
        collector.join()
    return answers


@contextlib.contextmanager
def container_cluster(version: str) -> Generator[tuple[str, int]]:
    """The address and the port of a node in a container, for the length of a block.

    testcontainers removes the container when this process ends, also when it is killed (its companion Ryuk does it).

    Raises:
        DockerMissingError: the container could not be started, for the image is not there for instance.
        StartTimeoutError: its node answered no query in time.
    """
    container_module: Any = importlib.import_module("testcontainers.core.container")
    container = container_module.DockerContainer(f"{IMAGE}:{version}")
    container.with_exposed_ports(CQL_PORT)
    container.with_env("MAX_HEAP_SIZE", "512M").with_env("HEAP_NEWSIZE", "128M")
    container.with_env("JVM_EXTRA_OPTS", " ".join(container_flags(version)))
    try:
        with moving_line(f"starting {IMAGE}:{version} with Docker"):
            try:
                container.start()
            except Exception as error:  # the client raises what its transports raise
                reason = f"the image {IMAGE}:{version} could not be started ({type(error).__name__}: {error})"
                raise DockerMissingError(reason, _ENGINE_ADVICE) from error
            host, port = container.get_container_host_ip(), int(container.get_exposed_port(CQL_PORT))
            _wait_ready(container, host, port, version)
        yield host, port
    finally:
        container.stop()


def container_flags(version: str) -> list[str]:
    """The flags that give the image's node of a version the same features and the same haste as a local one."""
    settings = [f"-Dcassandra.settings.{switch}=true" for switch in find_release(version)[0].switches]
    allowed = "-Dcassandra.config.allow_system_properties=true"
    return ["-XX:TieredStopAtLevel=1", *waiting_flags(), *careless_flags(), allowed, *settings]


def _wait_ready(container: Any, host: str, port: int, version: str) -> None:  # noqa: ANN401 - testcontainers' object
    deadline = time.monotonic() + _START_WITHIN
    while True:
        with contextlib.suppress(OSError, NodeError), Probe(host, port, timeout=5.0) as probe:
            probe.execute("SELECT release_version FROM system.local")
            return
        if time.monotonic() > deadline:
            said, complained = container.get_logs()
            log = "\n".join((said + complained).decode(errors="replace").splitlines()[-25:])
            raise StartTimeoutError(version, _START_WITHIN, log)
        time.sleep(_POLL_EVERY)
