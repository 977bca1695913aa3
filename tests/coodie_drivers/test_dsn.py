"""A connection as one text, and as the environment."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coodie_drivers.dsn import arguments_from_dsn, arguments_from_environment, driver_type_of
from coodie_drivers.errors import ConfigurationError

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def test_everything_may_be_left_out() -> None:
    assert arguments_from_dsn("cassandra://") == {}
    assert arguments_from_dsn("scylla://db1") == {"hosts": ["db1"]}
    assert arguments_from_dsn("scylla:///shop") == {"keyspace": "shop"}


@given(texts, texts, texts)
def test_percent_signs_carry_any_text(user: str, password: str, keyspace: str) -> None:
    dsn = f"cassandra://{quote(user, safe='')}:{quote(password, safe='')}@h/{quote(keyspace, safe='')}"
    expected = {"hosts": ["h"], "username": user, "password": password, "keyspace": keyspace}
    assert arguments_from_dsn(dsn) == expected


def test_options_are_read_as_what_they_are() -> None:
    options = "dc=dc1&request_timeout=2.5&fetch_size=500&compression=lz4&ssl_enabled=true&ssl_verify_flags=1&port=9142"
    assert arguments_from_dsn(f"cassandra://h?{options}") == {
        "hosts": ["h"],
        "datacenter": "dc1",
        "request_timeout": 2.5,
        "fetch_size": 500,
        "compression": "lz4",
        "ssl_enabled": True,
        "ssl_verify_flags": 1,
        "port": 9142,
    }
    assert arguments_from_dsn("cassandra://h?compression=off")["compression"] is False


@pytest.mark.parametrize(
    ("dsn", "reason"),
    [
        (7, "dsn must be a text such as 'cassandra://"),
        ("", "a dsn begins with cassandra:// or scylla://"),
        ("db1:9042", "a dsn begins with"),
        ("postgresql://u:canary@h", "a dsn begins with"),
        ("cassandra://canary@h", "a user without a password"),
        ("cassandra://u:canary@h?fetch_sise=7", "no option 'fetch_sise'; did you mean 'fetch_size'"),
        ("cassandra://u:canary@h?fetch_size=x", "fetch_size must be a whole number, not 'x'"),
        ("cassandra://u:canary@h?request_timeout=x", "request_timeout must be a number, not 'x'"),
        ("cassandra://u:canary@h?ssl_enabled=maybe", "ssl_enabled must be true or false, not 'maybe'"),
        ("cassandra://u:canary@h?fetch_size=7&fetch_size=8", "the dsn says fetch_size twice"),
        ("cassandra://u:canary@h?fetch_size", "cannot be read: write name=value"),
        ("cassandra://u:canary%zz@h", "a % that no two hexadecimal digits follow: % itself is written %25"),
        ("cassandra://u:canary%FFss@h", r"bytes in %XX that are not UTF-8: é, for instance, is %C3%A9"),
        ("cassandra://u%E9:canary@h", "bytes in %XX that are not UTF-8"),
        ("cassandra://u:canary@h/shop%", "a % that no two hexadecimal digits follow"),
    ],
)
def test_what_cannot_be_read_is_refused_without_showing_it(dsn: object, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as caught:
        arguments_from_dsn(dsn)
    assert "canary" not in str(caught.value)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = arguments_from_dsn(f"cassandra://{text}")
    except ConfigurationError:
        return
    assert isinstance(found, dict)


def test_a_plus_is_a_plus_before_and_behind_the_question_mark() -> None:
    found = arguments_from_dsn("cassandra://u:a+b@h/?ssl_trusted_cert=/etc/ca+x%20y.pem")
    assert (found["password"], found["ssl_trusted_cert"]) == ("a+b", "/etc/ca+x y.pem")


def test_the_scheme_may_name_a_driver_type() -> None:
    assert [driver_type_of(f"{scheme}://h") for scheme in ("cassandra", "SCYLLA", "cassandra+rust")] == [
        None,
        None,
        "rust",
    ]


@pytest.mark.parametrize(
    ("variable", "meant"), [("HOST", "HOSTS"), ("USER_NAME", "USERNAME"), ("REQUEST_TIMOUT", "REQUEST_TIMEOUT")]
)
def test_a_variable_that_is_nearly_one_is_refused(variable: str, meant: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"COODIE_{variable} is not read: did you mean COODIE_{meant}\?"):
        arguments_from_environment({"COODIE_HOSTS": "db1", f"COODIE_{variable}": "x"})
    assert arguments_from_environment({f"COODIE_{variable}": ""}) == {}


def test_variables_of_other_programs_are_left_alone() -> None:
    assert arguments_from_environment({"COODIE_TEST_HOSTS": "db1", "COODIE_CACHE_DIR": "/", "HOST": "db2"}) == {}


def test_where_the_driver_type_is_said_in_the_environment_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"COODIE_DRIVER_TYPE is not read: the scheme of COODIE_DSN says it"):
        arguments_from_environment({"COODIE_DRIVER_TYPE": "acsylla"})


def test_the_environment_says_what_a_dsn_can() -> None:
    environment = {"COODIE_HOSTS": "db1, db2:9043", "COODIE_KEYSPACE": "shop", "COODIE_CONSISTENCY": "", "HOME": "/"}
    assert arguments_from_environment(environment) == {"hosts": ["db1", "db2:9043"], "keyspace": "shop"}
    assert arguments_from_environment({"COODIE_DC": "dc1"}) == {"datacenter": "dc1"}
    with pytest.raises(ConfigurationError, match="COODIE_DC says what COODIE_DATACENTER says: keep one"):
        arguments_from_environment({"COODIE_DC": "dc1", "COODIE_DATACENTER": "dc1"})
    with pytest.raises(ConfigurationError, match="COODIE_FETCH_SIZE must be a whole number, not 'many'"):
        arguments_from_environment({"COODIE_FETCH_SIZE": "many"})
