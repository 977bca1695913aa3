"""The arguments of a connection, as a record."""

from __future__ import annotations

import gc
import ssl
from traceback import TracebackException
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coodie_drivers.config import DEFAULT_FETCH_SIZE, DEFAULT_REQUEST_TIMEOUT, ConnectionConfig, Host, parsed_hosts
from coodie_drivers.errors import ConfigurationError

OPTIONS = {"load_balancing_policy", "protocol_version", "auth_provider", "application_version"}
TOO_LONG = "must be a text of 65,535 bytes of UTF-8 at most, not 65,536"

names = st.from_regex(r"[a-z][a-z0-9-]{0,30}(\.[a-z0-9-]{1,63}){0,3}\.?", fullmatch=True)
ports = st.integers(1, 65_535)


def config(**arguments: Any) -> ConnectionConfig:
    return ConnectionConfig.from_arguments(arguments, OPTIONS)


def test_without_arguments_it_is_the_local_node() -> None:
    found = config()
    assert found.hosts == (Host("127.0.0.1", 9042),)
    assert (found.fetch_size, found.request_timeout) == (DEFAULT_FETCH_SIZE, DEFAULT_REQUEST_TIMEOUT) == (1_000, 10.0)


@given(names, ports, ports)
def test_a_host_may_have_a_port_of_its_own(name: str, port: int, default: int) -> None:
    assert parsed_hosts([name, f"{name}:{port}"], default) == (Host(name, default), Host(name, port))


@given(st.ip_addresses(v=6), ports, ports)
def test_ipv6_addresses_are_read_with_and_without_brackets(address: object, port: int, default: int) -> None:
    text = str(address)
    assert parsed_hosts([text, f"[{text}]", f"[{text}]:{port}"], default) == (
        Host(text, default),
        Host(text, default),
        Host(text, port),
    )


@given(names | st.ip_addresses().map(str), ports)
def test_a_host_is_written_as_it_is_read(address: str, port: int) -> None:
    host = Host(address, port)
    assert parsed_hosts([str(host)]) == (host,)


