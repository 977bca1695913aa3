"""User types on a real node: made and widened by `sync_table`, written, read, compared and as keys."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import pytest
from pydantic import ConfigDict, Field

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import ConfigurationError, TableConflictError
from coodie.fields import ClusteringKey, Frozen, Indexed, PrimaryKey, Static, Vector
from coodie.types import CqlDuration
from coodie.usertype import UserType

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

UTC = dt.timezone.utc


class Point(UserType):
    model_config = ConfigDict(frozen=True)

    x: int
    y: int | None = None

    def __hash__(self) -> int:
        return hash((self.x, self.y))


class Everything(UserType):
    text: str = ""
    day: dt.date | None = None
    moment: dt.datetime | None = None
    at: dt.time | None = None
    amount: Decimal | None = None
    host: IPv4Address | None = None
    uid: UUID | None = None
    raw: bytes | None = None
    took: CqlDuration | None = None
    numbers: list[int] = []
    days: set[dt.date] = set()
    scores: dict[str, Decimal] = {}
    pair: tuple[int, str | None] | None = None
    vector: Annotated[list[float], Vector(2)] | None = None
    order_: int | None = Field(default=None, alias="order")
    point: Point | None = None
    points: list[Point] = []

    class Settings:
        type_name = "every_thing"


class Holder(Document):
    id: Annotated[Point, Frozen(), PrimaryKey()]
    at: Annotated[Point, Frozen(), ClusteringKey()]
    shared: Annotated[Point, Static()] | None = None
    changing: Everything | None = None
    frozen: Annotated[Everything, Frozen()] | None = None
    several: list[Everything] = []
    points: set[Point] = set()
    by_point: dict[Point, Everything] = {}
    pair: tuple[Point, int] | None = None
    found: Annotated[Point, Frozen(), Indexed()] | None = None
    required: Point = Point(x=0)

    class Settings:
        name = "user_type_holders"


class Prefs(UserType):
    theme: str | None = None
    lang: str | None = None
    pages: list[str] = []
    size: int = 10


class Account(Document):
    id: Annotated[int, PrimaryKey()]
    prefs: Prefs = Field(default_factory=Prefs)

    class Settings:
        name = "user_type_accounts"


FULL = Everything(
    text="ü",
    day=dt.date(2026, 2, 3),
    moment=dt.datetime(2026, 2, 3, 4, 5, 6, 7000, tzinfo=UTC),
    at=dt.time(1, 2, 3),
    amount=Decimal("1.50"),
    host=IPv4Address("10.0.0.1"),
    uid=UUID(int=7),
    raw=b"\x00\xff",
    took=CqlDuration(1, 2, 3),
    numbers=[3, 1],
    days={dt.date(2026, 1, 1)},
    scores={"a": Decimal("0.1")},
    pair=(1, None),
    vector=[0.5, -1.0],
    order=5,
    point=Point(x=1, y=2),
    points=[Point(x=3), Point(x=4, y=5)],
)


@pytest.fixture
async def tables(connection: AbstractDriver) -> AbstractDriver:
    await Holder.sync_table()
    return connection


@pytest.mark.usefixtures("tables")
async def test_types_are_known_again() -> None:
    assert await Holder.sync_table() == []
    assert await Everything.sync_type_async() == []  # sync: use assert Everything.sync_type() == []


@pytest.mark.usefixtures("tables")
async def test_instances_come_back_equal_and_of_their_types() -> None:
    saved = Holder(
        id=Point(x=1),
        at=Point(x=1, y=1),
        shared=Point(x=9, y=9),
        changing=FULL,
        frozen=FULL,
        several=[FULL, Everything()],
        points={Point(x=1), Point(x=2, y=2)},
        by_point={Point(x=3): FULL},
        pair=(Point(x=4), 5),
        found=Point(x=6),
    )
    await saved.save()
    read = await Holder.get(id=saved.id, at=saved.at)
    assert read == saved
    # Pydantic dumps no set or key of models: what it makes of them are dicts.
    assert read.model_dump(exclude={"points", "by_point"}) == saved.model_dump(exclude={"points", "by_point"})
    assert type(read.changing) is Everything
    assert type(read.by_point[Point(x=3)].points[0]) is Point
    assert [type(each) for each in read.points] == [Point, Point]
    assert await Holder.find(found={"x": 6}).all() == [saved]
    assert await Holder.find(id=saved.id, at__gte=Point(x=1)).all() == [saved]
    await saved.delete()


IN_PART = pytest.mark.excepted(
    driver_type="rust", reason="in what a condition answers its library reads no duration and no set of user types"
)
WITHOUT_DURATION = FULL.model_copy(update={"took": None})


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("held", "points"), [pytest.param(FULL, {Point(x=1)}, marks=IN_PART), (WITHOUT_DURATION, set[Point]())]
)
async def test_a_refused_insert_tells_the_instances_that_are_there(held: Everything, points: set[Point]) -> None:
    saved = Holder(id=Point(x=3), at=Point(x=2), frozen=held, points=points)
    result = await saved.insert()
    assert result is not None
    assert result.applied
    again = await saved.insert()
    assert again is not None
    assert (again.existing["frozen"], again.existing["points"]) == (held, points)
    await saved.delete()


@pytest.mark.usefixtures("tables")
async def test_nulls_and_changes() -> None:
    bare = Holder(id=Point(x=2), at=Point(x=0))
    await bare.save()
    assert await Holder.get(id=bare.id, at=bare.at) == bare
    await bare.update(changing=Everything(text="x"), append__several=[FULL], add__points={Point(x=1)})
    await bare.update(if_conditions={"frozen": None}, frozen={"text": "y"})
    read = await Holder.get(id=bare.id, at=bare.at)
    assert read.changing == Everything(text="x")
    assert read.several == [FULL]
    assert read.points == {Point(x=1)}
    assert read.frozen == Everything(text="y")
    await bare.update(changing=None)
    assert (await Holder.get(id=bare.id, at=bare.at)).changing is None
    await bare.delete()
    assert await Holder.find_one(id=bare.id, at=bare.at) is None


async def test_a_type_gets_new_fields_and_keeps_old_rows(connection: AbstractDriver) -> None:
    suffix = uuid4().hex[:8]

    class First(UserType):
        a: int

        class Settings:
            type_name = f"grown_{suffix}"

    class FirstTable(Document):
        id: Annotated[int, PrimaryKey()]
        value: Annotated[First, Frozen()]

        class Settings:
            name = f"growing_{suffix}"

    class Second(First):
        b: str = "new"
        c: list[int] | None = None

    class SecondTable(FirstTable):
        value: Annotated[Second, Frozen()]  # pyright: ignore[reportIncompatibleVariableOverride]
        note: str = ""

    class Conflicting(UserType):
        a: str

        class Settings:
            type_name = f"grown_{suffix}"

    keyspace = getattr(connection, "default_keyspace", None)
    assert len(await FirstTable.sync_table()) == 2
    await FirstTable(id=1, value=First(a=1)).save()
    assert await SecondTable.sync_table() == [
        f"ALTER TYPE {keyspace}.grown_{suffix} ADD b text",
        f"ALTER TYPE {keyspace}.grown_{suffix} ADD c frozen<list<int>>",
        f"ALTER TABLE {keyspace}.growing_{suffix} ADD note text",
    ]
    assert (await SecondTable.get(id=1)).value == Second(a=1)
    await SecondTable(id=2, value=Second(a=2, b="x", c=[1])).save()
    assert (await SecondTable.get(id=2)).value == Second(a=2, b="x", c=[1])
    assert await FirstTable.sync_table() == []
    with pytest.raises(TableConflictError, match=r"^type '\w+\.\w+' cannot be .* field 'a' is int and wanted as text"):
        await Conflicting.sync_type_async()  # sync: use Conflicting.sync_type()
    with pytest.raises(ConfigurationError, match="does not exist"):
        await First.sync_type_async("no_such_keyspace")  # sync: use First.sync_type("no_such_keyspace")
    await FirstTable.drop_table()


@pytest.mark.usefixtures("tables")
async def test_two_who_change_fields_of_one_value_keep_both() -> None:
    bare = Holder(id=Point(x=20), at=Point(x=0), changing=Everything(text="a"))
    await bare.save()
    mine, theirs = [await Holder.get(id=bare.id, at=bare.at) for _ in range(2)]
    assert mine.changing is not None
    assert theirs.changing is not None
    theirs.changing.text = "theirs"
    await theirs.update()
    mine.changing.points = [Point(x=1, y=2)]
    result = await mine.update(if_exists=True)
    assert result is not None
    assert result.applied
    both = await Holder.get(id=bare.id, at=bare.at)
    assert both.changing == Everything(text="theirs", points=[Point(x=1, y=2)])
    mine.changing.points = []
    async with AsyncBatchQuery() as batch:
        await mine.update(batch=batch)
    await mine.update()
    assert (await Holder.get(id=bare.id, at=bare.at)).changing == Everything(text="theirs")
    await bare.delete()


@pytest.mark.usefixtures("connection")
async def test_two_who_change_fields_of_a_value_that_has_none_yet_keep_both() -> None:
    await Account.sync_table()
    await Account(id=1).save()
    await Account(id=1).delete_columns("prefs")
    mine, theirs = [await Account.get(id=1) for _ in range(2)]
    mine.prefs.theme = "dark"
    await mine.update()
    theirs.prefs.lang = "de"
    theirs.prefs.pages.append("home")
    await theirs.update()
    assert (await Account.get(id=1)).prefs == Prefs(theme="dark", lang="de", pages=["home"])
    await Account.drop_table()
