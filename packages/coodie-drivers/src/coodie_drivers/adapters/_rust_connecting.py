"""Connecting and adopting sessions with the package `scylla`."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._rust_core import RustDriver
from coodie_drivers.adapters._rust_exit import check_can_connect
from coodie_drivers.adapters._rust_library import (
    balancing_policies,
    enums,
    errors,
    profiles,
    session_builder,
    sessions,
    timestamps,
)
from coodie_drivers.adapters._rust_logins import Logins
from coodie_drivers.adapters._rust_logs import hide_values
from coodie_drivers.adapters._rust_reaching import Reach
from coodie_drivers.adapters._rust_requests import (
    AGREEMENT_TIMEOUT,
    CONSISTENCY_LEVELS,
    NO_RETRIES,
    SERIAL_CONSISTENCY_LEVELS,
    RequestBuilder,
)
from coodie_drivers.adapters._rust_tls import set_tls
from coodie_drivers.adapters._rust_unreachable import Stated, is_final
from coodie_drivers.blocking import in_thread
from coodie_drivers.config import check_datacenter
from coodie_drivers.errors import ClusterUnavailableError, ConfigurationError, ForkedDriverError
from coodie_drivers.reaching import check_descriptors

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from coodie_drivers.config import ConnectionConfig, Host

_DESCRIPTORS: Final = 8
"""File descriptors that the library takes when it is used first; without them it panics."""

_SLACK: Final = 0.2
"""Seconds beyond the limit in which the reasons are collected."""

_SETTERS: Final = {
    "address_translator": "address_translator",
    "auth_provider": "authenticator_provider",
    "disallow_shard_aware_port": "disallow_shard_aware_port",
    "fetch_schema_metadata": "fetch_schema_metadata",
    "host_filter": "host_filter",
    "hostname_resolution_timeout": "hostname_resolution_timeout",
    "keepalive_interval": "keepalive_interval",
    "keepalive_timeout": "keepalive_timeout",
    "keyspaces_to_fetch": "keyspaces_to_fetch",
    "local_ip_address": "local_ip_address",
    "metadata_request_serverside_timeout": "metadata_request_serverside_timeout",
    "pool_size": "pool_size",
    "schema_agreement_interval": "schema_agreement_interval",
    "schema_agreement_timeout": "schema_agreement_timeout",
    "shard_aware_local_port_range": "shard_aware_local_port_range",
    "tcp_keepalive_interval": "tcp_keepalive_interval",
    "tcp_nodelay": "tcp_nodelay",
    "timestamp_generator": "timestamp_generator",
    "write_coalescing": "write_coalescing",
}
"""The library's options that users may set, and the methods of its session builder that set them."""

_SCHEMA_OPTIONS: Final = frozenset({"fetch_schema_metadata", "keyspaces_to_fetch"})
"""Those by which the library reads less of the schema than there is."""

_OTHERS: Final = ("application_version", "load_balancing_policy")

_COMPRESSIONS: Final[dict[object, Any]] = {
    True: enums.Compression.Lz4,
    "lz4": enums.Compression.Lz4,
    "snappy": enums.Compression.Snappy,
    False: None,
    None: None,
}


class _Process:
    """Whether the library's threads are those of this process: one runtime serves all of its sessions, for good."""

    used = False
    left_behind = False

    @classmethod
    def use(cls) -> None:
        """Take note that the library is in use from now on.

        Raises:
            ConfigurationError: if it has ended with the interpreter.
            ForkedDriverError: if it was in use when this process was forked: nothing of it would ever answer here.
        """
        check_can_connect()
        if cls.left_behind:
            raise ForkedDriverError(
                "scylladb-rs-driver cannot be started anew in a child of a process that has used it; connect in the "
                "children only, or start them with the multiprocessing method 'spawn'"
            )
        hide_values()
        cls.used = True

    @classmethod
    def forked(cls) -> None:
        """Take note that this is a child."""
        cls.left_behind = cls.used


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Process.forked)


def option_names() -> Collection[str]:
    """Return the names of the library's options that users may give to `init_coodie`."""
    return frozenset((*_SETTERS, *_OTHERS))


def recognizes(session: object) -> bool:
    """Return whether this is a session of the library."""
    return isinstance(session, sessions.Session)


def adopt(session: Any, default_keyspace: str | None) -> RustDriver:
    """Return a driver over a session that belongs to somebody else."""
    _Process.use()
    return RustDriver(session, default_keyspace)


def connect(config: ConnectionConfig) -> RustDriver:
    """Connect and return a driver; when connecting fails, nothing stays open.

    Raises:
        ClusterUnavailableError: if no host could be reached within `connect_timeout`; says for each one why.
        ConfigurationError: if the library refuses an argument.
    """
    return _connected(config, Reach(config.connect_timeout, config.hosts))


def _connected(config: ConnectionConfig, reach: Reach) -> RustDriver:
    if not _Process.used:
        check_descriptors(config.hosts, _DESCRIPTORS)
    _Process.use()
    logins, deadline = Logins(config), time.monotonic() + config.connect_timeout
    try:
        session = _session(config, reach, logins)
    except (errors.ScyllaError, TimeoutError) as error:
        if logins.failure is not None:
            raise logins.failure from logins.failure.__cause__
        raise _unavailable(config, error, max(_SLACK, deadline - time.monotonic())) from error
    check_datacenter(config.datacenter, _datacenters_of(session))
    return _driver(config, session)


def _datacenters_of(session: Any) -> set[str]:
    return {node.datacenter for node in session.cluster_state.nodes_info.values() if node.datacenter}


