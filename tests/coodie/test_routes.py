"""Every verb goes to the connection and the keyspace of its context, or of its query: none is forgotten."""

from __future__ import annotations

import asyncio
import inspect
import re
import threading
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from coodie import aio, sync, using
from coodie.exceptions import CoodieError
from coodie.fields import ClusteringKey, Counter, PrimaryKey
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.messages import BatchRequest, Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    Verb = Callable[["Kind"], Any]


class Patch(BaseModel):
    text: str


class Kind:
    """The models of one shell."""

    def __init__(self, shell: Any, batch: Any) -> None:
        self.shell, self.batch = shell, batch

        class Note(shell.Document):  # type: ignore[misc]
            room: Annotated[str, PrimaryKey()]
            number: Annotated[int, ClusteringKey()]
            text: str = ""

        class Hits(shell.CounterDocument):  # type: ignore[misc]
            url: Annotated[str, PrimaryKey()]
            views: Annotated[int, Counter()] = 0

        class NoteView(shell.MaterializedView):  # type: ignore[misc]
            text: Annotated[str, PrimaryKey()]
            room: Annotated[str, ClusteringKey(clustering_key_index=0)]
            number: Annotated[int, ClusteringKey(clustering_key_index=1)]

            class Settings:
                __base_table__ = "note"

        self.Note: Any = Note
        self.Hits: Any = Hits
        self.NoteView: Any = NoteView

    @property
    def note(self) -> Any:
        return self.Note(room="a", number=1)

    @property
    def hits(self) -> Any:
        return self.Hits(url="/")

    @property
    def view(self) -> Any:
        return self.NoteView(text="x", room="a", number=1)


KINDS = {"sync": Kind(sync, sync.BatchQuery), "aio": Kind(aio, aio.AsyncBatchQuery)}


def in_batch(kind: Kind, *verbs: Callable[[Any], Any]) -> Any:
    """Collect writes, and send them when the context is another one: the batch stays where its writes belong."""
    batch = kind.batch()

    async def collect_async() -> None:
        for verb in verbs:
            await verb(batch)
        await batch.execute()

    if kind.shell is aio:
        return collect_async()
    for verb in verbs:
        verb(batch)
    return batch.execute()


