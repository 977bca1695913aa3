"""Connecting and adopting sessions with acsylla."""

from __future__ import annotations

import asyncio
import inspect
import time
from concurrent.futures import CancelledError as FutureCancelledError
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._acsylla_calls import Habits
from coodie_drivers.adapters._acsylla_core import AcsyllaDriver
from coodie_drivers.adapters._acsylla_given import GivenSession, loop_of
from coodie_drivers.adapters._acsylla_library import check_layout, extension, library, prepare_nothing_ahead
from coodie_drivers.adapters._acsylla_link import Link
from coodie_drivers.adapters._acsylla_loops import OwnSessions
from coodie_drivers.adapters._acsylla_requests import LEAST_TIMEOUT
from coodie_drivers.adapters._acsylla_sessions import Session
from coodie_drivers.adapters._acsylla_tls import encrypt
from coodie_drivers.adapters._acsylla_unreachable import is_final, reasons_for
from coodie_drivers.blocking import in_thread
from coodie_drivers.config import check_datacenter
from coodie_drivers.errors import ClusterUnavailableError, ConfigurationError, DriverError, DriverErrorFacts
from coodie_drivers.hiding import unframed
from coodie_drivers.messages import Request, statement_of
from coodie_drivers.reaching import check_descriptors

if TYPE_CHECKING:
    from collections.abc import Collection

    from coodie_drivers.adapters._acsylla_opening import Openings
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

_SLACK: Final = 0.2
"""Seconds beyond the limit in which the reasons are collected."""

_SOONER: Final = 0.1
"""Seconds, or the part of the limit, by which the library gives up sooner, to tell its own reason."""

_NO_DATACENTER: Final = "datacenter is valid"
"""What stands in the sentence of the library when no node is in the datacenter that was given, or none answers."""

_SCHEMA_WAIT: Final = 10_000
"""Milliseconds that the library waits for the nodes to agree on a changed schema."""

_RECONNECTING: Final = {"exponential_reconnect_base_delay_ms": 20, "exponential_reconnect_max_delay_ms": 2_000}
"""Milliseconds before the library connects anew, at first and at most.

It closes a connection not only when that breaks, but also when a node answers that it failed; its own two seconds
would be two seconds without that node each time.
"""

