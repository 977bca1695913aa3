"""What is said where the server lacks a table, a column or a keyspace."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest

from coodie import aio
from coodie.exceptions import ConfigurationError, CoodieError, InvalidRequestError
from coodie.fields import PrimaryKey
from coodie.sync import BatchQuery, Document, execute_raw
from coodie_drivers import AbstractDriver, register_driver, unregister_driver
from coodie_drivers.testing.scripted import ScriptedDriver
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable


class Paint(Document):
    id: Annotated[UUID, PrimaryKey()]
    name: str = ""
    tags: list[str] = []


class Choice(Document):
    id: Annotated[int, PrimaryKey()]


class AsyncPaint(aio.Document):
    id: Annotated[UUID, PrimaryKey()]
    name: str = ""


def paint(**values: Any) -> Paint:
    made = Paint(id=UUID(int=1))
    for name, value in values.items():
        setattr(made, name, value)
    return made


def refusal(sentence: str) -> InvalidRequestError:
    return InvalidRequestError(sentence, statement_kind=StatementKind.INSERT, coordinator="node", cql="INSERT …")


@pytest.mark.parametrize(
    ("sentence", "way_out"),
    [
        ("table paint does not exist", r"; Paint\.sync_table\(\) creates the table$"),
        ("unconfigured table paint", r"; Paint\.sync_table\(\) creates the table$"),
        ("Undefined column name coats in table ks.paint", r"; Paint\.sync_table\(\) adds the columns that the table"),
        ("Undefined column name old_table in table ks.paint", r"; Paint\.sync_table\(\) adds the columns"),
        ("Unknown identifier coats", r"; Paint\.sync_table\(\) adds the columns that the table lacks$"),
        ("keyspace ks does not exist", r'; create_keyspace\("ks"\) creates it, then Paint\.sync_table\(\) the table$'),
        ("Can't find a keyspace ks", r'; create_keyspace\("ks"\) creates it, then Paint'),
        ("keyspace other does not exist", "$"),
        (
            "Cannot drop a table when materialized views still depend on it (ks)",
            r"; drop its views first, each by drop_view\(\) of its model$",
        ),
        (
            "Cannot drop table when materialized views still depend on it (ks.{v})",
            r"; drop its views first, each by drop_view\(\) of its model$",
        ),
        (
            "LIKE restriction is only supported on properly indexed columns. name LIKE",
            r"; mark the field of 'name' Indexed\(using='sasi', mode='CONTAINS'\) and call Paint\.sync_table\(\); such",
        ),
        (
            "ANN ordering by vector requires all restricted column(s) to be indexed",
            r"; order_by_ann\(\) needs .* mark it Indexed\(using='sai'\), and call Paint\.sync_table\(\)$",
        ),
    ],
)
def test_a_table_or_column_that_is_not_there_names_sync_table(
    sentence: str, way_out: str, script: Callable[..., ScriptedDriver]
) -> None:
    verbs: list[Callable[[], object]] = [
        paint().save,
        paint().delete,
        Paint.find().all,
        Paint.find().count,
        lambda: list(Paint.find()),
        lambda: paint().update(name="a"),
    ]
    script(*[refusal(sentence)] * len(verbs))
    for verb in verbs:
        with pytest.raises(InvalidRequestError, match=f"^{re.escape(sentence)}{way_out}") as caught:
            verb()
        error = caught.value
        assert (error.statement_kind, error.coordinator, error.cql) == (StatementKind.INSERT, "node", "INSERT …")


def test_what_may_have_been_done_is_told_with_the_way_out(script: Callable[..., ScriptedDriver]) -> None:
    sent_before = refusal("table paint does not exist")
    sent_before.outcome = "unknown"
    script(sent_before)
    with pytest.raises(InvalidRequestError, match=r"Paint\.sync_table\(\) creates the table") as caught:
        paint().save()
    assert caught.value.outcome == "unknown"


def test_a_statement_of_ones_own_names_its_keyspace(script: Callable[..., ScriptedDriver]) -> None:
    script(*[refusal("No keyspace has been specified. USE a keyspace, or explicitly specify one")] * 2)
    batch = BatchQuery()
    batch.add("INSERT INTO paint (id) VALUES (?)", [UUID(int=1)])
    for send in (lambda: execute_raw("SELECT id FROM paint"), batch.execute):
        with pytest.raises(InvalidRequestError, match=r"^No keyspace .*: name it in the statement \(SELECT") as caught:
            send()
        assert (caught.value.coordinator, caught.value.cql) == ("node", "INSERT …")


async def test_the_asynchronous_form_names_sync_table_too(script: Callable[..., ScriptedDriver]) -> None:
    script(refusal("table async_paint does not exist"))
    with pytest.raises(InvalidRequestError, match=r"AsyncPaint\.sync_table\(\) creates the table"):
        await AsyncPaint.find().all()


@pytest.mark.parametrize(
    ("sentence", "way_out"),
    [
        ("table choice does not exist", r"Choice\.sync_table\(\) creates the table$"),
        ("Undefined column name coats in table ks.paint", r"Paint\.sync_table\(\) adds"),
        ("keyspace ks does not exist", r'create_keyspace\("ks"\) creates it, then Paint\.sync_table\(\) the table$'),
        ("table other does not exist", "^table other does not exist$"),
        ("Unknown identifier coats", "^Unknown identifier coats$"),
        (
            "Batch too large",
            r"^Batch too large; write many rows by save_many\(\), or .* batch_size_fail_threshold \(50 KiB unless",
        ),
    ],
)
def test_a_batch_names_the_model_that_the_server_means(
    sentence: str, way_out: str, script: Callable[..., ScriptedDriver]
) -> None:
    script(refusal(sentence))
    batch = BatchQuery()
    paint().save(batch=batch)
    Choice(id=1).save(batch=batch)
    batch.add("DELETE FROM ks.other WHERE a = 1")
    with pytest.raises(InvalidRequestError, match=way_out):
        batch.execute()


def test_a_missing_keyspace_of_a_session_is_named_too(script: Callable[..., ScriptedDriver]) -> None:
    sentence = "keyspace Of_Session does not exist"
    vars(script(*[refusal(sentence)] * 2)).update(default_keyspace=None, session=SimpleNamespace(keyspace="Of_Session"))
    for verb in (Paint.find().all, paint().save):
        with pytest.raises(
            InvalidRequestError, match=rf'^{sentence}; create_keyspace\("Of_Session"\) creates it, then'
        ):
            verb()


class Elsewhere(Document):
    id: Annotated[int, PrimaryKey()]

    class Settings:
        connection = "elsewhere"


class Without(ScriptedDriver):
    """Has no keyspace to make a table in."""

    def sync_table(self, *_: Any, **__: Any) -> list[str]:
        raise ConfigurationError(f"keyspace {self.default_keyspace!r} does not exist: create it first")


def test_a_table_without_its_keyspace_names_create_keyspace_with_the_connection() -> None:
    register_driver("elsewhere", Without(default_keyspace="Upper"))
    try:
        way_out = r'create_keyspace\("Upper", connection="elsewhere"\) creates it, for more than one replica pass dc_'
        with pytest.raises(ConfigurationError, match=rf"^Elsewhere: keyspace 'Upper' does not exist; {way_out}"):
            Elsewhere.sync_table()
    finally:
        unregister_driver("elsewhere")


class Foreign(AbstractDriver):
    """Has what the contract demands, and says nothing about a keyspace."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def execute(self, stmt: str, *_: Any, **__: Any) -> list[dict[str, Any]]:
        self.texts.append(stmt)
        raise InvalidRequestError("No keyspace has been specified. USE a keyspace, or explicitly specify one")

    async def execute_async(self, stmt: str, *_: Any, **__: Any) -> list[dict[str, Any]]:
        return self.execute(stmt)

    def sync_table(self, *_: Any, **__: Any) -> list[str]:
        return []

    async def sync_table_async(self, *_: Any, **__: Any) -> list[str]:
        return []

    def close(self) -> None: ...

    async def close_async(self) -> None: ...


