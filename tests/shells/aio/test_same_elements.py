"""One element is one element however it is spelled: what a document holds after a change is what its row has.

Seen on the real node, by a model of what a server keeps: of each spelling of a value, what a read gives.
"""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import random
import struct
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple
from uuid import UUID, uuid4

import pytest
from pydantic import ConfigDict, create_model

from coodie.aio import AsyncBatchQuery, Document
from coodie.fields import BigInt, Double, Frozen, PrimaryKey
from coodie.usertype import UserType

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

pytestmark = [pytest.mark.node, pytest.mark.usefixtures("connection")]

STEPS = 24
UTC = dt.timezone.utc
EAST = dt.timezone(dt.timedelta(hours=5))
NOON = dt.datetime(2020, 1, 1, 12, tzinfo=UTC)
EARLY = dt.datetime(1960, 1, 1, 0, 0, 0, 7000, tzinfo=UTC)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"
    GREEN = "green"


class Reading(UserType):
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)

    at: dt.datetime
    heat: float = 0.5

    class Settings:
        __type_name__ = "reading_of_same_elements"


class Values(Document):
    """Its documents hold the values of enums."""

    class Settings:
        abstract = True


class Members(Document):
    """Its documents hold the members of enums."""

    model_config: ClassVar[ConfigDict] = ConfigDict(use_enum_values=False)

    class Settings:
        abstract = True


def in_bits(value: Any) -> float:
    found: float = struct.unpack(">f", struct.pack(">f", value))[0]
    return found