DOCUMENT: dict[str, Verb] = {
    "sync_table": lambda k: k.Note.sync_table(),
    "drop_table": lambda k: k.Note.drop_table(),
    "truncate": lambda k: k.Note.truncate(),
    "create": lambda k: k.Note.create(room="a", number=1),
    "save": lambda k: k.note.save(),
    "save_json": lambda k: k.note.save_json(),
    "insert": lambda k: k.note.insert(),
    "update": lambda k: k.note.update(text="x"),
    "delete": lambda k: k.note.delete(),
    "delete_columns": lambda k: k.note.delete_columns("text"),
    "find": lambda k: k.Note.find(room="a").all(),
    "find_one": lambda k: k.Note.find_one(room="a", number=1),
    "get": lambda k: k.Note.get(room="a", number=1),
}
COUNTER: dict[str, Verb] = {
    "sync_table": lambda k: k.Hits.sync_table(),
    "drop_table": lambda k: k.Hits.drop_table(),
    "truncate": lambda k: k.Hits.truncate(),
    "increment": lambda k: k.hits.increment(views=1),
    "decrement": lambda k: k.Hits.decrement(url="/", views=1),
    "delete": lambda k: k.hits.delete(),
    "delete_columns": lambda k: k.hits.delete_columns("views"),
    "find": lambda k: k.Hits.find(url="/").all(),
    "find_one": lambda k: k.Hits.find_one(url="/"),
    "get": lambda k: k.Hits.get(url="/"),
}
VIEW: dict[str, Verb] = {
    "sync_table": lambda k: k.NoteView.sync_table(),
    "sync_view": lambda k: k.NoteView.sync_view(),
    "drop_view": lambda k: k.NoteView.drop_view(),
    "find": lambda k: k.NoteView.find(text="x").all(),
    "find_one": lambda k: k.NoteView.find_one(text="x", room="a", number=1),
    "get": lambda k: k.NoteView.get(text="x", room="a", number=1),
}
REFUSED = {
    "counter": {"create", "save", "save_json", "insert", "update"},
    "view": {"create", "save", "save_json", "insert", "update", "delete", "delete_columns", "drop_table", "truncate"},
}
OTHERS: dict[str, Verb] = {
    "execute_raw": lambda k: k.shell.execute_raw("SELECT a FROM tenant.note"),
    "create_keyspace": lambda k: k.shell.create_keyspace("tenant"),
    "drop_keyspace": lambda k: k.shell.drop_keyspace("tenant"),
    "batch": lambda k: in_batch(k, lambda b: k.note.save(batch=b), lambda b: k.note.delete(batch=b)),
}
TERMINALS: dict[str, Callable[[Any, Kind], Any]] = {
    "all": lambda q, _: q.filter(room="a").all(),
    "first": lambda q, _: q.first(),
    "paged_all": lambda q, _: q.paged_all(),
    "pages": lambda q, _: q.pages(),
    "iteration": lambda q, _: q,
    "place": lambda q, _: q.filter(room="a")[0],
    "count": lambda q, _: q.count(),
    "exists": lambda q, _: q.exists(),
    "aggregate": lambda q, _: q.aggregate(n="count(*)"),
    "group_by": lambda q, _: q.group_by("room").aggregate(n="count(*)"),
    "sum": lambda q, _: q.sum("number"),
    "avg": lambda q, _: q.avg("number"),
    "min": lambda q, _: q.min("number"),
    "max": lambda q, _: q.max("number"),
    "json": lambda q, _: q.json(),
    "writetime": lambda q, _: q.filter(room="a", number=1).writetime("text"),
    "column_ttl": lambda q, _: q.filter(room="a", number=1).column_ttl("text"),
    "create": lambda q, _: q.create(room="a", number=1),
    "get_or_create": lambda q, _: q.get_or_create(room="a", number=1),
    "update": lambda q, _: q.filter(room="a").update(text="x"),
    "update_from": lambda q, _: q.filter(room="a", number=1).update_from(Patch(text="x")),
    "delete": lambda q, _: q.filter(room="a").delete(),
    "in_bulk": lambda q, _: q.in_bulk([("a", 1), ("a", 2)]),
    "scan": lambda q, _: q.scan(splits=3),
    "save_many": lambda q, k: q.save_many([k.note, k.note]),
    "insert_many": lambda q, k: q.insert_many([k.note, k.note]),
    "update_many": lambda q, k: q.update_many([k.note, k.note], text="x"),
    "delete_many": lambda q, k: q.delete_many([k.note, k.note], batched=True),
}
SENDS_NOTHING = {
    *("model", "loaded", "state", "explain", "filter", "limit", "order_by", "order_by_ann", "reverse"),
    *("allow_filtering", "only", "defer", "distinct", "cast", "per_partition_limit", "fetch_size", "page", "validate"),
    *("if_exists", "if_not_exists", "iff", "ttl", "timestamp", "consistency", "timeout", "using", "is_null"),
    *("is_not_null", "values_list", "select_token", "into", "table_name", "DoesNotExist"),
}

EVERYWHERE: dict[str, Verb] = {
    **{f"Document.{name}": verb for name, verb in DOCUMENT.items()},
    **{f"CounterDocument.{name}": verb for name, verb in COUNTER.items()},
    **{f"MaterializedView.{name}": verb for name, verb in VIEW.items()},
    **{f"QuerySet.{name}": lambda k, t=terminal: t(k.Note.find(), k) for name, terminal in TERMINALS.items()},  # type: ignore[misc]
    **OTHERS,
}