@pytest.mark.parametrize(
    ("hosts", "reason"),
    [
        ("127.0.0.1", "must be a list of hosts"),
        ([], "hosts is empty"),
        (["a..b"], "host 'a..b' cannot be a name: each part between dots has 1 to 63 characters"),
        ([".:9042"], "cannot be a name"),
        (["x" * 64 + ".y"], "cannot be a name"),
        ([""], "a host must be a text"),
        ([None], "a host must be a text"),
        ([7], "a host must be a text"),
        ([":9042"], "no name before its port"),
        (["db:"], "port of host 'db:'"),
        (["db:x"], "port of host 'db:x'"),
        (["db:0"], "from 1 to 65535"),
        (["[::1"], "write '\\[address\\]'"),
        (["[]:9042"], "write '\\[address\\]'"),
        (["[::1]9042"], "write '\\[address\\]'"),
        ({"db": 1}, "must be a list of texts, not dict"),
        (["db#frag"], "has an @, /, \\? or #"),
        (["db?x"], "has an @, /, \\? or #"),
    ],
)
def test_hosts_that_cannot_be_read_are_refused(hosts: object, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        config(hosts=hosts)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"port": 0}, "port must be a number from 1 to 65535, not 0"),
        ({"port": "x"}, "port must be a number"),
        ({"port": True}, "port must be a number"),
        ({"keyspace": 7}, "keyspace must be a text, not int"),
        ({"keyspace": ""}, "keyspace must be a text, not empty"),
        ({"ssl_context": "yes"}, "ssl_context must be an ssl.SSLContext, not str"),
        ({"compression": 7}, "compression must be True, False or a name"),
        ({"consistency": "QUORM"}, "did you mean 'QUORUM'"),
        ({"serial_consistency": "ONE"}, "no serial consistency level 'ONE'"),
        ({"request_timeout": 0}, "request_timeout must be a number of seconds above 0"),
        ({"request_timeout": "10"}, "request_timeout must be a number of seconds above 0"),
        ({"request_timeout": float("inf")}, "request_timeout must be a number of seconds of 1,000,000 at most"),
        ({"request_timeout": 10**5_000}, "request_timeout must be a number of seconds of 1,000,000 at most"),
        ({"connect_timeout": 1e10}, "connect_timeout must be a number of seconds of 1,000,000 at most"),
        ({"fetch_size": 2**40}, "fetch_size must be a number of rows of 2,147,483,647 at most"),
        ({"fetch_size": 0}, "fetch_size must be a number of rows above 0"),
        ({"fetch_size": 1.5}, "fetch_size must be a number of rows above 0"),
        ({"username": "u"}, "username and password belong together"),
        ({"password": "p"}, "username and password belong together"),
        ({"username": "u", "password": "p", "auth_provider": object()}, "either auth_provider or username, not both"),
        ({"credentials": "ann"}, "credentials must be a function"),
        ({"credentials": dict, "username": "u", "password": "p"}, "either credentials or username, not both"),
        ({"credentials": dict, "auth_provider": object()}, "either auth_provider or credentials, not both"),
        ({"datacenter": "dc1", "load_balancing_policy": object()}, "either load_balancing_policy or datacenter"),
        ({"username": "ann\udce9", "password": "p"}, "username holds half of a surrogate pair .*not in UTF-8"),
        ({"username": "ann", "password": "p\udce9"}, "password holds half of a surrogate pair .*not in UTF-8"),
        ({"username": "ann\0", "password": "p"}, r"username holds a NUL \(U\+0000\)"),
        ({"username": "ann", "password": "p\0z"}, r"password holds a NUL \(U\+0000\)"),
        ({"datacenter": "dc1\0x"}, r"datacenter holds a NUL \(U\+0000\)"),
        ({"application_name": "a\0b"}, r"application_name holds a NUL \(U\+0000\)"),
        ({"hosts": ["db1", "db2\0x"]}, r"one holds a NUL \(U\+0000\)"),
        ({"application_name": "\ud800"}, "application_name holds half of a surrogate pair"),
        ({"keyspace": "a/b"}, "keyspace must be a name of letters, digits and _, not 'a/b'"),
        ({"keyspace": "no such; DROP"}, "keyspace must be a name of letters"),
        ({"dsn": 5}, "dsn must be a text such as .*, not int"),
        ({"application_name": ""}, "application_name must be a text, not empty"),
        ({"application_name": "x" * 65_536}, f"application_name {TOO_LONG}"),
        ({"application_name": "é" * 32_768}, f"application_name {TOO_LONG}"),
        ({"application_version": "é" * 32_768}, f"application_version {TOO_LONG}"),
        ({"application_version": 2}, "application_version must be a text, not int"),
        ({"require_tls": "yes"}, "require_tls must be True or False"),
        ({"require_tls": True}, "require_tls=True, but nothing says how to encrypt"),
        ({"dsn": "cassandra://h/shop", "keyspace": "shop"}, "the dsn says keyspace too"),
        ({"dsn": "cassandra://h", "hosts": ["h"]}, "the dsn says hosts too"),
        ({"ssl_options": {}}, "give ssl_context="),
        ({"execution_profiles": {}}, "'execution_profiles' is not taken"),
    ],
)
def test_wrong_and_contradictory_arguments_are_refused(arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        config(**arguments)


def test_the_longest_name_of_a_program_is_taken() -> None:
    found = config(application_name="x" * 65_535, application_version="é" * 32_767)
    assert (found.application_name, found.options) == ("x" * 65_535, {"application_version": "é" * 32_767})


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("contact_points", "it is called 'hosts'"),
        ("host", "it is called 'hosts'"),
        ("user", "it is called 'username'"),
        ("timeout", "it is called 'request_timeout'"),
        ("page_size", "it is called 'fetch_size'"),
        ("consistency_level", "it is called 'consistency'"),
        ("local_dc", "it is called 'datacenter'"),
        ("url", "it is called 'dsn'"),
        ("keyspce", "did you mean 'keyspace'"),
        ("conect_timeout", "did you mean 'connect_timeout'"),
        ("zzz", "no argument 'zzz', neither here nor in the client library$"),
    ],
)
@pytest.mark.parametrize("value", [1, None])
def test_an_unknown_argument_is_refused_naming_the_right_one(name: str, instead: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=instead):
        config(**{name: value})


