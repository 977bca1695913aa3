"""A model with the types that columns keep as other ones, and documents of it: shared by unit and node tests."""

from __future__ import annotations

import datetime as dt
import pathlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence  # noqa: TC003 - Pydantic reads them
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, Generic, Literal, NewType, TypeVar
from uuid import UUID

from pydantic import (
    UUID4,
    AnyUrl,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    FutureDate,
    HttpUrl,
    IPvAnyAddress,
    IPvAnyNetwork,
    PositiveInt,
    PostgresDsn,
    PrivateAttr,
    Secret,
    SecretBytes,
    SecretStr,
    StringConstraints,
    computed_field,
)

from coodie.fields import BigInt, Double, Duration, Frozen, Vector

T = TypeVar("T")


class Name(str):
    __slots__ = ()


class Count(int):
    pass


class Mood(str, Enum):
    GOOD = "good"


class Level(IntEnum):
    HIGH = 3


class Labels(list[str]):
    pass


class Scores(dict[str, int]):
    pass


class Days(set[dt.date]):
    pass


Number = NewType("Number", int)


class Stamped(BaseModel):
    """A mixin of fields, without a table."""

    made: dt.datetime | None = None

    class Settings:
        default_ttl = 1000


class Kept(Stamped, Generic[T]):
    """Every type that a column keeps as another one."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True, use_enum_values=True)

    span: dt.timedelta | None = None
    marked_span: Annotated[dt.timedelta, Duration()] | None = None
    micros: Annotated[dt.timedelta, BigInt()] | None = None
    secret: SecretStr = SecretStr("")
    secret_bytes: SecretBytes | None = None
    secret_day: Secret[dt.date] | None = None
    url: AnyUrl | None = None
    web: HttpUrl | None = None
    dsn: PostgresDsn | None = None
    any_network: IPvAnyNetwork | None = None
    host: IPvAnyAddress | None = None
    network: IPv4Network | None = None
    path: pathlib.PurePosixPath | None = None
    size: Annotated[ByteSize, BigInt()] | None = None
    soon: FutureDate | None = None
    uid: UUID4 | None = None
    some: PositiveInt = 1
    short: Annotated[str, StringConstraints(max_length=5)] = ""
    name: Name = Name("")
    count: Annotated[Count, BigInt()] = Count(0)
    mood: Mood = Mood.GOOD
    level: Level = Level.HIGH
    literal: Literal["a", "b"] = "a"
    number: Number = Number(0)
    labels: Labels = Labels()
    scores: Scores = Scores()
    days: Annotated[Days, Frozen()] = Days()
    ordered: OrderedDict[str, int] = OrderedDict()
    sequence: Sequence[int] = []
    mapping: Mapping[str, int] = {}
    pairs: list[tuple[int, frozenset[str]]] = []
    deep: dict[str, list[dict[str, set[int]]]] = {}
    spans: list[dt.timedelta] = []
    secrets: dict[str, SecretStr] = {}
    urls: set[AnyUrl] = set()
    vector: Annotated[list[float], Vector(2)] | None = None
    exact: Annotated[float, Double()] = 0.1
    hidden: int = Field(default=4, exclude=True)
    aliased_: int = Field(default=5, alias="aliased")
    generic: T | None = None
    _private: list[int] = PrivateAttr(default_factory=lambda: [1])

    @computed_field  # type: ignore[prop-decorator] # as Pydantic documents it
    @property
    def total(self) -> int:
        """No column."""
        return self.some + len(self._private)


VALUES: dict[str, Any] = {
    "made": dt.datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=dt.timezone.utc),
    "span": dt.timedelta(days=-3, seconds=5, microseconds=7),
    "marked_span": dt.timedelta(hours=49, microseconds=1),
    "micros": dt.timedelta(days=-1, microseconds=1),
    "secret": SecretStr("canary"),
    "secret_bytes": SecretBytes(b"\x00canary"),
    "secret_day": dt.date(2026, 5, 6),
    "url": "https://example.com/a?b=c#d",
    "web": "http://example.com",
    "dsn": "postgres://u:p@localhost:5432/app",
    "any_network": "2001:db8::/32",
    "host": IPv4Address("10.0.0.1"),
    "network": IPv4Network("10.0.0.0/8"),
    "path": pathlib.PurePosixPath("/a/b"),
    "size": 3_000_000_000,
    "soon": dt.date(2999, 1, 1),
    "uid": UUID("3c9d1f6e-9f0f-4f6e-8a3e-2b1f6e9f0f4f"),
    "some": 3,
    "short": "abc",
    "name": Name("Ann"),
    "count": Count(1 << 40),
    "mood": Mood.GOOD,
    "level": Level.HIGH,
    "literal": "b",
    "number": 9,
    "labels": Labels(["b", "a"]),
    "scores": Scores(a=1),
    "days": Days([dt.date(2026, 1, 1)]),
    "ordered": OrderedDict(a=1, b=2),
    "sequence": [3, 1],
    "mapping": {"k": 1},
    "pairs": [(1, frozenset({"x"}))],
    "deep": {"a": [{"b": {1, 2}}]},
    "spans": [dt.timedelta(seconds=1)],
    "secrets": {"k": SecretStr("canary")},
    "urls": {AnyUrl("http://a.example/")},
    "vector": [0.5, -2.0],
    "exact": 1e300,
    "hidden": 7,
    "aliased": 8,
    "generic": Decimal("1.50"),
}
"""A value for each field, by alias where it has one."""