def public(kind: Any) -> set[str]:
    """The names of a class; of a model, those that are not Pydantic's."""
    others = set(dir(BaseModel)) if issubclass(kind, BaseModel) else set[str]()
    return {name for name in dir(kind) if not name.startswith("_")} - others


@pytest.mark.parametrize("shell", KINDS)
def test_no_verb_is_missing_here(shell: str) -> None:
    kind = KINDS[shell]
    assert public(kind.shell.Document) - SENDS_NOTHING == set(DOCUMENT)
    assert public(kind.shell.CounterDocument) - SENDS_NOTHING == set(COUNTER) | REFUSED["counter"]
    assert public(kind.shell.MaterializedView) - SENDS_NOTHING == set(VIEW) | REFUSED["view"]
    assert public(kind.shell.QuerySet) - SENDS_NOTHING == set(TERMINALS) - {"iteration", "place"}


class There(ScriptedDriver):
    """Answers each request in the shape that it asks for, as a server without rows would."""

    def send(self, request: Any) -> Reply:
        super().send(request)
        cql = "" if isinstance(request, BatchRequest) else request.statement.cql
        if re.search(r"SELECT (COUNT|SUM|AVG|MIN|MAX)\(", cql.upper()):
            names = ("figure1", "figure2") if "AVG(" in cql.upper() else ("figure1",)
            return Reply([(0,) * len(names)], names)
        return Reply(applied=True) if " IF " in cql else Reply()


@pytest.fixture
def here() -> Iterator[There]:
    """The default connection, where nothing is to arrive."""
    yield from registered("here", default=True)


@pytest.fixture
def there() -> Iterator[There]:
    """The connection of the context."""
    yield from registered("there", default=False)


def registered(name: str, *, default: bool) -> Iterator[There]:
    driver = There()
    register_driver(name, driver, default=default)
    yield driver
    unregister_driver(name)


async def finished(found: Any) -> None:
    """Await what is to be awaited, and look at all that comes."""
    if inspect.isawaitable(found):
        await found
    elif hasattr(found, "__aiter__"):
        async for _ in found:
            pass
    elif hasattr(found, "__iter__") and not isinstance(found, (list, dict)):
        for _ in found:
            pass


async def called(verb: Callable[[], Any]) -> None:
    """Call a verb to its end; what it says of a server without rows is no matter here."""
    try:
        await finished(verb())
    except (CoodieError, IndexError) as error:
        if not re.search("does not exist|no Note|no Hits|no NoteView|no item", str(error)):
            raise


def keyspaces(driver: There) -> set[str]:
    """The keyspaces that a driver was asked about, the server's own aside."""
    asked = {table[1] for table in driver.tables}
    for request in driver.requests:
        statements = [each for each, _ in request.parts] if isinstance(request, BatchRequest) else [request.statement]
        for statement in statements:
            cql = str(statement.cql)
            asked.update(re.findall(r"\b(\w+)\.(?:note|hits|note_view)\b", cql))
            asked.update(re.findall(r"KEYSPACE IF (?:NOT )?EXISTS (\w+)", cql))
            if "system_schema" in cql or "system.local" in cql:
                asked.add("tenant")
    return asked


@pytest.mark.parametrize("verb", EVERYWHERE)
@pytest.mark.parametrize("shell", KINDS)
async def test_each_verb_goes_where_its_context_says(shell: str, verb: str, here: There, there: There) -> None:
    with using(keyspace="tenant", connection="there"):
        await called(lambda: EVERYWHERE[verb](KINDS[shell]))
    assert (here.requests, here.tables) == ([], [])
    assert keyspaces(there) == {"tenant"}


@pytest.mark.parametrize("terminal", TERMINALS)
@pytest.mark.parametrize("shell", KINDS)
async def test_each_terminal_goes_where_its_query_says(shell: str, terminal: str, here: There, there: There) -> None:
    kind = KINDS[shell]
    with using(keyspace="elsewhere", connection="here"):
        query = kind.Note.find().using(keyspace="tenant", connection="there")
        await called(lambda: TERMINALS[terminal](query, kind))
    assert here.requests == []
    assert keyspaces(there) == {"tenant"}