def test_further_arguments_are_kept_for_the_client_library() -> None:
    found = config(connect_timeout=3, protocol_version=4)
    assert (found.options, found.connect_timeout) == ({"protocol_version": 4}, 3.0)


def test_arguments_left_at_none_say_nothing() -> None:
    assert config(hosts=None, keyspace=None, compression=None, connect_timeout=None) == config()


def test_compression_may_be_turned_off() -> None:
    assert config(compression=False).compression is False


def test_a_password_is_never_shown() -> None:
    found = config(username="app", password="canary-7f3a")
    assert found.password == "canary-7f3a"
    assert "canary" not in repr(found)


def test_the_ssl_arguments_make_a_context_that_verifies() -> None:
    context = config(ssl_enabled=True).ssl_context
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert config(ssl_enabled=False).ssl_context is None


@pytest.mark.parametrize("seconds", [0, -1, True, "5"])
def test_the_time_to_connect_is_a_number_of_seconds(seconds: object) -> None:
    with pytest.raises(ConfigurationError, match="connect_timeout must be a number of seconds above 0"):
        config(connect_timeout=seconds)


class Hidden:
    """What hides a text as `pydantic.SecretStr` does."""

    def get_secret_value(self) -> str:
        return "hidden-password"


def test_a_password_may_be_hidden_and_is_never_shown() -> None:
    found = config(username="ann", password=Hidden())
    assert found.login() == ("ann", "hidden-password")
    assert "hidden-password" not in repr(found)


@pytest.mark.parametrize("answer", [("ann", "canary\udce9"), ("ann\udce9", "canary"), ("ann", "canary\0")])
def test_credentials_that_no_server_can_be_told_are_refused_and_not_shown(answer: tuple[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"what credentials\(\) returned holds (half of|a NUL)") as caught:
        config(credentials=lambda: answer).login()
    shown = TracebackException.from_exception(caught.value, capture_locals=True)
    of_ours = [frame.locals for frame in shown.stack if frame.name == "login"]
    assert len(of_ours) == 1
    assert "canary" not in str(of_ours)


def test_credentials_are_asked_for_at_each_login() -> None:
    passwords = iter(["first", "second"])
    found = config(credentials=lambda: ("ann", next(passwords)))
    assert [found.login(), found.login()] == [("ann", "first"), ("ann", "second")]
    assert config().login() is None


@pytest.mark.parametrize("answer", [None, "ann", ("ann",), ("ann", None), ["ann", "secret"]])
def test_credentials_return_two_texts(answer: object) -> None:
    with pytest.raises(ConfigurationError, match=r"credentials\(\) must return \(username, password\)") as caught:
        config(credentials=lambda: answer).login()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (("canary",), "a tuple of 1"),
        ((), "a tuple of 0"),
        (("ann", "canary", 1), "a tuple of 3"),
        (("ann", None), r"\(str, NoneType\)"),
        (["ann", "canary"], "list"),
        (None, "NoneType"),
    ],
)
def test_what_is_no_login_is_told_by_what_it_is(answer: Any, kind: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"a tuple of texts, not {kind}$"):
        config(credentials=lambda: answer).login()


def test_credentials_that_would_have_to_be_awaited_are_refused_without_a_warning(
    recwarn: pytest.WarningsRecorder,
) -> None:
    async def credentials() -> tuple[str, str]:
        return "ann", "secret"

    asynchronous: Any = credentials
    with pytest.raises(ConfigurationError, match=r"credentials\(\) must return .*, not coroutine"):
        config(credentials=asynchronous).login()
    gc.collect()
    assert list(recwarn) == []


def test_a_dsn_and_arguments_make_one_record() -> None:
    found = config(dsn="scylla://ann:pw@db1,db2:9043/shop?dc=dc1&fetch_size=7", port=9044, consistency="one")
    assert [str(host) for host in found.hosts] == ["db1:9044", "db2:9043"]
    assert (found.keyspace, found.login(), found.datacenter) == ("shop", ("ann", "pw"), "dc1")
    assert (found.fetch_size, found.consistency) == (7, "ONE")
