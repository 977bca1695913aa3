"""Every verb and chain method of the mapper that takes names or values, as a call with inputs, for both forms."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from uuid import UUID  # noqa: TC003 - Pydantic looks it up

from pydantic import BaseModel
from tests.coodie.intended import Meaning

from coodie import aio, sync, using
from coodie.fields import ClusteringKey, Counter, Indexed, PrimaryKey, Vector, VectorIndex
from cql_builder.ast import CreateKeyspace, Delete, Insert, InsertJson, Select, Update

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    Call = Callable[[Any, dict[str, Any], str, Any], Any]


class ThingFields(BaseModel):
    id: Annotated[int, PrimaryKey()]
    place: Annotated[str, ClusteringKey()] = ""
    name: Annotated[str, Indexed()] = ""
    size: float = 0.0
    key: UUID | None = None
    tags: set[str] = set()
    lines: list[int] = []
    notes: dict[str, int] = {}
    spot: Annotated[list[float], Vector(2), VectorIndex()] = [1.0, 0.0]


class Thing(ThingFields, sync.Document):
    class Settings:
        name = "things"
        keyspace = "ks"


class AsyncThing(ThingFields, aio.Document):
    class Settings:
        name = "things"
        keyspace = "ks"


class Clicks(sync.CounterDocument):
    page: Annotated[str, PrimaryKey()]
    clicks: Annotated[int, Counter()]

    class Settings:
        name = "clicks"
        keyspace = "ks"


class AsyncClicks(aio.CounterDocument):
    page: Annotated[str, PrimaryKey()]
    clicks: Annotated[int, Counter()]

    class Settings:
        name = "clicks"
        keyspace = "ks"


class Patch(BaseModel):
    """Fields of things, each with any value."""

    name: Any = None
    size: Any = None
    tags: Any = None
    lines: Any = None
    notes: Any = None


class Part(BaseModel):
    """A part of a thing's fields, to read rows into."""

    id: int
    name: str


class Form(NamedTuple):
    """One form of the mapper, of whose verbs `run` gives the answer.

    Attributes:
        module: the module that has it.
        thing: the model of things.
        clicks: the model of counters.
        batch: its class of batches.
        run: takes an answer, an awaitable or an iterator to its end.
    """

    module: Any
    thing: Any
    clicks: Any
    batch: Any
    run: Callable[[Any], Any]


def run_sync(answer: Any) -> Any:
    """Take an iterator to its end; else there is nothing to do."""
    return [*answer] if hasattr(answer, "__next__") or type(answer).__name__ == "Scan" else answer


def run_async(loop: asyncio.AbstractEventLoop, answer: Any) -> Any:
    """Await an answer, or take an iterator to its end."""

    async def ended() -> Any:
        if hasattr(answer, "__anext__") or type(answer).__name__ == "AsyncScan":
            return [each async for each in answer]
        return await answer

    iterates = hasattr(answer, "__anext__") or type(answer).__name__ == "AsyncScan"
    return loop.run_until_complete(ended()) if iterates or inspect.isawaitable(answer) else answer


def forms(loop: asyncio.AbstractEventLoop) -> tuple[Form, Form]:
    """Both forms, the awaitable one over this loop."""
    return (
        Form(sync, Thing, Clicks, sync.BatchQuery, run_sync),
        Form(aio, AsyncThing, AsyncClicks, aio.AsyncBatchQuery, partial(run_async, loop)),
    )


def batched(form: Form, write: Callable[[Any], Any], **options: Any) -> Any:
    """Write something by a batch."""
    batch = form.batch(**options)
    form.run(write(batch))
    return batch.execute()


def elsewhere(form: Form, keyspace: str) -> Any:
    """Read in a keyspace that a block names."""
    with using(keyspace=keyspace):
        return form.run(form.thing.find(id=1).all())


def several(form: Form) -> list[Any]:
    """Two documents of one partition."""
    return [form.thing(id=1), form.thing(id=1, place="x")]


READ = (Select,)
COUNTED = Meaning((Update,), where="page", sets="clicks:+")
FOUND = Meaning(READ, where="given")
OF_ONE = Meaning(READ, where="id")
NAMED = Meaning(READ, where="id", selects="?")
ROW = Meaning((Update,), where="id place", sets="given")
SAVED = Meaning((Insert,))
WITHIN = {"id": 1, "place": "x"}

