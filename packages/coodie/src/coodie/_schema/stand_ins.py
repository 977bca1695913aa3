"""Python types that a column keeps as another one: secrets and addresses of Pydantic, subclasses, time spans.

Types of Pydantic are told by their names: importing them costs more than most models need.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args, get_origin
from uuid import UUID

from coodie import fields
from coodie_drivers.values import CqlDuration

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie._schema.annotations import Peeled

_DAY = 86_400_000_000
"""Microseconds of a day: a `timedelta` counts no other days than those of 24 hours."""

_AS_TEXT = (
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
)
_BASES: tuple[type, ...] = (str, int, float, bytes, Decimal)
_URLS = ("_BaseUrl", "_BaseMultiHostUrl")


@dataclass(frozen=True, slots=True)
class StandIn:
    """How a type is kept.

    Attributes:
        base: the type that is kept, which has a CQL type.
        encode: from the field's value to the one that is kept.
        decode: from the kept value to the field's; None when they are the same.
    """

    base: Any
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any] | None


def stand_in(peeled: Peeled) -> StandIn | None:
    """What is kept for a field of this type; None where the type itself is."""
    core: Any = peeled.core
    if get_origin(core) is not None:
        return _secret(core, get_args(core)[0]) if _named(get_origin(core), "pydantic.types", "Secret") else None
    if not isinstance(core, type):
        return None
    if core is dt.timedelta:
        return _MICROSECONDS if peeled.marker(fields.BigInt) is not None else _DURATION
    # Importing pathlib to compare with it would cost every program.
    if issubclass(core, _AS_TEXT) or any(_named(each, "pathlib", "PurePath") for each in core.__mro__):
        return _text(core)
    if core.__module__ == "pydantic.types" and core.__name__ in _SECRETS:
        return _secret(core, _SECRETS[core.__name__])
    if core.__module__ == "pydantic.types" and core.__name__ in ("PastDate", "FutureDate"):
        return StandIn(dt.date, _same, None)
    if any(each.__module__ == "pydantic.networks" for each in core.__mro__):
        return _network(core)
    return _subclass(core)


_SECRETS: dict[str, type] = {"SecretStr": str, "SecretBytes": bytes}


def _named(core: Any, module: str, name: str) -> bool:
    # In Python 3.13, pathlib is a package of several modules.
    return getattr(core, "__module__", "").removesuffix("._local") == module and getattr(core, "__name__", "") == name


def _text(core: Any) -> StandIn:
    return StandIn(str, str, core)


def _secret(core: Any, base: Any) -> StandIn:
    # A field that was assigned to without a check may hold the plain value.
    return StandIn(base, lambda value: value.get_secret_value() if hasattr(value, "get_secret_value") else value, core)


def _network(core: Any) -> StandIn | None:
    """Addresses of the web and of mail as text; any IP address as what it is."""
    if core.__name__ == "EmailStr":
        return StandIn(str, _same, None)
    if core.__name__ == "IPvAnyAddress":
        return StandIn(ipaddress.IPv4Address | ipaddress.IPv6Address, _same, None)
    if any(each.__name__ in _URLS for each in core.__mro__):
        return StandIn(str, str, core)
    return StandIn(str, str, _by_pydantic(core))


def _by_pydantic(core: Any) -> Callable[[Any], Any]:
    """Read a text as Pydantic does, for a type whose own constructor takes no text."""
    made: list[Callable[[Any], Any]] = []

    def decode(value: Any) -> Any:
        if not made:
            from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - most programs never read one

            validate = TypeAdapter[Any](core).validate_python

            def read(text: Any) -> Any:
                try:
                    return validate(text)
                except ValidationError:
                    # Not chained: Pydantic's error holds the value.
                    raise ValueError(f"no {core.__name__}") from None

            made.append(read)
        return made[0](value)

    return decode


def _subclass(core: Any) -> StandIn | None:
    """A class derived from one that has a CQL type is kept as that one, and made again from it."""
    if core.__bases__ == (object,) or core in _BASES or core is bool:
        return None
    if issubclass(core, UUID) and core is not UUID:
        return StandIn(UUID, lambda value: UUID(int=value.int), lambda value: core(int=value.int))
    base: Any = next((each for each in _BASES if issubclass(core, each)), None)
    if base is None:
        return None
    if base is str:
        # `str()` would call a method that the subclass may have made its own.
        return StandIn(str, str.__str__, core)
    return StandIn(base, base, core)


def _same(value: Any) -> Any:
    return value


def _to_duration(value: dt.timedelta) -> CqlDuration:
    total = value // dt.timedelta(microseconds=1)
    days, rest = divmod(abs(total), _DAY)
    sign = -1 if total < 0 else 1
    return CqlDuration(months=0, days=sign * days, nanoseconds=sign * rest * 1_000)


def _from_duration(value: CqlDuration) -> dt.timedelta:
    if value.months:
        raise ValueError("a duration with months has no fixed length; read it in a field of CqlDuration")
    sign = -1 if min(value.days, value.nanoseconds) < 0 else 1
    # As with `time`, what is below a microsecond is cut off.
    return sign * dt.timedelta(days=abs(value.days), microseconds=abs(value.nanoseconds) // 1_000)


def _to_microseconds(value: dt.timedelta) -> int:
    total = value // dt.timedelta(microseconds=1)
    if -(1 << 63) <= total < 1 << 63:
        return total
    problem = "a CQL bigint is a whole number of 64 bits, so it holds the microseconds of 292,271 years"
    raise ValueError(f"{problem}; leave BigInt() out to store a duration")


_DURATION = StandIn(CqlDuration, _to_duration, _from_duration)
_MICROSECONDS = StandIn(int, _to_microseconds, lambda value: dt.timedelta(microseconds=value))