@pytest.mark.parametrize("verb", EVERYWHERE)
async def test_each_thread_has_a_context_of_its_own(verb: str, here: There, there: There) -> None:
    def work() -> None:
        with using(keyspace="tenant", connection="there"):
            both.wait(5)
            asyncio.run(called(lambda: EVERYWHERE[verb](KINDS["sync"])))

    both = threading.Barrier(2)
    thread = threading.Thread(target=work)
    thread.start()
    both.wait(5)
    thread.join()
    assert here.requests == []
    assert keyspaces(there) == {"tenant"}


async def test_tasks_keep_the_context_in_which_they_were_begun(here: There, there: There) -> None:
    kind = KINDS["aio"]

    def calling(terminal: str) -> Callable[[], Any]:
        return lambda: TERMINALS[terminal](kind.Note.find(), kind)

    with using(keyspace="tenant", connection="there"):
        tasks = [asyncio.ensure_future(called(calling(each))) for each in TERMINALS]
    with using(keyspace="another"):
        await kind.Note.find(room="a").all()
        await asyncio.gather(*tasks)
    assert keyspaces(here) == {"another"}
    assert keyspaces(there) == {"tenant"}


async def test_requests_of_two_tenants_do_not_mix(here: There) -> None:
    kind = KINDS["aio"]

    async def serve(tenant: str) -> None:
        with using(keyspace=tenant):
            for number in range(5):
                await asyncio.sleep(0)
                await kind.Note(room=tenant, number=number).save()
                await kind.Note.find(room=tenant).all()

    await asyncio.gather(*(serve(f"t{number}") for number in range(20)))
    assert len(here.requests) == 200
    for request in here.requests:
        assert f" {request.params[0]}.note" in request.statement.cql


class Paged(ScriptedDriver):
    """Answers three pages of one row."""

    def send(self, request: Any) -> Reply:
        super().send(request)
        number = int(request.paging_state or b"0")
        return Reply([("a", number, "")], ("room", "number", "text"), b"%d" % (number + 1) if number < 2 else None)


ITERATIONS: dict[str, Callable[[Any], Any]] = {
    "iteration": lambda query: query,
    "pages": lambda query: query.pages(),
    "scan": lambda query: query.scan(splits=1, at_once=1),
}


@pytest.mark.parametrize("how", ITERATIONS)
async def test_an_iteration_goes_on_where_it_was_begun(how: str, here: There) -> None:
    paged = Paged()
    register_driver("paged", paged)
    try:
        with using(keyspace="tenant", connection="paged"):
            iterator = iter(ITERATIONS[how](KINDS["sync"].Note.find()))
            found = [next(iterator)]
        found += list(iterator)
        with using(keyspace="tenant", connection="paged"):
            awaited: AsyncIterator[Any] = aiter(ITERATIONS[how](KINDS["aio"].Note.find()))
            found.append(await anext(awaited))
        found += [each async for each in awaited]
    finally:
        unregister_driver("paged")
    assert len(found) == 6
    assert here.requests == []
    assert {request.statement.cql.split(" FROM ")[1].split(".")[0] for request in paged.requests} == {"tenant"}


@pytest.mark.parametrize("shell", KINDS)
async def test_a_batch_is_sent_where_its_writes_belong(shell: str, here: There, there: There) -> None:
    kind = KINDS[shell]
    batch = kind.batch()
    with using(keyspace="tenant", connection="there"):
        await finished(kind.note.save(batch=batch))
    await finished(batch.execute())
    assert here.requests == []
    assert keyspaces(there) == {"tenant"}
    batch = kind.batch()
    await finished(kind.note.save(batch=batch))
    with using(connection="there"):
        await finished(batch.execute())
    assert len(here.requests) == 1
    assert len(there.requests) == 1
