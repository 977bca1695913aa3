"""Every error has its code and its content, as each version of the protocol writes them."""

from __future__ import annotations

import struct

import pytest

from coodie_drivers import ConfigurationError
from coodie_drivers.testing import proxy
from coodie_drivers.testing.proxy.error_replies import Asked, ErrorReply

LEVEL, TWO_NUMBERS = b"\x00\x04", struct.pack(">II", 1, 2)
ONE_REASON = struct.pack(">I", 1) + b"\x04\x7f\x00\x00\x01\x00\x00"


def text(value: str) -> bytes:
    return struct.pack(">H", len(value)) + value.encode()


def payload(error: ErrorReply, version: int = 4) -> bytes:
    """What follows the code and the words."""
    body = error.body(Asked(version, [b"the id"]))
    assert struct.unpack(">I", body[:4]) == (error.code,)
    return body[6 + int.from_bytes(body[4:6], "big") :]


@pytest.mark.parametrize(
    ("error", "code", "v4", "v5"),
    [
        (proxy.server_error(), 0x0000, b"", b""),
        (proxy.protocol_error(), 0x000A, b"", b""),
        (proxy.bad_credentials(), 0x0100, b"", b""),
        (proxy.unavailable(required=2, alive=1), 0x1000, LEVEL + struct.pack(">II", 2, 1), None),
        (proxy.overloaded(), 0x1001, b"", b""),
        (proxy.is_bootstrapping(), 0x1002, b"", b""),
        (proxy.truncate_error(), 0x1003, b"", b""),
        (proxy.write_timeout("COUNTER"), 0x1100, LEVEL + TWO_NUMBERS + text("COUNTER"), None),
        (
            proxy.write_timeout("CAS", contentions=3),
            0x1100,
            LEVEL + TWO_NUMBERS + text("CAS"),
            LEVEL + TWO_NUMBERS + text("CAS") + b"\x00\x03",
        ),
        (proxy.read_timeout(data_present=True), 0x1200, LEVEL + TWO_NUMBERS + b"\x01", None),
        (
            proxy.read_failure(),
            0x1300,
            LEVEL + TWO_NUMBERS + struct.pack(">I", 1) + b"\x00",
            LEVEL + TWO_NUMBERS + ONE_REASON + b"\x00",
        ),
        (
            proxy.function_failure("k", "f", ["int", "text"]),
            0x1400,
            text("k") + text("f") + b"\x00\x02" + text("int") + text("text"),
            None,
        ),
        (
            proxy.write_failure("BATCH"),
            0x1500,
            LEVEL + TWO_NUMBERS + struct.pack(">I", 1) + text("BATCH"),
            LEVEL + TWO_NUMBERS + ONE_REASON + text("BATCH"),
        ),
        (proxy.cdc_write_failure(), 0x1600, b"", b""),
        (proxy.cas_write_unknown("LOCAL_SERIAL"), 0x1700, b"\x00\x09" + TWO_NUMBERS, None),
        (proxy.syntax_error(), 0x2000, b"", b""),
        (proxy.unauthorized(), 0x2100, b"", b""),
        (proxy.invalid(), 0x2200, b"", b""),
        (proxy.configuration_error(), 0x2300, b"", b""),
        (proxy.already_exists("k", "t"), 0x2400, text("k") + text("t"), None),
        (proxy.unprepared(), 0x2500, text("the id"), None),
        (proxy.unprepared(b"other"), 0x2500, text("other"), None),
    ],
)
def test_its_code_and_content(error: ErrorReply, code: int, v4: bytes, v5: bytes | None) -> None:
    assert error.code == code
    assert payload(error, 4) == v4
    assert payload(error, 5) == (v4 if v5 is None else v5)


def test_an_error_of_any_code() -> None:
    assert payload(ErrorReply(0x4242, "odd", b"content")) == b"content"


def test_what_is_misspelt_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'COUNTERS' is no write type; did you mean 'COUNTER'"):
        proxy.write_timeout("COUNTERS")
    with pytest.raises(ConfigurationError, match="did you mean 'QUORUM'"):
        proxy.unavailable("QUORM")
