"""The `ssl_*` arguments as an `ssl.SSLContext`."""

from __future__ import annotations

import ssl
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import init_coodie
from coodie_drivers.errors import ConfigurationError
from coodie_drivers.tls import context_from, texts_from

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key, made by the openssl of this machine."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=node"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return certificate, key


def test_without_arguments_there_is_no_context() -> None:
    assert context_from({}) is None
    assert context_from({"ssl_enabled": None}) is None
    assert context_from({"ssl_enabled": False}) is None


@pytest.mark.parametrize(
    ("flags", "mode", "host_name"),
    [
        (None, ssl.CERT_REQUIRED, True),
        (0, ssl.CERT_NONE, False),
        (1, ssl.CERT_REQUIRED, False),
        (3, ssl.CERT_REQUIRED, True),
    ],
)
def test_certificates_and_host_names_are_verified_unless_told_otherwise(
    flags: int | None, mode: ssl.VerifyMode, host_name: bool
) -> None:
    context = context_from({"ssl_enabled": True, "ssl_verify_flags": flags})
    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (mode, host_name)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("as_text", [False, True])
def test_an_authority_and_an_identity_are_taken_as_text_or_path(identity: tuple[Path, Path], as_text: bool) -> None:
    certificate, key = (path.read_text("ascii") if as_text else str(path) for path in identity)
    context = context_from({"ssl_trusted_cert": certificate, "ssl_cert": certificate, "ssl_private_key": key})
    assert context is not None
    assert "node" in str(context.get_ca_certs()[-1]["subject"])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"ssl_enabled": False, "ssl_cert": "x"}, "ssl_enabled=False contradicts ssl_cert"),
        ({"ssl_context": object(), "ssl_enabled": True}, "either ssl_context or ssl_enabled"),
        ({"ssl_cert": "x"}, "ssl_cert and ssl_private_key belong together"),
        ({"ssl_verify_flags": 8}, "ssl_verify_flags must be 0, 1 or 3, not 8"),
        ({"ssl_verify_flags": "1"}, "ssl_verify_flags must be 0, 1 or 3"),
        ({"ssl_verify_flags": 2}, "ssl_verify_flags must be 0, 1 or 3, not 2"),
        ({"ssl_verify_flags": 7}, "ssl_verify_flags must be 0, 1 or 3, not 7"),
        ({"ssl_verify_flags": True}, "ssl_verify_flags must be 0, 1 or 3, not True"),
        ({"ssl_verify_flags": False}, "ssl_verify_flags must be 0, 1 or 3, not False"),
        ({"ssl_enabled": "false"}, "ssl_enabled must be True or False, not 'false'"),
        ({"ssl_enabled": 0}, "ssl_enabled must be True or False, not 0"),
        ({"ssl_trusted_cert": "/nowhere/at/all.pem"}, "ssl_trusted_cert is neither PEM text nor the path"),
        ({"ssl_trusted_cert": 7}, "ssl_trusted_cert must be PEM text or the path of a PEM file, not int"),
        ({"ssl_trusted_cert": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"}, "cannot be used"),
    ],
)
def test_wrong_and_contradictory_arguments_are_refused(arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        context_from(arguments)


def test_a_file_may_be_given_as_a_path(identity: tuple[Path, Path]) -> None:
    given = {"ssl_trusted_cert": identity[0], "ssl_cert": identity[0], "ssl_private_key": identity[1]}
    context = context_from(given)
    assert context is not None
    assert len(context.get_ca_certs()) == 1
    assert texts_from(given) == texts_from({name: str(path) for name, path in given.items()})


def test_no_file_with_a_key_is_left_behind(
    identity: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = identity
    there = tmp_path / "temporary"
    there.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(there))
    context_from({"ssl_cert": str(certificate), "ssl_private_key": str(key)})
    with pytest.raises(ConfigurationError, match="a certificate or key cannot be used"):
        context_from({"ssl_cert": str(certificate), "ssl_private_key": str(certificate)})
    assert list(there.iterdir()) == []


def test_a_key_that_cannot_be_used_is_not_shown(identity: tuple[Path, Path], tmp_path: Path) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----"
    with pytest.raises(ConfigurationError) as caught:
        context_from({"ssl_cert": str(identity[0]), "ssl_private_key": key})
    assert "Y2FuYXJ5" not in str(caught.value)
    (tmp_path / "empty.pem").write_text("nothing", "ascii")
    with pytest.raises(ConfigurationError, match="the file that ssl_cert names holds no PEM text"):
        context_from({"ssl_cert": str(tmp_path / "empty.pem"), "ssl_private_key": key})


@pytest.mark.adapter
@pytest.mark.every_adapter
@pytest.mark.parametrize("lazy", [False, True])
def test_a_context_for_servers_is_refused_before_anything_is_opened(driver_type: str, lazy: bool) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with pytest.raises(ConfigurationError, match=r"ssl_context is for a server .*create_default_context\(cafile=…\)"):
        init_coodie(hosts=["192.0.2.1"], driver_type=driver_type, ssl_context=context, lazy=lazy)