CALLS: dict[str, tuple[Call, Meaning]] = {
    "find": (lambda f, given, _, __: f.thing.find(**given).allow_filtering().all(), FOUND),
    "filter": (lambda f, given, _, __: f.thing.find(id=1).filter(**given).all(), OF_ONE._replace(where="id given")),
    "conditions of find": (
        lambda f, _, __, value: f.thing.find(f.thing.size >= value).allow_filtering().all(),
        FOUND._replace(where="size:>="),
    ),
    "an entry": (
        lambda f, _, __, value: f.thing.find(f.thing.notes[value] == 1).allow_filtering().all(),
        FOUND._replace(where="notes"),
    ),
    "get": (lambda f, given, _, __: f.thing.get(**given), FOUND),
    "find_one": (lambda f, given, _, __: f.thing.find_one(**given), FOUND),
    "first": (lambda f, given, _, __: f.thing.find(**given).first(), FOUND),
    "lazily": (lambda f, given, _, __: f.thing.find(**given).all(lazy=True), FOUND),
    "paged_all": (lambda f, given, _, value: f.thing.find(**given).fetch_size(value).paged_all(), FOUND),
    "pages": (lambda f, given, _, __: f.thing.find(**given).pages(), FOUND),
    "explain": (lambda f, given, _, __: f.thing.find(**given).explain(), FOUND),
    "count": (lambda f, given, _, __: f.thing.find(**given).count(), FOUND),
    "exists": (lambda f, given, _, __: f.thing.find(**given).exists(), FOUND),
    "json": (lambda f, given, _, __: f.thing.find(**given).json(), FOUND),
    "into": (lambda f, given, _, __: f.thing.find(**given).into(Part).all(), FOUND),
    "select_token": (lambda f, given, _, __: f.thing.find(**given).select_token().all(), FOUND),
    "validate": (
        lambda f, given, name, _: f.thing.find(**given).validate(on_invalid=name).all(),
        FOUND,
    ),
    "scan": (
        lambda f, given, _, value: f.thing.find(**given).allow_filtering().scan(splits=2, at_once=value),
        FOUND._replace(where="id:> id:<= given"),
    ),
    "scan on": (lambda f, _, name, value: f.thing.find().scan(splits=value, resume=name), FOUND),
    "in_bulk": (lambda f, _, __, value: f.thing.find().in_bulk(value), FOUND._replace(where="id place")),
    "in_bulk of some": (
        lambda f, _, name, value: f.thing.find().in_bulk([(1, name), (2, name)], at_once=value),
        FOUND._replace(where="id place"),
    ),
    "order_by": (lambda f, _, name, __: f.thing.find(id=1).order_by(name).all(), OF_ONE),
    "order_by down": (lambda f, _, name, __: f.thing.find(id=1).order_by(f"-{name}").all(), OF_ONE),
    "order_by_ann": (
        lambda f, _, name, __: f.thing.find(id=1).order_by_ann(name, [1.0, 0.5]).limit(3).all(),
        OF_ONE,
    ),
    "order_by_ann of the field": (
        lambda f, _, __, value: f.thing.find(id=1).order_by_ann("spot", value).limit(3).all(),
        OF_ONE,
    ),
    "only": (lambda f, _, name, __: f.thing.find(id=1).only(name).all(), NAMED),
    "defer": (lambda f, _, name, __: f.thing.find(id=1).defer(name).all(), OF_ONE),
    "values_list": (lambda f, _, name, __: f.thing.find(id=1).values_list(name).all(), NAMED),
    "values_list flat": (lambda f, _, name, value: f.thing.find(id=1).values_list(name, flat=value).all(), NAMED),
    "distinct": (lambda f, _, name, __: f.thing.find(id=1).distinct(name).all(), NAMED),
    "group_by": (lambda f, _, name, __: f.thing.find(id=1).group_by(name).aggregate(n="count(*)"), NAMED),
    "cast": (lambda f, _, name, __: f.thing.find(id=1).cast(name, "text").values_list(name).all(), NAMED),
    "types of cast": (
        lambda f, _, __, value: f.thing.find(id=1).cast("size", value).values_list("size").all(),
        NAMED._replace(selects="size"),
    ),
    "aggregate": (lambda f, _, name, value: f.thing.find(id=1).aggregate(**{name: value}), NAMED),
    "sum": (lambda f, _, name, __: f.thing.find(id=1).sum(name), NAMED),
    "avg": (lambda f, _, name, __: f.thing.find(id=1).avg(name), NAMED),
    "min": (lambda f, _, name, __: f.thing.find(id=1).min(name), NAMED),
    "max": (lambda f, _, name, __: f.thing.find(id=1).max(name), NAMED),
    "writetime": (lambda f, _, name, __: f.thing.find(**WITHIN).writetime(name), NAMED._replace(where="id place")),
    "column_ttl": (lambda f, _, name, __: f.thing.find(**WITHIN).column_ttl(name), NAMED._replace(where="id place")),
    "limit": (lambda f, _, __, value: f.thing.find(id=1).limit(value).per_partition_limit(value).all(), OF_ONE),
    "fetch_size": (lambda f, _, __, value: f.thing.find(id=1).fetch_size(value).all(), OF_ONE),
    "page": (lambda f, _, __, value: f.thing.find(id=1).page(value).paged_all(), OF_ONE),
    "place": (lambda f, _, __, value: f.thing.find(id=1)[value], OF_ONE),
    "slice": (lambda f, _, __, value: f.thing.find(id=1)[:value].all(), OF_ONE),
    "is_null": (lambda f, _, name, __: f.thing.find(id=1).is_null(name).all(), OF_ONE),
    "is_not_null": (lambda f, _, name, __: f.thing.find(id=1).is_not_null(name).all(), OF_ONE),
    "consistency": (lambda f, _, name, __: f.thing.find(id=1).consistency(name).all(), OF_ONE),
    "timeout": (lambda f, _, __, value: f.thing.find(id=1).timeout(value).all(), OF_ONE),
    "ttl": (lambda f, _, __, value: f.thing.find().ttl(value).timestamp(value).create(id=1), SAVED),
    "using": (
        lambda f, _, name, value: f.thing.find(id=1).using(timeout=value, keyspace=name).all(),
        OF_ONE._replace(keyspaces=frozenset()),
    ),
    "a block of using": (lambda f, _, name, __: elsewhere(f, name), OF_ONE._replace(keyspaces=frozenset())),
    "create of the class": (lambda f, given, _, __: f.thing.create(**{"id": 1, **given}), SAVED),
    "using for writes": (
        lambda f, _, __, value: f.thing.find().using(ttl=value, timestamp=value).create(id=1),
        SAVED,
    ),
    "create": (lambda f, given, _, __: f.thing.find().create(**{"id": 1, **given}), SAVED),
    "get_or_create": (
        lambda f, given, _, __: f.thing.find().get_or_create(**{**WITHIN, **given}),
        Meaning((Select, Insert), where="?"),
    ),
    "save": (
        lambda f, _, __, value: f.thing(id=1).save(ttl=value, timestamp=value, timeout=value),
        SAVED,
    ),
    "save nulls": (lambda f, _, name, __: f.thing(id=1, place=name).save(nulls=name), SAVED),
    "save what changed": (lambda f, _, name, value: f.thing(id=1, place=name).save(changed_only=value), SAVED),
    "save of any": (lambda f, given, _, __: f.thing.model_construct(**{"id": 1, **given}).save(), SAVED),
    "save_json": (
        lambda f, given, _, value: f.thing.model_construct(**{"id": 1, **given}).save_json(ttl=value),
        Meaning((InsertJson,)),
    ),
    "insert": (lambda f, given, _, __: f.thing.model_construct(**{"id": 1, **given}).insert(), SAVED),
    "insert with": (lambda f, _, name, value: f.thing(id=1, place=name).insert(ttl=value), SAVED),
    "update": (lambda f, given, _, __: f.thing(id=1).update(**given), ROW),
    "update for a time": (
        lambda f, _, __, value: f.thing(id=1).update(name="x", ttl=value),
        ROW._replace(sets="name"),
    ),
    "conditions": (
        lambda f, given, _, __: f.thing(id=1).update(name="x", if_conditions=given),
        ROW._replace(sets="name", conditions="given"),
    ),
    "conditions of any kind": (
        lambda f, _, __, value: f.thing(id=1).update(name="x", if_conditions=value),
        ROW._replace(sets="name", conditions="?"),
    ),
    "delete": (
        lambda f, given, _, __: f.thing(id=1).delete(if_conditions=given),
        Meaning((Delete,), where="id place", conditions="given"),
    ),
    "delete_columns": (
        lambda f, _, name, __: f.thing(id=1).delete_columns(name),
        Meaning((Delete,), where="id place", selects="named"),
    ),
    "delete elements": (
        lambda f, _, __, value: f.thing(id=1).delete_columns(collection_elements=[("notes", value)]),
        Meaning((Delete,), where="id place", selects="notes"),
    ),
    "update by query": (
        lambda f, given, name, value: f.thing.find(**{**WITHIN, **given}).update(**{name: value}),
        Meaning((Select, Update), where="+id +place given", sets="named"),
    ),
    "update of a row": (lambda f, given, _, __: f.thing.find(**WITHIN).update(**given), ROW),
    "update_from": (
        lambda f, given, _, __: f.thing.find(**WITHIN).update_from(Patch.model_construct(**given)),
        ROW._replace(sets="?"),
    ),
    "delete by query": (
        lambda f, given, _, __: f.thing.find(**{**WITHIN, **given}).delete(),
        Meaning((Select, Delete), where="+id +place given"),
    ),
    "iff": (
        lambda f, given, _, __: f.thing.find(**WITHIN).iff(**given).update(name="x"),
        ROW._replace(sets="name", conditions="given"),
    ),
    "save_many": (
        lambda f, _, __, value: f.thing.find().ttl(60).save_many(several(f), at_once=value, batched=bool(value)),
        SAVED,
    ),
    "save_many of any": (lambda f, _, __, value: f.thing.find().save_many(value), SAVED),
    "insert_many": (
        lambda f, given, _, __: f.thing.find().insert_many([f.thing.model_construct(**{"id": 1, **given})]),
        SAVED,
    ),
    "update_many": (lambda f, given, _, __: f.thing.find().update_many(several(f), **given), ROW),
    "update_many in batches": (
        lambda f, given, _, __: f.thing.find().update_many(several(f), batched=True, **given),
        ROW,
    ),
    "delete_many": (
        lambda f, given, _, __: f.thing.find().iff(**given).delete_many(several(f)),
        Meaning((Delete,), where="id place", conditions="given"),
    ),
    "increment": (
        lambda f, _, name, value: f.clicks(page=name).increment(clicks=value),
        COUNTED,
    ),
    "increment of the class": (
        lambda f, _, name, value: f.clicks.increment(page=name, clicks=value),
        COUNTED,
    ),
    "decrement": (
        lambda f, _, name, value: f.clicks(page=name).decrement(clicks=value),
        COUNTED._replace(sets="clicks:-"),
    ),
    "decrement of the class": (
        lambda f, _, name, value: f.clicks.decrement(**{"page": "x", name: value}),
        COUNTED._replace(sets="?"),
    ),
    "a batch": (lambda f, given, _, __: batched(f, lambda b: f.thing(id=1).update(batch=b, **given)), ROW),
    "options of a batch": (
        lambda f, _, __, value: batched(f, lambda b: f.thing(id=1).save(batch=b), timestamp=value, timeout=value),
        SAVED,
    ),
    "kinds of a batch": (
        lambda f, _, name, __: batched(f, lambda b: f.thing(id=1).save(batch=b), batch_type=name),
        SAVED,
    ),
    "a batch of texts": (
        lambda f, _, __, value: batched(
            f, lambda b: b.add("UPDATE ks.things SET name = ? WHERE id = ? AND place = ?", value)
        ),
        ROW._replace(sets="name"),
    ),
    "execute_raw": (
        lambda f, _, __, value: f.module.execute_raw("SELECT name FROM ks.things WHERE id = ?", value),
        OF_ONE,
    ),
    "create_keyspace": (
        lambda f, _, name, value: f.module.create_keyspace(name, value),
        Meaning((CreateKeyspace,)),
    ),
}
"""What is called with a form, keywords with values, a name and a value; and what it may send."""