_DESCRIPTORS: Final = 11
_DESCRIPTORS_OF_THREAD: Final = 7
"""File descriptors that a session takes, and each of its threads besides.

Without them the C++ driver says that it could not start, or ends the process.
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
    _check_descriptors(config)
    sessions = OwnSessions(partial(_opened, config), renews=config.credentials is not None)
    try:
        sessions.open()
    except FutureCancelledError:  # so credentials() said: nobody else cancels it
        sessions.close(0)
        raise asyncio.CancelledError from None
    except BaseException:
        sessions.close(0)  # who was interrupted waits for nothing
        raise
    return AcsyllaDriver(sessions, config.keyspace)


async def connect_async(config: ConnectionConfig) -> AcsyllaDriver:
    """Connect without blocking the event loop and return a driver.

    Raises:
        ClusterUnavailableError: if no host could be reached; says for each one why.
        ConfigurationError: if the library refuses an argument.
    """
    return await in_thread(lambda: connect(config), abandoned=AcsyllaDriver.close, long=True)


def _refuse_compression(config: ConnectionConfig) -> None:
    if isinstance(config.compression, str):
        raise ConfigurationError(
            f"compression {config.compression!r} is not installed: acsylla compresses nothing; leave it out"
        )


def _check_descriptors(config: ConnectionConfig) -> None:
    threads = config.options.get("num_threads_io", 1)
    of_threads = _DESCRIPTORS_OF_THREAD * (threads if isinstance(threads, int) else 1)
    check_descriptors(config.hosts, _DESCRIPTORS + of_threads)


async def _opened(config: ConnectionConfig, openings: Openings) -> Session:
    """Open a session in the running event loop."""
    _check_descriptors(config)
    told: list[str] = []
    deadline = time.monotonic() + config.connect_timeout
    config = await _logging_in(config)
    ports = list(dict.fromkeys(host.port for host in config.hosts))  # the library takes one for all hosts
    for number, port in enumerate(ports):
        hosts = [host for host in config.hosts if host.port == port]
        # One that accepts connections and says nothing leaves the others their part of the time.
        left = max(0.001, deadline - time.monotonic()) / (len(ports) - number)
        try:
            return await _opened_by(config, openings, hosts, left)
        except library.errors.CassException as error:
            told.append(str(error))
        except asyncio.TimeoutError:
            told.append("timed out")
    if config.datacenter is not None and any(_NO_DATACENTER in each for each in told):
        await _refuse_datacenter(config, openings, deadline)
    within = max(_SLACK, deadline - time.monotonic())
    reasons = await in_thread(lambda: reasons_for(config, told, within), long=True)
    facts = _NOTHING_SENT.copy()
    facts["retryable"] = not is_final(told)
    raise ClusterUnavailableError(reasons, **facts)


async def _logging_in(config: ConnectionConfig) -> ConnectionConfig:
    """Return the record with the login that `credentials` says now, which may ask other machines for it."""
    if config.credentials is None:
        return config
    try:
        asking = in_thread(lambda: _login_of(config), long=True)
        login, failure = await asyncio.wait_for(asking, config.connect_timeout)
    except asyncio.TimeoutError:
        late = f"credentials() did not return within {config.connect_timeout:g} s"
        raise ClusterUnavailableError(dict.fromkeys(map(str, config.hosts), late), **_NOTHING_SENT) from None
    if failure is not None:
        try:
            raise failure
        finally:
            del failure  # its traceback would keep it
    return config if login is None else replace(config, credentials=lambda: login)


def _login_of(config: ConnectionConfig) -> tuple[tuple[str, str] | None, BaseException | None]:
    """Return the login, or why there is none: `SystemExit`, say, raised in a task of its own would end the loop."""
    try:
        return config.login(), None
    except BaseException as failure:  # noqa: BLE001 - it is raised where it may be
        return None, failure


async def _opened_by(config: ConnectionConfig, openings: Openings, hosts: list[Host], limit: float) -> Session:
    """Open a session by hosts of one port."""
    opening = openings.begin(_cluster(config, hosts, limit - _SOONER * min(limit, 1)))
    cluster, session = await opening.connected(limit)
    return Session(cluster, Link(session, asyncio.get_running_loop(), _habits(config), owned=True))


async def _refuse_datacenter(config: ConnectionConfig, openings: Openings, deadline: float) -> None:
    """Refuse a datacenter that there is not, which the library tells as if no node had answered."""
    hosts = [host for host in config.hosts if host.port == config.hosts[0].port]
    try:
        left = max(0.001, deadline - time.monotonic())
        session = await _opened_by(replace(config, datacenter=None), openings, hosts, left)
    except (library.errors.CassException, asyncio.TimeoutError):
        return
    try:
        known = await _datacenters(session, max(LEAST_TIMEOUT, deadline - time.monotonic()))
    except DriverError:  # it went silent
        return
    finally:
        session.leave()
        await session.end()
    check_datacenter(config.datacenter, known)


async def _datacenters(session: Session, seconds: float) -> set[str]:
    """Return the datacenters that a node knows of."""
    known: set[str] = set()
    for table in ("local", "peers"):
        statement = Request(statement_of(f"SELECT data_center FROM system.{table}"), timeout=seconds)
        known.update(row[0] for row in (await session.link.exchange(statement)).rows if row[0])
    return known


def _habits(config: ConnectionConfig) -> Habits:
    return Habits(
        config.request_timeout,
        config.fetch_size,
        config.options.get("max_schema_wait_time_ms", _SCHEMA_WAIT) / 1_000,
        config.options.get("retry_policy") != "fallthrough",
        config.speculative_execution_policy is not None,
        tuple(map(str, config.hosts)),
    )


def _created(config: ConnectionConfig, hosts: str, port: int, options: dict[str, Any]) -> Any:
    """Return the library's cluster, which logs in as the record says."""
    login = config.login()
    who = {} if login is None else {"username": login[0], "password": login[1]}
    try:
        cluster = library.create_cluster(hosts, port=port, **options, **who)
    except Exception as error:  # noqa: BLE001 - the library raises all it knows
        # It does not say which; their values may be secrets.
        given = f", of {', '.join(config.options)}" if config.options else ""
        told = f"the client library cannot use an argument{given}: {type(error).__name__}: {error}"
        raise ConfigurationError(told) from None
    prepare_nothing_ahead(cluster)
    return cluster


def _cluster(config: ConnectionConfig, hosts: list[Host], limit: float) -> Any:
    options = dict(config.options)
    # Sending again is decided here, not there; and a log that outlives its reader would write to others' files.
    options["retry_policy"] = "fallthrough"
    options.setdefault("log_level", "disabled")
    if not any(name.endswith("_delay_ms") and "reconnect" in name for name in options):
        options.update(_RECONNECTING)
    options.update(connect_timeout=limit, request_timeout=config.request_timeout)
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
    with unframed():  # among the variables of the library is the password
        cluster = _created(config, ",".join(host.address for host in hosts), hosts[0].port, options)
    try:
        encrypt(cluster, config)
    except BaseException:
        cluster.destroy()
        raise
    return cluster
