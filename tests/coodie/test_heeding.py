"""What a query says reaches every terminal, or is refused there by name: each modifier with each terminal.

There is no third case but that of `SAME`: what cannot make a difference to an answer, such as the order of what is
counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, Field

from coodie.exceptions import CoodieError, InvalidQueryError
from coodie.fields import ClusteringKey, Indexed, PrimaryKey, Static, Vector, VectorIndex
from coodie.sync import Document, QuerySet
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.messages import BatchRequest, Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Part(Document):
    shop: Annotated[str, PrimaryKey()]
    day: Annotated[int, ClusteringKey(clustering_key_index=0)]
    number: Annotated[int, ClusteringKey(clustering_key_index=1)]
    owner: Annotated[str | None, Static()] = None
    price: Annotated[int, Field(ge=0)] = 0
    tag: Annotated[str, Indexed()] = ""
    spot: Annotated[list[float] | None, Vector(2), VectorIndex()] = None


class Patch(BaseModel):
    tag: str


class Price(BaseModel):
    price: int


ROW: dict[str, Any] = {"shop": "a", "day": 1, "number": 1, "owner": None, "tag": "x", "spot": [0.5, 0.5]}
PRICES = (-1, 5, 2)
"""Of the rows that are answered: in no order, and the first is none that the model takes."""

PARTITION: Callable[[], Any] = lambda: Part.find(shop="a")  # noqa: E731 - one of several
ROWS: Callable[[], Any] = lambda: Part.find(shop="a", tag="x")  # noqa: E731 - they are looked for
ONE: Callable[[], Any] = lambda: Part.find(shop="a", day=1, number=1)  # noqa: E731
ANY: Callable[[], Any] = lambda: Part.find()  # noqa: E731, PLW0108
GROUPS: Callable[[], Any] = lambda: Part.find(shop="a").group_by("shop", "day")  # noqa: E731
ANY_GROUPS: Callable[[], Any] = lambda: Part.find().group_by("shop", "day")  # noqa: E731


def part() -> Part:
    return Part(shop="a", day=1, number=1)


@dataclass(frozen=True)
class Terminal:
    """A terminal, and a query that it is called of."""

    base: Callable[[], Any]
    call: Callable[[Any], Any]


READING: dict[str, Callable[[Any], Any]] = {
    "all": lambda query: query.all(),
    "all lazily": lambda query: [item.resolve() for item in query.all(lazy=True)],
    "first": lambda query: query.first(),
    "paged_all": lambda query: query.paged_all(),
    "pages": lambda query: list(query.pages()),
    "iteration": lambda query: [item for item in iter(query)],  # noqa: C416 - list() would ask for the length
    "length": lambda query: len(query),  # noqa: PLW0108 - of a protocol
    "place": lambda query: query[0],
}
TERMINALS: dict[str, Terminal] = {
    **{name: Terminal(PARTITION, call) for name, call in READING.items()},
    **{f"{name} of groups": Terminal(GROUPS, call) for name, call in READING.items()},
    "count": Terminal(PARTITION, lambda query: query.count()),
    "exists": Terminal(PARTITION, lambda query: query.exists()),
    "aggregate": Terminal(PARTITION, lambda query: query.aggregate(n="sum(price)")),
    "aggregate of groups": Terminal(GROUPS, lambda query: query.aggregate(n="sum(price)")),
    "sum": Terminal(PARTITION, lambda query: query.sum("price")),
    "avg": Terminal(PARTITION, lambda query: query.avg("price")),
    "min": Terminal(PARTITION, lambda query: query.min("price")),
    "max": Terminal(PARTITION, lambda query: query.max("price")),
    "json": Terminal(PARTITION, lambda query: query.json()),
    "writetime": Terminal(ONE, lambda query: query.writetime("price")),
    "column_ttl": Terminal(ONE, lambda query: query.column_ttl("price")),
    "create": Terminal(ANY, lambda query: query.create(shop="a", day=1, number=1)),
    "get_or_create": Terminal(ANY, lambda query: query.get_or_create(shop="a", day=1, number=1)),
    "update": Terminal(ROWS, lambda query: query.update(price=1)),
    "update of one": Terminal(ONE, lambda query: query.update(price=1)),
    "update_from": Terminal(ROWS, lambda query: query.update_from(Patch(tag="y"))),
    "delete": Terminal(ROWS, lambda query: query.delete()),
    "delete of one": Terminal(ONE, lambda query: query.delete()),
    "delete of a partition": Terminal(PARTITION, lambda query: query.delete()),
    "in_bulk": Terminal(ANY, lambda query: query.in_bulk([("a", 1, 1)])),
    "scan": Terminal(ANY, lambda query: list(query.scan(splits=1))),
    "save_many": Terminal(ANY, lambda query: query.save_many([part()])),
    "save_many in batches": Terminal(
        ANY, lambda query: query.save_many([part(), Part(shop="a", day=1, number=2)], batched=True)
    ),
    "insert_many": Terminal(ANY, lambda query: query.insert_many([part()])),
    "update_many": Terminal(ANY, lambda query: query.update_many([part()], price=1)),
    "delete_many": Terminal(ANY, lambda query: query.delete_many([part()])),
}

MODIFIERS: dict[str, Callable[[Any], Any]] = {
    "filter": lambda query: query.filter(tag="y"),
    "limit": lambda query: query.limit(3),
    "slice": lambda query: query[1:],
    "order_by": lambda query: query.order_by("-day"),
    "order_by a price": lambda query: query.order_by("price"),
    "order_by_ann": lambda query: query.order_by_ann("spot", [1.0, 2.0]),
    "reverse": lambda query: query.reverse(),
    "allow_filtering": lambda query: query.allow_filtering(),
    "only": lambda query: query.only("tag"),
    "defer": lambda query: query.defer("tag"),
    "distinct": lambda query: query.distinct(),
    "cast": lambda query: query.cast("price", "text"),
    "cast of values": lambda query: query.cast("price", "text").values_list("price"),
    "per_partition_limit": lambda query: query.per_partition_limit(37),
    "fetch_size": lambda query: query.fetch_size(41),
    "page": lambda query: query.page(b"state"),
    "validate": lambda query: query.validate(),
    "if_exists": lambda query: query.if_exists(),
    "if_not_exists": lambda query: query.if_not_exists(),
    "iff": lambda query: query.iff(tag="x"),
    "ttl": lambda query: query.ttl(43),
    "timestamp": lambda query: query.timestamp(47),
    "consistency": lambda query: query.consistency("QUORUM"),
    "timeout": lambda query: query.timeout(53),
    "using": lambda query: query.using(keyspace="tenant"),
    "using a connection": lambda query: query.using(connection="other"),
    "values_list": lambda query: query.values_list("tag"),
    "values_list flat": lambda query: query.values_list("tag", flat=True),
    "select_token": lambda query: query.select_token(),
    "into": lambda query: query.into(Price),
    "group_by": lambda query: query.group_by("shop"),
}
AS_GIVEN = {
    "per_partition_limit": "37",
    "fetch_size": "41",
    "ttl": "43",
    "timestamp": "47",
    "timeout": "53",
    "consistency": "QUORUM",
}
"""What is sent just as it was given."""

BESIDES: dict[str, Callable[[Any], Any]] = {
    "cast of values": lambda query: query.values_list("price"),
    "allow_filtering": lambda query: query.filter(price=3),
}
"""What both queries of a comparison say, where a modifier says nothing by itself."""

NAMED = {
    "defer": "only",
    "order_by a price": "order_by",
    "cast of values": "values_list|cast",
    "allow_filtering": "allow_filtering|filter",
    "values_list flat": "values_list",
    "using a connection": "using",
    "if_exists": "if_exists|timestamp",
}
"""What a refusal calls a modifier, where it is not by its name."""

METHODS = {
    **{name: name.split(" ", maxsplit=1)[0] for name in (*TERMINALS, *MODIFIERS)},
    "slice": "__getitem__",
    "place": "__getitem__",
    "iteration": "__iter__",
    "length": "__len__",
    "cast of values": "values_list",
}
"""The method of a terminal or modifier that is not called like it."""

UNBOUNDED = {PARTITION: ANY, ROWS: ANY, ONE: ANY, GROUPS: ANY_GROUPS}
"""Beside a key that is compared the server is allowed to filter without being asked."""

NEITHER = {"model", "state", "explain", "is_null", "is_not_null"}

NUMBERS = ("count", "exists")
SAME = {
    *((terminal, modifier) for terminal in NUMBERS for modifier in ("only", "defer", "validate", "into", "reverse")),
    *((terminal, modifier) for terminal in NUMBERS for modifier in ("values_list", "values_list flat")),
    *((terminal, modifier) for terminal in NUMBERS for modifier in ("order_by", "order_by a price")),
    ("length", "order_by a price"),
    ("exists", "limit"),  # one row is enough, whatever the limit
    ("first", "limit"),
    ("first of groups", "limit"),
    ("place", "limit"),
    ("place of groups", "limit"),
    # Of what is written by its key, or as a whole, no rows are read that pages could be made of.
    *((f"{verb} of one", "fetch_size") for verb in ("update", "delete")),
    ("delete of a partition", "fetch_size"),
}
"""What makes no difference, and need not."""


class Rows(ScriptedDriver):
    """Answers each SELECT with three rows of the columns that it asks for, and writes with success."""

    def __init__(self, name: str, seen: list[Any]) -> None:
        super().__init__()
        self._name, self._seen = name, seen

    def send(self, request: Any) -> Reply:
        if isinstance(request, BatchRequest):
            asked = [(statement.cql, list(params)) for statement, params in request.parts]
            self._seen.append((self._name, asked, request.consistency, request.timeout, request.timestamp))
            return Reply()
        options = (request.consistency, request.timeout, request.fetch_size, request.paging_state)
        cql = request.statement.cql
        self._seen.append((self._name, cql, list(request.params), *options))
        selected = re.match(r"SELECT (?:DISTINCT )?(JSON )?(.*?) FROM", cql)
        if selected is None:
            return Reply(applied=True) if " IF " in cql else Reply()
        if selected[1]:
            return Reply([("{}",)], ("[json]",))
        names = [_name(each) for each in re.split(r", (?![^(]*\))", selected[2])]
        rows = [tuple({**ROW, "price": price}.get(name, 5) for name in names) for price in PRICES]
        single = "day = ?" in cql or "(" in names[0]
        return Reply(rows[:1] if single else rows, tuple(names))


def _name(selected: str) -> str:
    """The name of a column in the answer."""
    return selected.rsplit(" AS ", maxsplit=1)[-1]


@pytest.fixture
def seen() -> Iterator[list[Any]]:
    """What was sent, over both connections."""
    found: list[Any] = []
    register_driver("default", Rows("default", found), default=True)
    register_driver("other", Rows("other", found))
    yield found
    unregister_driver("default")
    unregister_driver("other")


def outcome(seen: list[Any], call: Callable[[], Any]) -> tuple[list[Any], str]:
    """What a call sends, and what comes of it."""
    seen.clear()
    try:
        found = call()
    except CoodieError as error:
        return list(seen), f"{type(error).__name__}: {error}"
    return list(seen), repr(found)


def public(kind: Any) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def first_words(names: dict[str, Any]) -> set[str]:
    return {name.split(" ")[0] for name in names}


def test_every_method_is_a_terminal_or_a_modifier_here() -> None:
    here = first_words(TERMINALS) | first_words(MODIFIERS) | NEITHER
    protocols = {"iteration", "length", "place", "slice"}
    assert public(QuerySet) | public(type(GROUPS())) == here - protocols


def there_is(terminal: str, modifier: str) -> bool:
    """Whether a query that can be called so can have this modifier: groups have fewer methods."""
    after = METHODS.get(terminal, terminal)
    may_follow = METHODS.get(modifier) != "group_by" or hasattr(GROUPS(), after)
    return may_follow and hasattr(TERMINALS[terminal].base(), METHODS.get(modifier, modifier))


PAIRS = [(terminal, modifier) for terminal in TERMINALS for modifier in MODIFIERS if there_is(terminal, modifier)]


@pytest.mark.parametrize(("terminal", "modifier"), PAIRS)
def test_a_modifier_makes_a_difference_or_is_refused_by_name(terminal: str, modifier: str, seen: list[Any]) -> None:
    base, call = TERMINALS[terminal].base, TERMINALS[terminal].call
    if modifier == "allow_filtering":
        base = UNBOUNDED.get(base, base)
    also = BESIDES.get(modifier, lambda query: query)
    before = outcome(seen, lambda: call(also(base())))
    after = outcome(seen, lambda: call(MODIFIERS[modifier](also(base()))))
    if (terminal, modifier) in SAME:
        assert after[1] == before[1]
        return
    name = NAMED.get(modifier, modifier)
    refused = after[1].startswith((InvalidQueryError.__name__, "InvalidRequestError")) and after[0] == []
    if refused and re.search(rf"\b({name})(\(|=| )", after[1]):
        return
    assert after != before
    assert not refused, after[1]
    if modifier in AS_GIVEN:
        assert AS_GIVEN[modifier] in re.findall(r"\w+", repr(after[0]))


@pytest.mark.usefixtures("seen")
def test_null_is_refused_by_name() -> None:
    with pytest.raises(InvalidQueryError, match="IS NULL"):
        PARTITION().is_null("tag")
    with pytest.raises(InvalidQueryError, match="IS NOT NULL"):
        PARTITION().is_not_null("tag")
