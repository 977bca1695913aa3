"""Where a node for tests comes from: an explicit address, else Docker, else a Java of this machine, in this order."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.testing.docker import check_docker, container_cluster
from coodie_drivers.testing.errors import NodeError, NoNodeError, SourceMissingError
from coodie_drivers.testing.local.addresses import CQL_PORT, PORTS
from coodie_drivers.testing.local.cluster import LocalCluster
from coodie_drivers.testing.local.installation import check_installation
from coodie_drivers.testing.local.releases import DEFAULT_VERSION, find_release
from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Generator

HOSTS_VARIABLE = "COODIE_TEST_HOSTS"


@dataclass(frozen=True)
class CqlCluster:
    """A cluster that answers.

    Attributes:
        hosts: the addresses a client connects to.
        port: the port a client connects to, the same on every host.
        version: the release the first host says it runs.
        source: where the cluster comes from, and why not from elsewhere.
        ends_with_run: whether it was started for the run and is thrown away behind it, with all that is in it.
    """

    hosts: list[str]
    port: int
    version: str
    source: str
    ends_with_run: bool = False

    def __str__(self) -> str:
        """One line that says what was chosen and why."""
        return f"Cassandra {self.version} at {', '.join(self.hosts)}, port {self.port}: {self.source}"


@contextlib.contextmanager
def cluster_for_tests(version: str | None = None, hosts: str | None = None) -> Generator[CqlCluster]:
    """A cluster for the length of a block, from the first source that is there.

    Args:
        version: the Cassandra version; one that is given is checked where the cluster runs already.
        hosts: addresses that go before `COODIE_TEST_HOSTS`, in the same form: `host[:port][,host[:port]…]`.

    Raises:
        NoNodeError: no source is there; the message says which three would do.
        NodeError: a source is there but failed.
        ConfigurationError: the addresses are malformed, or the cluster there runs another version.
    """
    explicit = hosts or os.environ.get(HOSTS_VARIABLE)
    if explicit:
        yield running_cluster(explicit, HOSTS_VARIABLE if not hosts else "--cql-hosts", version)
        return
    full = find_release(version or DEFAULT_VERSION)[1]
    missing = [f"{HOSTS_VARIABLE} is not set"]
    with contextlib.ExitStack() as stack:
        yield _from_docker(full, missing, stack) or _from_java(full, missing, stack)


def running_cluster(hosts: str, said_by: str, version: str | None = None) -> CqlCluster:
    """The cluster that runs already at `hosts`.

    Raises:
        ConfigurationError: the addresses are malformed, or the cluster runs another version than `version`.
        NodeError: it does not answer.
    """
    names, port = parse_hosts(hosts, said_by)
    try:
        running = _release_version(names[0], port)
    except OSError as error:
        message = f"{said_by} names '{names[0]}:{port}', where no node answers ({error}); start it, or unset {said_by}"
        raise NodeError(message) from error
    if version and running != version and not running.startswith(f"{version}."):
        message = f"the node at {names[0]}:{port} ({said_by}) runs Cassandra {running}, but {version} is asked for"
        raise ConfigurationError(message)
    return CqlCluster(names, port, running, f"named by {said_by}")


def parse_hosts(text: str, said_by: str = HOSTS_VARIABLE) -> tuple[list[str], int]:
    """The addresses and the port in `host[:port][,host[:port]…]`; the port is 9042 unless it is said.

    >>> parse_hosts("10.0.0.1,10.0.0.2:9142")
    Traceback (most recent call last):
    ...
    coodie_drivers.errors.ConfigurationError: COODIE_TEST_HOSTS gives different ports (9042, 9142); a cluster has one
    >>> parse_hosts("10.0.0.1:9142, [::1]:9142")
    (['10.0.0.1', '::1'], 9142)

    Raises:
        ConfigurationError: an address is malformed, or the ports differ.
    """
    parsed = [_parse_host(part.strip(), said_by) for part in text.split(",") if part.strip()]
    ports = sorted({port for _, port in parsed})
    if not parsed:
        message = f"{said_by} is empty; write it as host[:port][,host[:port]…]"
        raise ConfigurationError(message)
    if len(ports) > 1:
        message = f"{said_by} gives different ports ({', '.join(map(str, ports))}); a cluster has one"
        raise ConfigurationError(message)
    return [host for host, _ in parsed], ports[0]


def _parse_host(text: str, said_by: str) -> tuple[str, int]:
    host, port = text, str(CQL_PORT)
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif text.count(":") == 1:
        host, port = text.split(":")
    if not host or not port.isdecimal() or int(port) not in PORTS:
        message = f"{said_by} holds '{text}', which is no address; write it as host[:port][,host[:port]…]"
        raise ConfigurationError(message)
    return host, int(port)


def _from_docker(version: str, missing: list[str], stack: contextlib.ExitStack) -> CqlCluster | None:
    try:
        check_docker()
        host, port = stack.enter_context(container_cluster(version))
    except SourceMissingError as error:
        missing.append(f"Docker: {error.reason}")
        return None
    return CqlCluster([host], port, _release_version(host, port), f"Docker ({'; '.join(missing)})", ends_with_run=True)


def _from_java(version: str, missing: list[str], stack: contextlib.ExitStack) -> CqlCluster:
    try:
        java = check_installation(version)
    except SourceMissingError as error:
        raise NoNodeError([*missing, f"Java and Maven: {error.reason}"]) from error
    cluster = stack.enter_context(LocalCluster(version))
    why = "; ".join([*missing, *([java.passed_over] if java.passed_over else [])])
    source = f"local Java {java.major} from {java.found_in}, {java.binary} ({why})"
    return CqlCluster(cluster.hosts, cluster.port, cluster.version, source, ends_with_run=True)


def _release_version(host: str, port: int) -> str:
    with Probe(host, port) as probe:
        return str(probe.rows("SELECT release_version FROM system.local")[0]["release_version"])
