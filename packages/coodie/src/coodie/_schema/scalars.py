"""The scalar types: which CQL type a Python type is stored as, and what a value must be to fit.

The tables here are the documented ones. A check runs on every written value, so it is one comparison for a value that
fits; its sentence says which marker would hold a value that does not.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast, get_args
from uuid import UUID

from coodie import fields
from coodie._schema.compiled import with_usual
from coodie_drivers.values import CqlDate, CqlDuration

Convert = Callable[[Any], Any]

NULL_ELEMENT = "a CQL collection holds no null; take None out"
"""What is said of None inside a collection."""

PYTHON_TO_CQL: dict[type, str] = {
    str: "text",
    int: "int",
    float: "float",
    bool: "boolean",
    UUID: "uuid",
    dt.datetime: "timestamp",
    dt.date: "date",
    dt.time: "time",
    Decimal: "decimal",
    bytes: "blob",
    ipaddress.IPv4Address: "inet",
    ipaddress.IPv6Address: "inet",
    CqlDuration: "duration",
}
"""The CQL type of a field whose annotation carries no marker."""

MARKER_TO_CQL: dict[type, tuple[str, type]] = {
    fields.BigInt: ("bigint", int),
    fields.SmallInt: ("smallint", int),
    fields.TinyInt: ("tinyint", int),
    fields.VarInt: ("varint", int),
    fields.Counter: ("counter", int),
    fields.Double: ("double", float),
    fields.Ascii: ("ascii", str),
    fields.TimeUUID: ("timeuuid", UUID),
    fields.Time: ("time", dt.time),
    fields.Duration: ("duration", CqlDuration),
}
"""The CQL type that a marker chooses, and the Python type that the field must have for it."""

DRIVER_TYPES: dict[str, tuple[type, ...]] = {
    "ascii": (str,),
    "bigint": (int,),
    "blob": (bytes, bytearray, memoryview),
    "boolean": (bool,),
    "counter": (int,),
    "date": (dt.date, CqlDate),
    "decimal": (Decimal, int),
    "double": (float, int),
    "duration": (CqlDuration,),
    "float": (float, int),
    "inet": (ipaddress.IPv4Address, ipaddress.IPv6Address),
    "int": (int,),
    "smallint": (int,),
    "text": (str,),
    "time": (dt.time,),
    "timestamp": (dt.datetime,),
    "timeuuid": (UUID,),
    "tinyint": (int,),
    "uuid": (UUID,),
    "varint": (int,),
}
"""The Python types that a driver takes for a scalar CQL type, the usual one first."""

_BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64, "counter": 64}
_WIDER = {
    "tinyint": "SmallInt() or BigInt()",
    "smallint": "BigInt() or no marker (int)",
    "int": "BigInt() or VarInt()",
    "bigint": "VarInt()",
}

# The largest double that rounds to a finite 32-bit float (IEEE 754: 2**128 minus half a step).
_FLOAT_LIMIT = (2.0 - 2.0**-24) * 2.0**127
_INFINITY = float("inf")
FITS_FLOAT = f"-{_FLOAT_LIMIT!r} < {{0}} < {_FLOAT_LIMIT!r}"
"""Whether a number fits a float, as source; NaN and the infinite do not."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a model, or a user type, says of all its fields.

    Attributes:
        enum_values: whether it holds the values of enums instead of their members.
        naive_datetimes: `utc` where a datetime without a time zone is taken as UTC, `refuse` where there is to be none.
        microseconds: `truncate` where what a timestamp cannot keep is cut off, `refuse` where nothing is to be lost.
    """

    enum_values: bool = False
    naive_datetimes: str = "utc"
    microseconds: str = "truncate"

    def by_value(self) -> Rules:
        """These rules for the values of an enum."""
        return replace(self, enum_values=True)


def scalar_check(cql: str) -> Convert | None:
    """The function that checks a value for this CQL type, or None when its Python type is check enough."""
    if cql in _BITS:
        return _integer_check(cql, 1 << (_BITS[cql] - 1))
    return _CHECKS.get(cql)


def _integer_check(cql: str, bound: int) -> Convert:
    wider = f"; mark the field {_WIDER[cql]}" if cql in _WIDER else ""
    problem = f"a CQL {cql} is a whole number from -{bound} to {bound - 1}{wider}"

    def check(value: Any) -> Any:
        # `type(value) is int` leaves out bool, which CQL does not count as a number.
        if type(value) is int and -bound <= value < bound:
            return value
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(wrong_type(cql, value))  # noqa: TRY004 - one kind of refusal
        if -bound <= value < bound:
            return int(value)
        raise ValueError(problem)

    return with_usual(check, f"type({{0}}) is int and -{bound} <= {{0}} < {bound}")


def wrong_type(cql: str, value: object) -> str:
    """The sentence for a value whose Python type is none of this CQL type's; it does not hold the value."""
    return f"CQL {cql} takes {DRIVER_TYPES[cql][0].__name__}, not {type(value).__name__}"