NO_KEYSPACE = r"^Paint has no keyspace; set Settings\.keyspace, or pass keyspace=\.\.\. to init_coodie\(\)$"


@pytest.mark.parametrize("session", [None, SimpleNamespace(keyspace=None)])
def test_without_any_keyspace_every_verb_says_so_before_anything_is_sent(
    session: object, driver: ScriptedDriver
) -> None:
    driver.default_keyspace = None
    vars(driver)["session"] = session
    verbs: tuple[Callable[[], object], ...] = (
        paint().save,
        paint().insert,
        paint().delete,
        lambda: paint().save(batch=BatchQuery()),
        Paint.find().all,
        Paint.find().count,
        Paint.sync_table,
        Paint.drop_table,
    )
    for verb in verbs:
        with pytest.raises(ConfigurationError, match=NO_KEYSPACE):
            verb()
    assert (driver.requests, driver.tables) == ([], [])


def test_the_keyspace_of_somebody_elses_session_serves(driver: ScriptedDriver) -> None:
    driver.default_keyspace = None
    vars(driver)["session"] = SimpleNamespace(keyspace="theirs")
    Paint.find().all()
    assert driver.requests[-1].statement.cql.endswith(" FROM paint")
    with pytest.raises(ConfigurationError, match=NO_KEYSPACE):
        Paint.sync_table()


def test_a_foreign_driver_that_has_no_keyspace_after_all_is_explained_the_same() -> None:
    foreign = Foreign()
    register_driver("foreign", foreign, default=True)
    try:
        with pytest.raises(ConfigurationError, match=NO_KEYSPACE):
            Paint.find().all()
    finally:
        unregister_driver("foreign")
    assert len(foreign.texts) == 1


def test_the_way_out_is_said_once_of_many_rows(script: Callable[..., ScriptedDriver]) -> None:
    script(refusal("table paint does not exist"))
    with pytest.raises(CoodieError) as caught:
        Paint.find().save_many([Paint(id=UUID(int=1))])
    assert str(caught.value).count("creates the table") == 1
