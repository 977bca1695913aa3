"""Connecting and adopting sessions with acsylla."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._acsylla_core import AcsyllaDriver
from coodie_drivers.adapters._acsylla_library import check_layout, extension, library
from coodie_drivers.adapters._acsylla_link import Habits, Link
from coodie_drivers.adapters._acsylla_loops import GivenSession, OwnSessions, loop_of
from coodie_drivers.adapters._acsylla_sessions import Session, leave, sockets_of
from coodie_drivers.adapters._acsylla_tls import encrypt
from coodie_drivers.adapters._acsylla_unreachable import is_final, reasons_for
from coodie_drivers.blocking import in_thread
from coodie_drivers.errors import ClusterUnavailableError, ConfigurationError, DriverErrorFacts

if TYPE_CHECKING:
    from collections.abc import Collection

    from coodie_drivers.config import ConnectionConfig, Host

_SET_HERE: Final = frozenset(
    {
        "application_name",
        "cloud_secure_connection_bundle",
        "connect_timeout",
        "consistency",
        "contact_points",
        "password",
        "port",
        "request_timeout",
        "serial_consistency",
        "speculative_execution_policy",
        "ssl_cert",
        "ssl_enabled",
        "ssl_private_key",
        "ssl_private_key_password",
        "ssl_trusted_cert",
        "ssl_verify_flags",
        "username",
    }
)
"""Arguments of the library's `create_cluster` that follow from the connection's record, or would contradict it."""

_SLACK: Final = 0.5
"""Seconds beyond the limit in which the library gives its own reason."""

_SCHEMA_WAIT: Final = 10_000
"""Milliseconds that the library waits for the nodes to agree on a changed schema."""

_RECONNECTING: Final = {"exponential_reconnect_base_delay_ms": 20, "exponential_reconnect_max_delay_ms": 2_000}
"""Milliseconds before the library connects anew, at first and at most.

It closes a connection not only when that breaks, but also when a node answers that it failed; its own two seconds
would be two seconds without that node each time.
"""

_NOTHING_SENT: Final[DriverErrorFacts] = {"outcome": "not_applied", "retryable": True, "attempts": 0}


def option_names() -> Collection[str]:
    """Return the names of `create_cluster`'s arguments that users may give to `init_coodie`."""
    return frozenset(inspect.signature(library.create_cluster).parameters) - _SET_HERE


def recognizes(session: object) -> bool:
    """Return whether this is a session of the library."""
    return isinstance(session, extension.Session)


def adopt(session: Any, default_keyspace: str | None) -> AcsyllaDriver:
    """Return a driver over a session that belongs to somebody else.

    Raises:
        ConfigurationError: if this version of the library is not known.
    """
    check_layout()
    return AcsyllaDriver(GivenSession(Link(session, loop_of(session), Habits(), owned=False)), default_keyspace)


def connect(config: ConnectionConfig) -> AcsyllaDriver:
    """Connect and return a driver; when connecting fails, nothing stays open.

    Raises:
        ClusterUnavailableError: if no host could be reached within `connect_timeout`; says for each one why.
        ConfigurationError: if the library refuses an argument.
    """
    check_layout()
    _refuse_compression(config)
    sessions = OwnSessions(partial(_opened, config))
    try:
        sessions.open()
    except BaseException:
        sessions.close()
        raise
    return AcsyllaDriver(sessions, config.keyspace)


async def connect_async(config: ConnectionConfig) -> AcsyllaDriver:
    """Connect without blocking the event loop and return a driver.

    Raises:
        ClusterUnavailableError: if no host could be reached; says for each one why.
        ConfigurationError: if the library refuses an argument.
    """
    return await in_thread(lambda: connect(config), abandoned=AcsyllaDriver.close)


def _refuse_compression(config: ConnectionConfig) -> None:
    if isinstance(config.compression, str):
        raise ConfigurationError(
            f"compression {config.compression!r} is not installed: acsylla compresses nothing; leave it out"
        )


async def _opened(config: ConnectionConfig) -> Session:
    """Open a session in the running event loop."""
    told: list[str] = []
    limit = config.connect_timeout
    deadline = asyncio.get_running_loop().time() + limit + _SLACK
    for port in dict.fromkeys(host.port for host in config.hosts):
        hosts = [host for host in config.hosts if host.port == port]
        cluster = _cluster(config, hosts, limit)
        session = extension.Session(cluster, None)
        try:
            left = max(0.001, deadline - asyncio.get_running_loop().time())
            # As `cluster.create_session()` does it, which would free a session that nobody waits for any more; and
            # freeing one that is connecting waits for ever.
            await asyncio.wait_for(session._connect(), left)  # noqa: SLF001
        except library.errors.CassException as error:
            cluster.destroy()
            told.append(str(error))
        except asyncio.TimeoutError:
            _abandon(cluster, session)
            told.append("timed out")
        except BaseException:
            _abandon(cluster, session)
            raise
        else:
            return Session(cluster, Link(session, asyncio.get_running_loop(), _habits(config), owned=True))
    reasons = await in_thread(lambda: reasons_for(config, told))
    facts = _NOTHING_SENT.copy()
    facts["retryable"] = not is_final(told)
    raise ClusterUnavailableError(reasons, **facts)


def _abandon(cluster: Any, session: Any) -> None:
    """Let go of a session that may still be connecting, and of its threads: what they write to must stay theirs."""
    loop = asyncio.get_running_loop()
    for end in sockets_of(cluster):
        with suppress(OSError, ValueError):
            loop.remove_reader(end)
    leave(cluster, session)


def _habits(config: ConnectionConfig) -> Habits:
    return Habits(
        config.request_timeout,
        config.fetch_size,
        config.options.get("max_schema_wait_time_ms", _SCHEMA_WAIT) / 1_000,
        config.options.get("retry_policy") != "fallthrough",
        config.speculative_execution_policy is not None,
        tuple(map(str, config.hosts)),
    )


def _cluster(config: ConnectionConfig, hosts: list[Host], limit: float) -> Any:
    options = dict(config.options)
    # Sending again is decided here, not there; and a log that outlives its reader would write to others' files.
    options["retry_policy"] = "fallthrough"
    options.setdefault("log_level", "disabled")
    if not any(name.endswith("_delay_ms") and "reconnect" in name for name in options):
        options.update(_RECONNECTING)
    options["connect_timeout"] = limit
    login = config.login()
    if login is not None:
        options.update(username=login[0], password=login[1])
    if config.application_name is not None:
        options["application_name"] = config.application_name
    if config.datacenter is not None:
        options["load_balance_dc_aware"] = config.datacenter
    if config.consistency is not None:
        options["consistency"] = config.consistency
    if config.serial_consistency is not None:
        options["serial_consistency"] = config.serial_consistency
    if config.speculative_execution_policy is not None:
        options["speculative_execution_policy"] = config.speculative_execution_policy
    try:
        cluster = library.create_cluster(
            ",".join(host.address for host in hosts),
            port=hosts[0].port,
            request_timeout=config.request_timeout,
            **options,
        )
    except Exception as error:
        raise ConfigurationError(
            f"the client library cannot use an argument: {type(error).__name__}: {error}"
        ) from error
    try:
        encrypt(cluster, config)
    except BaseException:
        cluster.destroy()
        raise
    return cluster