def _check_varint(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError(wrong_type("varint", value))


def fits_float(value: Any) -> bool:
    """Whether 32 bits hold a number."""
    return -_FLOAT_LIMIT < value < _FLOAT_LIMIT or value != value or value in (_INFINITY, -_INFINITY)  # noqa: PLR0124 - NaN


def _check_float(value: Any) -> Any:
    if fits_float(value):
        return value
    raise ValueError("a CQL float has 32 bits and this value is too large for it; mark the field Double()")


def _check_decimal(value: Any) -> Any:
    if not value.is_finite():
        raise ValueError("a CQL decimal is a finite number, neither NaN nor infinite")
    if _LEAST_EXPONENT <= value.as_tuple().exponent <= _GREATEST_EXPONENT:
        return value
    raise ValueError(
        f"a CQL decimal has an exponent from {_LEAST_EXPONENT} to {_GREATEST_EXPONENT}, and this one is beyond; round "
        "it, as with Decimal.quantize(), or store it as a text"
    )


# A server's scale, the exponent with the other sign, has 32 bits.
_LEAST_EXPONENT = 1 - 2**31
_GREATEST_EXPONENT = 2**31
_HAS_EXPONENT = "-2000000000 < {0}.adjusted() < 2000000000"
"""Whether the exponent of a decimal fits, as source: that of the first digit, for Python makes no tuple to tell it."""


def _copy_of_bytes(value: Any) -> Any:
    # What was sent is what the row is known to hold, and a bytearray can change in place.
    return bytes(cast("bytes", value)) if isinstance(value, (bytearray, memoryview)) else value


def _check_ascii(value: Any) -> Any:
    if value.isascii():
        return value
    raise ValueError("a CQL ascii holds US-ASCII characters only; leave Ascii() out to store text")


def _check_timeuuid(value: Any) -> Any:
    if value.version == 1:
        return value
    raise ValueError(
        "a CQL timeuuid is a version 1 UUID, as uuid.uuid1() makes; leave TimeUUID() out to store any UUID"
    )


def _check_timestamp(value: Any) -> Any:
    # In the first and the last year that Python knows, another time zone's moment may have no UTC to stand for it.
    if dt.MINYEAR < value.year < dt.MAXYEAR or value.tzinfo is None:
        return value
    try:
        value.astimezone(dt.timezone.utc)
    except OverflowError:
        raise ValueError(
            "this moment lies outside the years 1 to 9999 in UTC, which is what a timestamp holds"
        ) from None
    return value


def timestamp_check(rules: Rules, *, naive: bool = False) -> Convert:
    """The function that checks a moment as the rules want it; of a field of naive datetimes, naive ones are right."""
    refuses_naive = rules.naive_datetimes == "refuse" and not naive
    refuses_finer = rules.microseconds == "refuse"
    if not (refuses_naive or refuses_finer):
        return _check_timestamp

    def check(value: Any) -> Any:
        if refuses_naive and value.utcoffset() is None:
            raise ValueError(_NAIVE)
        if refuses_finer and value.microsecond % 1000:
            raise ValueError(_FINER)
        return _check_timestamp(value)

    return check


_NAIVE = (
    "the datetime has no time zone, which Settings.naive_datetimes refuses; give it one, as in "
    "datetime.now(timezone.utc), or make the field a pydantic.NaiveDatetime"
)
_FINER = (
    "the datetime has microseconds, which a timestamp does not keep and Settings.microseconds refuses; cut them off "
    "with coodie.types.as_timestamp()"
)


def _check_time(value: Any) -> Any:
    if value.tzinfo is None:
        return value
    raise ValueError("a CQL time has no time zone; store time.replace(tzinfo=None)")


_CHECKS: dict[str, Convert] = {
    "blob": with_usual(_copy_of_bytes, "type({0}) is bytes"),
    "varint": with_usual(_check_varint, "type({0}) is int"),
    "float": with_usual(_check_float, FITS_FLOAT),
    "decimal": with_usual(_check_decimal, f"{{0}}.is_finite() and {_HAS_EXPONENT}"),
    "ascii": with_usual(_check_ascii, "{0}.isascii()"),
    "timeuuid": with_usual(_check_timeuuid, "{0}.version == 1"),
    "time": with_usual(_check_time, "{0}.tzinfo is None"),
    "timestamp": with_usual(_check_timestamp, f"{dt.MINYEAR} < {{0}}.year < {dt.MAXYEAR}"),
}


def address_check(python: type) -> Convert | None:
    """The function that checks an address: that it has the field's version, where it has one, and no scope.

    Args:
        python: the class of addresses that a field holds; `object` where it is both; None is returned for others.
    """
    if python is ipaddress.IPv4Address:
        return with_usual(_version_check(python), "{0}.__class__ is IPv4", IPv4=python)
    if python not in (ipaddress.IPv6Address, object):
        return None
    has_version = _version_check(python)

    def check(value: Any) -> Any:
        if getattr(value, "scope_id", None) is not None:
            raise ValueError(_SCOPED)
        return has_version(value)

    return check


def _version_check(python: type) -> Convert:
    refusal = f"the field holds {python.__name__}, not "

    def check(value: Any) -> Any:
        if isinstance(value, python):
            return value
        raise ValueError(f"{refusal}{type(value).__name__}")

    return with_usual(check, f"type({{0}}) is {python.__name__}", "{0}", **{python.__name__: python})


def unmapped(value: Any) -> Any:
    """What a server makes of an element of a collection: of an address that has one, its IPv4 address."""
    return getattr(value, "ipv4_mapped", None) or value


def mapped(value: Any) -> Any:
    """An address as a field of IPv6 holds it: one of IPv4 is mapped into IPv6."""
    return ipaddress.IPv6Address(_MAPPED + value.packed) if isinstance(value, ipaddress.IPv4Address) else value


_MAPPED = bytes(10) + b"\xff\xff"
_SCOPED = "a CQL inet has no room for the scope of an address, which stands behind its %; give the address without it"


def is_any_address(core: object) -> bool:
    """Whether it is the union of both versions' addresses, each of which CQL's inet holds."""
    # The arguments of some annotations, such as `Callable[[], int]`, cannot be hashed.
    versions = [each for each in get_args(core) if each is not type(None)]
    return len(versions) == 2 and ipaddress.IPv4Address in versions and ipaddress.IPv6Address in versions  # noqa: PLR2004


def without_zone(value: Any) -> Any:
    """A UTC timestamp as the naive one that a `NaiveDatetime` field holds."""
    return value.replace(tzinfo=None)


# In Python 3.11, to replace a part of a datetime takes ten times as long as to count from the epoch twice.
with_usual(
    without_zone,
    "{0}.tzinfo is utc",
    "naive_epoch + ({0} - epoch)",
    utc=dt.timezone.utc,
    epoch=dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc),
    naive_epoch=dt.datetime(1970, 1, 1),  # noqa: DTZ001 - as it says
)


def pydantic_datetime(core: object) -> str | None:
    """The name of the kind of datetime that Pydantic demands, such as `NaiveDatetime`; None for anything else.

    Told by name: importing them costs a tenth of Pydantic's own import, and most models have none.
    """
    name: str = getattr(core, "__name__", "")
    return name if getattr(core, "__module__", "") == "pydantic.types" and name.endswith("Datetime") else None