async def connect_async(config: ConnectionConfig) -> RustDriver:
    """Connect without blocking the event loop and return a driver.

    Raises:
        ClusterUnavailableError: if no host could be reached; says for each one why.
        ConfigurationError: if the library refuses an argument.
    """
    reach = Reach(config.connect_timeout, config.hosts)
    try:
        return await in_thread(lambda: _connected(config, reach), abandoned=RustDriver.close, long=True)
    except BaseException:
        reach.give_up()
        raise


def _another_session(config: ConnectionConfig) -> Any:
    """Return another session, blocking while it is opened."""
    logins = Logins(config)
    reach = Reach(config.connect_timeout, config.hosts)
    return _session(config, reach, logins)


def _session(config: ConnectionConfig, reach: Reach, logins: Logins) -> Any:
    """Return a session that knows the nodes.

    The library knows of none but those that it was given, and of no datacenter, where it cannot read the schema: a type
    with a quoted name is enough. So it is opened once more, without reading it.
    """
    logins.ask(reach.left())
    session = reach.session(lambda hosts: _builder(config, hosts, logins).connect())
    if not _SCHEMA_OPTIONS.isdisjoint(config.options) or session.cluster_state.get_keyspace("system") is not None:
        return session
    return reach.session(
        lambda hosts: _builder(config, hosts, logins).fetch_schema_metadata(False).connect()  # noqa: FBT003 - theirs
    )


def _driver(config: ConnectionConfig, session: Any) -> RustDriver:
    agreement = float(config.options.get("schema_agreement_timeout", AGREEMENT_TIMEOUT))
    requests = RequestBuilder(
        config.fetch_size,
        config.request_timeout,
        config.request_timeout + agreement,
        own_session=True,
        speculates=config.speculative_execution_policy is not None,
    )
    return RustDriver(
        session,
        config.keyspace,
        requests=requests,
        connect_anew=lambda: connect(config),
        open_session=lambda: _another_session(config),
    )


def _unavailable(config: ConnectionConfig, error: Exception, within: float) -> ClusterUnavailableError:
    told = str(error) if isinstance(error, errors.ScyllaError) else None
    login = config.username is not None or config.credentials is not None or "auth_provider" in config.options
    stated = Stated(config.connect_timeout, config.ssl_context is not None, login, config.late_login())
    reasons = stated.reasons(config.hosts, told, within)
    return ClusterUnavailableError(reasons, outcome="not_applied", retryable=not is_final(told), attempts=0)


def _builder(config: ConnectionConfig, hosts: Sequence[Host], logins: Logins) -> Any:
    try:
        return _configured(config, hosts, logins)
    except (TypeError, ValueError, OverflowError, errors.ScyllaError) as error:
        raise ConfigurationError(f"the client library cannot use an argument: {error}") from error


def _configured(config: ConnectionConfig, hosts: Sequence[Host], logins: Logins) -> Any:
    builder = session_builder.SessionBuilder()
    builder = builder.contact_points([(host.address, host.port) for host in hosts])
    builder = builder.execution_profile(_profile(config)).connection_timeout(config.connect_timeout)
    builder = builder.timestamp_generator(timestamps.MonotonicTimestampGenerator(warn_on_drift=False))
    builder = builder.schema_agreement_timeout(AGREEMENT_TIMEOUT)
    # It would be read within each change of the schema, without a limit: an answer that is lost would block them all.
    builder = builder.refresh_metadata_on_auto_schema_agreement(False)  # noqa: FBT003 - theirs
    if config.compression not in _COMPRESSIONS:
        there = ", ".join(repr(name) for name in _COMPRESSIONS if isinstance(name, str))
        raise ConfigurationError(f"compression {config.compression!r} is not installed; installed are {there}")
    builder = builder.compression(_COMPRESSIONS[config.compression])
    builder = _logging_in(builder, config, logins)
    builder = set_tls(builder, config)
    identity = {"application_name": config.application_name} if config.application_name else {}
    if "application_version" in config.options:
        identity["application_version"] = config.options["application_version"]
    if identity:
        builder = builder.custom_identity(enums.SelfIdentity(**identity))
    for name, value in config.options.items():
        if isinstance(value, type):
            raise ConfigurationError(f"{name} must be an object, not a class: {value.__name__}(...)")
        if name in _SETTERS:
            builder = getattr(builder, _SETTERS[name])(value)
    return builder


def _logging_in(builder: Any, config: ConnectionConfig, logins: Logins) -> Any:
    if config.credentials is not None:
        return builder.authenticator_provider(logins)
    login = config.login()
    return builder if login is None else builder.user(*login)


def _profile(config: ConnectionConfig) -> Any:
    """Return what holds for each request."""
    serial = config.serial_consistency
    balancing = config.options.get("load_balancing_policy")
    if isinstance(balancing, type):
        raise ConfigurationError(f"load_balancing_policy must be an object, not a class: {balancing.__name__}(...)")
    if config.datacenter is not None:
        preferred = balancing_policies.NodeLocationPreference.datacenter(config.datacenter)
        balancing = balancing_policies.DefaultPolicy(node_location_preference=preferred)
    return profiles.ExecutionProfile(
        timeout=config.request_timeout,
        consistency=CONSISTENCY_LEVELS[config.consistency or "LOCAL_ONE"],
        serial_consistency=None if serial is None else SERIAL_CONSISTENCY_LEVELS[serial],
        load_balancing_policy=balancing,
        retry_policy=NO_RETRIES,
        speculative_execution_policy=config.speculative_execution_policy,
    )