def moment(value: Any) -> dt.datetime:
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    aware: dt.datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
    aware = aware.astimezone(UTC)
    return aware.replace(microsecond=aware.microsecond // 1000 * 1000)


def unmapped(value: Any) -> Any:
    address = ipaddress.ip_address(value)
    return getattr(address, "ipv4_mapped", None) or address


def plain(value: Any) -> Any:
    return value.value if isinstance(value, enum.Enum) else value


def reading(value: Any) -> tuple[dt.datetime, float]:
    return moment(value.at), in_bits(value.heat)


def as_uuid(value: Any) -> UUID:
    return UUID(str(value))


def as_date(value: Any) -> dt.date:
    return dt.date.fromisoformat(str(value))


def without_zeros(value: Any) -> Decimal:
    return Decimal(value).normalize()


def pair(value: Any) -> tuple[float | None, Any]:
    return None if value[0] is None else in_bits(value[0]), plain(value[1])


def all_in_bits(values: Any) -> list[float]:
    return sorted(map(in_bits, values))


class Kind(NamedTuple):
    """A type of elements.

    Attributes:
        annotation: the type.
        same: values, each in several spellings.
        read: what a read gives of a spelling.
        given: more spellings, which only operators take, since they check what they are given.
        one: what tells elements of a set apart, where that is less than what is stored.
        base: the class of documents.
    """

    annotation: Any
    same: Sequence[Sequence[Any]]
    read: Callable[[Any], Any]
    given: Sequence[Sequence[Any]] = ()
    one: Callable[[Any], Any] | None = None
    base: type[Document] = Values

    def element(self, value: Any) -> str:
        """What tells an element of a set from the others."""
        return repr((self.one or self.read)(value))

    def stored(self, value: Any) -> str:
        """What is kept of a value."""
        return repr(self.read(value))


FLOATS = [[0.1, in_bits(0.1)], [0.5], [2.3, in_bits(2.3)], [float("nan"), float("nan")], [-0.0], [7, 7.0]]
MOMENTS = [
    [NOON, NOON.replace(tzinfo=None), NOON.astimezone(EAST), NOON.replace(microsecond=999)],
    [EARLY, EARLY.replace(microsecond=7999), EARLY.replace(tzinfo=None)],
    [NOON.replace(microsecond=5000)],
]
ONE, TWO = UUID(int=1), UUID(int=2)
ADDRESSES = [ipaddress.ip_address(each) for each in ("1.2.3.4", "::ffff:1.2.3.4", "::1")]

KINDS: dict[str, Kind] = {
    "text": Kind(str, [["a"], ["b"], [""]], str),
    "int": Kind(int, [[1], [2], [3]], int, [["1"], ["2"], [3.0]]),
    "boolean": Kind(bool, [[True], [False]], bool, [["true"], [0]]),
    "uuid": Kind(UUID, [[ONE], [TWO]], as_uuid, [[str(ONE)], [TWO.hex]]),
    "blob": Kind(bytes, [[b"a"], [b"b"]], bytes),
    "float": Kind(float, FLOATS, in_bits),
    "double": Kind(Annotated[float, Double()], [[0.1], [in_bits(0.1)], [-0.0], [2, 2.0]], float),
    "decimal": Kind(
        Decimal,
        [[Decimal("1.0"), Decimal("1.00"), Decimal(1)], [Decimal("-2.50"), Decimal("-2.5")], [Decimal("0.00")]],
        Decimal,
        [["1.0"], ["-2.500"], ["0"]],
        one=without_zeros,
    ),
    "timestamp": Kind(dt.datetime, MOMENTS, moment, [["2020-01-01T17:00:00+05:00"], [], []]),
    "date": Kind(dt.date, [[dt.date(2020, 1, 1)], [dt.date(1, 1, 1)]], as_date),
    "inet": Kind(
        ipaddress.IPv4Address | ipaddress.IPv6Address,
        [ADDRESSES[:2], ADDRESSES[2:]],
        unmapped,
        [["1.2.3.4", "::ffff:102:304"], ["0:0::1"]],
    ),
    "time_span": Kind(
        Annotated[dt.timedelta, BigInt()],
        [[dt.timedelta(days=1), dt.timedelta(hours=24)], [dt.timedelta(microseconds=-1)]],
        plain,
    ),
    "path": Kind(PurePosixPath, [[PurePosixPath("a/b"), "a/b"], [PurePosixPath("a")]], PurePosixPath),
    "enum_by_value": Kind(Colour, [[each, each.value] for each in Colour], plain),
    "enum_by_member": Kind(Colour, [[each, each.value] for each in Colour], plain, base=Members),
    "tuple": Kind(
        tuple[float | None, Colour],
        [[(0.1, Colour.RED), (in_bits(0.1), "red")], [(None, "red"), (None, Colour.RED)], [(0.5, "blue")]],
        pair,
    ),
    "frozenset": Kind(
        frozenset[float],
        [[frozenset({0.1}), frozenset({in_bits(0.1)})], [frozenset({0.1, 0.5}), frozenset({0.5, in_bits(0.1)})]],
        all_in_bits,
    ),
    "user_type": Kind(
        Annotated[Reading, Frozen()],
        [[Reading(at=each, heat=0.1) for each in MOMENTS[0]], [Reading(at=EARLY), Reading(at=MOMENTS[1][1])]],
        reading,
    ),
}


class Held(NamedTuple):
    """What a server keeps of the collections: of a set and a map by element, so that a new spelling replaces one."""

    s: dict[str, str]
    m: dict[str, tuple[str, str]]
    l: list[str]  # noqa: E741 - the name of the field

    @classmethod
    def of(cls, kind: Kind, document: Any) -> Held:
        """What a document holds, as a server would keep it."""
        return cls(
            {kind.element(each): kind.stored(each) for each in document.s},
            {kind.element(key): (kind.stored(key), kind.stored(each)) for key, each in document.m.items()},
            [kind.stored(each) for each in document.l],
        )


class Walk:
    """Changes of one document, at random, and what its row must hold after each."""

    def __init__(self, kind: Kind, model: Any, dice: random.Random) -> None:
        """Start with a document that was saved."""
        self.kind, self.model, self.dice = kind, model, dice
        self.document = model(id=uuid4(), s=set(self.some()), m=self.entries(), l=self.some(), n=self.nested())
        self.wanted = Held.of(kind, self.document)
        self.done: list[str] = []

    def some(self, *, given: bool = False) -> list[Any]:
        """Values of some spellings; several of one value only where it makes no difference which."""
        groups = self.dice.sample(range(len(self.kind.same)), self.dice.randint(1, len(self.kind.same)))
        found: list[Any] = []
        for place in groups:
            spellings = [*self.kind.same[place], *(self.kind.given[place] if given and self.kind.given else ())]
            found += self.dice.sample(spellings, 1 if self.kind.one else min(len(spellings), self.dice.randint(1, 2)))
        return found

    def entries(self, *, given: bool = False) -> dict[Any, Any]:
        """Some spellings of keys, each with one of a value; only an operator says which of one key's it takes."""
        found = {key: self.dice.choice(self.dice.choice(self.kind.same)) for key in self.some(given=given)}
        of_one = {self.kind.element(key): value for key, value in found.items()}
        return found if given else {key: of_one[self.kind.element(key)] for key in found}

    def nested(self) -> dict[str, list[Any]]:
        """Lists in a dict."""
        return {self.dice.choice("ab"): self.some(), "c": self.some()}

    async def check(self) -> None:
        """Compare what the row has and what the document holds with what is wanted."""
        document, row = self.document, await self.model.get(id=self.document.id)
        by_row, by_document = Held.of(self.kind, row), Held.of(self.kind, document)
        assert by_row == self.wanted, self.done
        assert by_document == self.wanted, self.done
        assert (len(row.s), len(row.m)) == (len(self.wanted.s), len(self.wanted.m)), self.done
        inner, wanted = ({key: [*map(self.kind.stored, each)] for key, each in it.n.items()} for it in (row, document))
        assert inner == wanted, self.done

    async def operate(self) -> None:
        """Change each collection by an operator."""
        wanted, kind = self.wanted, self.kind
        changes: dict[str, Any] = {}
        elements, keys, parts = (self.some(given=True) for _ in range(3))
        if self.dice.random() < 0.5:
            changes["add__s"] = elements
            wanted.s.update({kind.element(each): kind.stored(each) for each in elements})
        else:
            changes["remove__s"] = elements
            for each in elements:
                wanted.s.pop(kind.element(each), None)
        if self.dice.random() < 0.5:
            changes["put__m"] = entries = self.entries(given=True)
            wanted.m.update({kind.element(key): (kind.stored(key), kind.stored(each)) for key, each in entries.items()})
        else:
            changes["remove__m"] = keys
            for key in keys:
                wanted.m.pop(kind.element(key), None)
        operator = self.dice.choice(["append__l", "prepend__l", "remove__l", "remove__l"])
        changes[operator] = parts
        stored = [*map(kind.stored, parts)]
        if operator == "remove__l":
            wanted.l[:] = [each for each in wanted.l if each not in stored]
        else:
            at = len(wanted.l) if operator == "append__l" else 0
            wanted.l[at:at] = stored
        self.done.append(repr(changes))
        await self.document.update(**changes)

    async def delete(self) -> None:
        """Delete an element of each collection."""
        element, key = self.some(given=True)[0], self.some(given=True)[0]
        elements: list[tuple[str, Any]] = [("s", element), ("m", key)]
        self.wanted.s.pop(self.kind.element(element), None)
        self.wanted.m.pop(self.kind.element(key), None)
        if self.wanted.l:
            place = self.dice.randrange(len(self.wanted.l))
            elements.append(("l", place))
            del self.wanted.l[place]
        self.done.append(repr(elements))
        await self.document.delete_columns(collection_elements=elements)

    async def assign(self) -> None:
        """Assign to the fields, or change what they hold, and write what changed."""
        document, dice = self.document, self.dice
        if dice.random() < 0.5:
            document.s, document.m, document.l = set(self.some()), self.entries(), self.some()
            document.n = self.nested()
        else:
            for each in self.some():
                (document.s.add if dice.random() < 0.5 else document.s.discard)(each)
            for key in self.some():
                for same in self.spellings(key):
                    document.m.pop(same, None)
                if dice.random() < 0.5:
                    document.m[key] = dice.choice(dice.choice(self.kind.same))
            document.n["c"] = self.some()
            document.l.insert(dice.choice([0, len(document.l)]), dice.choice(dice.choice(self.kind.same)))
        self.wanted = Held.of(self.kind, document)
        self.done.append(f"held {document!r}")
        await dice.choice(WRITES)(document)

    async def respell(self) -> None:
        """Hold the same in other spellings: nothing is written that any other change would be undone by."""
        document = self.document
        document.s = {self.dice.choice(self.spellings(each)) for each in document.s}
        document.m = {self.dice.choice(self.spellings(key)): each for key, each in document.m.items()}
        document.l = [self.dice.choice(self.spellings(each)) for each in document.l]
        document.n = {key: [*map(self.dice.choice, map(self.spellings, each))] for key, each in document.n.items()}
        self.wanted = Held.of(self.kind, document)
        self.done.append(f"respelled {document!r}")
        await self.dice.choice(WRITES)(document)

    def spellings(self, value: Any) -> Sequence[Any]:
        """All of one value."""
        return next(each for each in self.kind.same if self.kind.element(each[0]) == self.kind.element(value))

    async def read(self) -> None:
        """Go on with the document as it is read."""
        self.done.append("read")
        self.document = await self.model.get(id=self.document.id)


async def by_update(document: Any) -> None:
    await document.update()


async def by_save_of_changes(document: Any) -> None:
    await document.save(changed_only=True)


async def by_batch(document: Any) -> None:
    async with AsyncBatchQuery() as batch:
        await document.update(batch=batch)


async def by_bulk(document: Any) -> None:
    await document.find().update_many([document])


async def by_save(document: Any) -> None:
    await document.save()


WRITES: list[Callable[[Any], Any]] = [by_update, by_update, by_save_of_changes, by_batch, by_bulk, by_save]


@pytest.mark.parametrize("name", KINDS)
async def test_a_document_holds_what_its_row_has_after_any_changes(name: str) -> None:
    kind = KINDS[name]
    held: Any = kind.annotation
    making: Any = create_model  # whose annotations no type checker knows
    collections: dict[str, Any] = {"s": (set[held], set()), "m": (dict[held, held], {}), "l": (list[held], [])}
    model = making(
        f"Same{name.title().replace('_', '')}",
        __base__=kind.base,
        id=(Annotated[UUID, PrimaryKey()], ...),
        n=(dict[str, list[held]], {}),
        **collections,
    )
    await model.sync_table()
    walk = Walk(kind, model, random.Random(name))  # noqa: S311 - no secret
    await walk.document.save()
    await walk.check()
    for _ in range(STEPS):
        step = walk.dice.choice([walk.operate, walk.operate, walk.delete, walk.assign, walk.assign, walk.respell])
        await step()
        await walk.check()
        if walk.dice.random() < 0.3:
            await walk.read()
