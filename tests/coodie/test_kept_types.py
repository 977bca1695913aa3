"""Types that columns keep as other ones: an instance that was read is one that was made, in all that Pydantic does."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import pytest
from pydantic import EmailStr, NameEmail, SecretStr, create_model

from coodie.exceptions import InvalidRowError, InvalidValueError
from coodie.fields import PrimaryKey
from coodie.sync import Document
from coodie.types import CqlDuration
from coodie_drivers import Reply
from kept_types import VALUES, Kept, Labels, Level, Mood, Name

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Typed(Kept[Decimal], Document):
    id: Annotated[int, PrimaryKey()]


FULL = Typed.model_validate({"id": 1, **VALUES})

CQL = {
    "made": "timestamp",
    "span": "duration",
    "marked_span": "duration",
    "micros": "bigint",
    "secret": "text",
    "secret_bytes": "blob",
    "secret_day": "date",
    "url": "text",
    "web": "text",
    "dsn": "text",
    "any_network": "text",
    "host": "inet",
    "network": "text",
    "path": "text",
    "size": "bigint",
    "soon": "date",
    "uid": "uuid",
    "some": "int",
    "short": "text",
    "name": "text",
    "count": "bigint",
    "mood": "text",
    "level": "int",
    "literal": "text",
    "number": "int",
    "labels": "list<text>",
    "scores": "map<text, int>",
    "days": "frozen<set<date>>",
    "ordered": "map<text, int>",
    "sequence": "list<int>",
    "mapping": "map<text, int>",
    "pairs": "list<tuple<int, frozen<set<text>>>>",
    "deep": "map<text, frozen<list<frozen<map<text, frozen<set<int>>>>>>>",
    "spans": "list<duration>",
    "secrets": "map<text, text>",
    "urls": "set<text>",
    "vector": "vector<float, 2>",
    "exact": "double",
    "hidden": "int",
    "aliased": "int",
    "generic": "decimal",
    "id": "int",
}


def test_the_type_of_each_column_and_no_column_for_what_is_computed_or_private(driver: ScriptedDriver) -> None:
    Typed.sync_table()
    assert {column.name: column.cql_type for column in driver.tables[-1][2]} == CQL
    assert driver.tables[-1][3] == {"default_time_to_live": 1000}


def written(document: Typed, driver: ScriptedDriver) -> Reply:
    """The row that a document becomes, as a driver would return it."""
    document.save()
    request = driver.requests[-1]
    names = request.statement.cql.partition("(")[2].partition(")")[0].split(", ")
    return Reply([tuple(request.params)], tuple(name.strip('"') for name in names))


def read_back(
    document: Typed, script: Callable[..., ScriptedDriver], *, validated: bool, asked: type[Typed] = Typed
) -> Typed:
    row = written(document, script())
    driver = script(row)
    driver.needs_row_validation = validated
    return asked.get(id=document.id)


@pytest.mark.parametrize("validated", [False, True])
@pytest.mark.parametrize("made", [FULL, Typed(id=2)], ids=["full", "bare"])
def test_what_is_read_is_as_what_was_made(made: Typed, validated: bool, script: Callable[..., ScriptedDriver]) -> None:
    read = read_back(made, script, validated=validated)
    assert read == made
    assert repr(read) == repr(made)
    assert read.model_dump() == made.model_dump()
    assert read.model_dump(by_alias=True, exclude_defaults=True) == made.model_dump(
        by_alias=True, exclude_defaults=True
    )
    assert read.model_dump_json() == made.model_dump_json()
    assert read.model_dump(mode="json") == made.model_dump(mode="json")
    assert read.model_copy(deep=True) == made
    assert copy.copy(read) == made
    assert pickle.loads(pickle.dumps(read)) == made  # noqa: S301 - our own
    assert {name: type(getattr(read, name)) for name in Typed.model_fields} == {
        name: type(getattr(made, name)) for name in Typed.model_fields
    }
    assert read.total == made.total


def test_the_json_schema_is_that_of_the_same_model_without_a_table() -> None:
    types = get_type_hints(Kept, include_extras=True)
    names = ("span", "micros", "secret", "url", "host", "literal", "vector", "spans", "deep")
    fields: dict[str, Any] = {name: (types[name], ...) for name in names}
    plain = create_model("Same", **fields).model_json_schema()
    table = create_model("Same", __base__=Document, **fields).model_json_schema()
    assert table["properties"] == plain["properties"]


def test_secrets_are_written_in_the_clear_and_shown_nowhere(driver: ScriptedDriver) -> None:
    row = dict(zip(written(FULL, driver).columns, written(FULL, driver).rows[0], strict=True))
    assert row["secret"] == "canary"
    assert row["secrets"] == {"k": "canary"}
    assert "canary" not in repr(FULL)
    assert "canary" not in repr(driver.requests[-1])


def test_values_are_of_the_types_that_drivers_take(driver: ScriptedDriver) -> None:
    row = dict(zip(written(FULL, driver).columns, written(FULL, driver).rows[0], strict=True))
    assert row["span"] == CqlDuration(days=-2, nanoseconds=-86_394_999_993_000)
    assert row["micros"] == -86_399_999_999
    for name in (
        "name",
        "count",
        "labels",
        "scores",
        "days",
        "ordered",
        "mood",
        "level",
        "url",
        "any_network",
        "path",
        "size",
    ):
        assert type(row[name]) in (str, int, list, dict, set), name


def test_filters_and_updates_take_what_the_field_takes(driver: ScriptedDriver) -> None:
    class Open(Document):
        id: Annotated[int, PrimaryKey()]
        token: SecretStr = SecretStr("")
        labels: Labels = Labels()
        name: Name = Name("")
        span: dt.timedelta | None = None

    Open.find(token="a", labels__contains="x", name=Name("n")).allow_filtering().all()
    assert driver.requests[-1].params == ("a", "x", "n")
    one = Open(id=1, labels=Labels(["a"]))
    one.update(append__labels=["b"], token="t", span=dt.timedelta(seconds=1))
    assert one.labels == Labels(["a", "b"])
    assert type(one.labels) is Labels
    assert one.token == SecretStr("t")
    assert list(driver.requests[-1].params[:3]) == ["t", ["b"], CqlDuration(nanoseconds=1_000_000_000)]


def test_a_span_that_does_not_fit_is_refused(driver: ScriptedDriver) -> None:
    for field in ("micros",):
        with pytest.raises(InvalidValueError, match=rf"Typed\.{field}: a CQL bigint is a whole number"):
            Typed.model_validate({"id": 1, field: dt.timedelta.max}).save()
    assert not driver.requests
    longest = Typed(id=1, span=dt.timedelta.max)
    assert dict(zip(written(longest, driver).columns, written(longest, driver).rows[0], strict=True))["span"].days > 0


@pytest.mark.parametrize("validated", [False, True])
def test_a_row_that_the_type_does_not_allow_is_refused_without_its_value(
    validated: bool, script: Callable[..., ScriptedDriver]
) -> None:
    names = tuple(CQL)
    wrong: dict[str, Any] = {
        "span": CqlDuration(months=1),
        "url": "no canary",
        "any_network": "canary",
        "network": "canary",
    }
    for field, value in wrong.items():
        driver = script(Reply([tuple({"id": 1, field: value}.get(name) for name in names)], names))
        driver.needs_row_validation = validated
        with pytest.raises(InvalidRowError, match=rf"Typed\.{field}: ") as caught:
            Typed.get(id=1)
        assert "canary" not in str(caught.value)


def test_enums_are_held_by_value_and_as_members_where_the_model_says_so(
    script: Callable[..., ScriptedDriver],
) -> None:
    class Members(Typed):
        model_config = {"use_enum_values": False}

    assert (FULL.mood, FULL.level) == ("good", 3)
    read = read_back(Members.model_validate({"id": 1}), script, validated=False, asked=Members)
    assert read.mood is Mood.GOOD
    assert read.level is Level.HIGH


class Mail(Document):
    id: Annotated[int, PrimaryKey()]
    plain: EmailStr
    named: NameEmail


@pytest.mark.parametrize("validated", [False, True])
def test_mail_addresses_are_texts(script: Callable[..., ScriptedDriver], validated: bool) -> None:
    made = Mail.model_validate({"id": 1, "plain": "ada@example.com", "named": "Ada L. <ada@example.com>"})
    writing = script()
    made.save()
    assert writing.requests[-1].params == (1, "ada@example.com", "Ada L. <ada@example.com>")
    reading = script(Reply([(1, "ada@example.com", "Ada L. <ada@example.com>")], ("id", "plain", "named")))
    reading.needs_row_validation = validated
    read = Mail.get(id=1)
    assert read == made
    assert (type(read.plain), type(read.named)) == (str, NameEmail)


def test_a_mail_address_that_is_none_is_refused_before_it_is_written(driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError, match="plain"):
        Mail.find(id=1).update(plain="ada at example.com")
    assert driver.requests == []
