"""User types: what their classes make, which definitions are refused, and what is written and read."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, create_model

from coodie.exceptions import (
    ConfigurationError,
    InvalidModelError,
    InvalidQueryError,
    InvalidRequestError,
    InvalidValueError,
    TableConflictError,
)
from coodie.fields import BigInt, Discriminator, Frozen, Indexed, PrimaryKey, Protected, Static, Version
from coodie.sync import Document
from coodie.types import CqlDuration
from coodie.usertype import UserType, extract_udt_classes
from coodie_drivers import Reply, register_driver, unregister_driver
from coodie_drivers.testing.scripted import ScriptedDriver
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable

Key = Annotated[int, PrimaryKey()]


class Kind(Enum):
    HOME = "home"
    WORK = "work"


class Phone(UserType):
    model_config = ConfigDict(frozen=True)

    number: str
    kind: Kind = Kind.HOME

    def __hash__(self) -> int:
        return hash((self.number, self.kind))


class Contact(UserType):
    street: str
    zip_: Annotated[int, BigInt()] | None = Field(default=None, alias="zip")
    phones: list[Phone] = []
    credit: Decimal | None = None
    _seen: int = PrivateAttr(default=3)

    @property
    def seen(self) -> int:
        return self._seen

    class Settings:
        __type_name__ = "contact_data"


class Person(Document):
    id: Key
    home: Contact | None = None
    work: Annotated[Contact, Frozen()] | None = None
    others: list[Contact] = []
    lines: set[Phone] = set()
    by_phone: dict[Phone, Contact] = {}
    pair: tuple[Phone, int] | None = None


SAVED = Person(
    id=1,
    home=Contact(street="a", zip=5, phones=[Phone(number="1", kind=Kind.WORK)]),
    lines={Phone(number="2")},
    by_phone={Phone(number="3"): Contact(street="b")},
    pair=(Phone(number="4"), 9),
)
A: dict[str, Any] = {"street": "a", "zip": 5, "phones": [{"number": "1", "kind": "work"}], "credit": None}
B: dict[str, Any] = {"street": "b", "zip": None, "phones": [], "credit": None}


def types(model: type[Document], driver: ScriptedDriver) -> dict[str, str]:
    model.sync_table()
    return {column.name: column.cql_type for column in driver.tables[-1][2]}


def test_types_of_columns_are_frozen_inside_and_where_it_is_said(driver: ScriptedDriver) -> None:
    assert types(Person, driver) == {
        "id": "int",
        "home": "contact_data",
        "work": "frozen<contact_data>",
        "others": "list<frozen<contact_data>>",
        "lines": "set<frozen<phone>>",
        "by_phone": "map<frozen<phone>, frozen<contact_data>>",
        "pair": "tuple<frozen<phone>, int>",
    }


def test_sync_table_makes_the_types_first_each_after_those_in_it(driver: ScriptedDriver) -> None:
    assert Person.sync_table(dry_run=True) == [
        "CREATE TYPE IF NOT EXISTS ks.phone (number text, kind text)",
        (
            "CREATE TYPE IF NOT EXISTS ks.contact_data "
            "(street text, zip bigint, phones frozen<list<frozen<phone>>>, credit decimal)"
        ),
    ]
    assert extract_udt_classes(Person) == [Phone, Contact]
    assert [request.statement.kind for request in driver.requests] == [StatementKind.SELECT] * 2


TYPE_COLUMNS = ("keyspace_name", "type_name", "field_names", "field_types")


def there(**kinds: str) -> Reply:
    return Reply([("ks", "phone", list(kinds), list(kinds.values()))], TYPE_COLUMNS)


def test_a_type_gets_the_fields_that_it_lacks(script: Callable[..., ScriptedDriver]) -> None:
    script(there(number="text"), Reply(), there(number="text", kind="text"))
    assert Phone.sync_type() == ["ALTER TYPE ks.phone ADD kind text"]
    script(there(number="text", kind="text", other="int"))
    assert Phone.sync_type("shop") == []


@pytest.mark.parametrize("phones", ["list<frozen<phone>>", "frozen<list<frozen<phone>>>"])
def test_a_collection_in_a_type_is_the_same_whether_it_was_declared_frozen_or_not(
    script: Callable[..., ScriptedDriver], phones: str
) -> None:
    kinds = {"street": "text", "zip": "bigint", "phones": phones, "credit": "decimal"}
    script(there(number="text", kind="text"), there(**kinds))
    assert Contact.sync_type() == []


async def test_a_type_is_synchronized_awaiting_too(script: Callable[..., ScriptedDriver]) -> None:
    script(there(number="text"))
    assert await Phone.sync_type_async(dry_run=True) == ["ALTER TYPE ks.phone ADD kind text"]


def test_a_field_that_somebody_else_added_meanwhile_is_forgiven(script: Callable[..., ScriptedDriver]) -> None:
    refusal = InvalidRequestError("exists", statement_kind=StatementKind.SCHEMA, coordinator="n", cql="ALTER …")
    script(there(number="text"), refusal, there(number="text", kind="text"))
    assert Phone.sync_type() == []
    script(there(number="text"), refusal, there(number="text"))
    with pytest.raises(InvalidRequestError, match="exists"):
        Phone.sync_type()


def test_a_field_of_another_type_is_a_conflict(script: Callable[..., ScriptedDriver]) -> None:
    script(there(number="int"))
    with pytest.raises(TableConflictError, match="field 'number' is int and wanted as text, which no server changes"):
        Phone.sync_type()


def test_a_type_needs_a_keyspace_and_that_of_its_table() -> None:
    class Elsewhere(UserType):
        x: int

        class Settings:
            keyspace = "other"

    made = create_model("Made", __base__=Document, id=(Key, ...), x=(Elsewhere | None, None))
    register_driver("none", ScriptedDriver(default_keyspace=None), default=True)
    try:
        with pytest.raises(ConfigurationError, match=r"Phone has no keyspace; pass keyspace=\.\.\."):
            Phone.sync_type()
        assert Elsewhere.sync_type() == ["CREATE TYPE IF NOT EXISTS other.elsewhere (x int)"]
        with pytest.raises(InvalidQueryError, match="a keyspace's name"):
            Phone.sync_type("no keyspace")
    finally:
        unregister_driver("none")
    register_driver("here", ScriptedDriver(), default=True)
    try:
        with pytest.raises(InvalidModelError, match=r"Settings\.keyspace is 'other', and a table in 'ks' has types"):
            made.sync_table()
    finally:
        unregister_driver("here")


def test_values_are_written_as_mappings_that_can_be_hashed_where_they_must(driver: ScriptedDriver) -> None:
    SAVED.save()
    _, home, work, others, lines, by_phone, pair = driver.requests[-1].params
    assert (home, work, others) == (A, None, [])
    assert lines == {*lines} and [dict(each) for each in lines] == [{"number": "2", "kind": "home"}]  # noqa: PT018 - one claim
    assert [(dict(key), value) for key, value in by_phone.items()] == [({"number": "3", "kind": "home"}, B)]
    assert pair == ({"number": "4", "kind": "home"}, 9)


def test_dicts_are_taken_and_checked_on_every_path(driver: ScriptedDriver) -> None:
    person = Person.model_validate({"id": 1, "home": {"street": "a"}})
    assert type(person.home) is Contact
    person.update(work={"street": "b"})
    assert driver.requests[-1].params[0] == B
    assert type(person.work) is Contact
    person.update(append__others=[{"street": "b"}])
    assert driver.requests[-1].params[0] == [B]
    held: Any = {"street": "b"}
    person.home = held
    person.save()
    assert driver.requests[-1].params[1] == B
    with pytest.raises(InvalidValueError, match=r"Person\.work\.street: Field required"):
        person.update(work={"zip": 3})
    for wrong, problem in (({"zip": "secret"}, r"Contact\."), (17, "takes Contact or a dict, not int")):
        held = wrong
        person.home = held
        with pytest.raises(InvalidValueError, match=rf"Person\.home: .*{problem}") as caught:
            person.save()
        assert "secret" not in str(caught.value)
    with pytest.raises(ValidationError):
        Person.model_validate({"id": 1, "home": {"zip": "x"}})


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"home": {"street": "a", "zip": "secret"}}, "home.zip_"),
        ({"work": {"street": "a", "phones": [{"number": "1"}, {"number": ["secret"]}]}}, "work.phones[1].number"),
        ({"others": [{"street": "a"}, {"zip": 3}]}, "others[1].street"),
        ({"pair": ({"number": "1", "kind": "secret"}, 2)}, "pair[0].kind"),
        ({"by_phone": {Phone(number="secret"): {"zip": 3}}}, "by_phone"),
        ({"home": 5}, "home"),
    ],
)
@pytest.mark.usefixtures("driver")
def test_an_update_names_the_place_inside_a_type(change: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Person(id=1).update(**change)
    assert caught.value.path == place
    assert str(caught.value).startswith(f"Person.{place}: ")
    assert "secret" not in str(caught.value)


def test_what_does_not_fit_its_field_of_cql_is_refused(driver: ScriptedDriver) -> None:
    person = Person(id=1, others=[Contact(street="a", zip=1 << 63)])
    with pytest.raises(InvalidValueError, match=r"Person\.others\[0\]\.zip_: a CQL bigint is a whole number"):
        person.save()
    home = Contact(street="a")
    home.credit = Decimal("NaN")
    person = Person(id=1, home=home)
    with pytest.raises(InvalidValueError, match=r"Person\.home\.credit: .*finite"):
        person.save()
    assert not driver.requests


def row_of(model: type[Document], **values: Any) -> Reply:
    names = tuple(info.alias or name for name, info in model.model_fields.items())
    return Reply([tuple(values.get(name) for name in names)], names)


def test_rows_come_back_as_instances_like_those_that_were_made(script: Callable[..., ScriptedDriver]) -> None:
    phone = {"number": "4", "kind": "home"}
    values = {"id": 1, "home": A, "lines": {}, "pair": (phone, 9)}
    for validated in (False, True):
        driver = script(row_of(Person, **values))
        if validated:
            driver.needs_row_validation = True
        read = Person.get(id=1)
        made = Person.model_validate({**values, "lines": set()})
        assert read == made
        assert read.model_dump() == made.model_dump()
        assert read.model_dump_json() == made.model_dump_json()
        assert repr(read) == repr(made)
        assert pickle.loads(pickle.dumps(read)) == made  # noqa: S301 - our own
        assert copy.deepcopy(read) == made
        assert read.home is not None
        assert read.home.seen == 3
        assert type(read.home.phones[0]) is Phone
        assert type(read.pair and read.pair[0]) is Phone


def test_nulls_inside_read_as_none_empty_or_the_default(script: Callable[..., ScriptedDriver]) -> None:
    for validated in (False, True):
        driver = script(row_of(Person, id=1, home={"street": "a"}, pair=({"number": "1", "kind": None}, 2)))
        if validated:
            driver.needs_row_validation = True
        read = Person.get(id=1)
        assert read.home == Contact(street="a")
        assert read.pair == (Phone(number="1", kind=Kind.HOME), 2)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"x": Annotated[int, PrimaryKey()]}, r"field 'x' is marked PrimaryKey\(\), which is for columns of a table"),
        ({"x": Annotated[int, Static()]}, r"Static\(\), which is for columns"),
        ({"x": Annotated[int, Indexed()]}, r"Indexed\(\), which is for columns"),
        ({"x": Annotated[int, Version()]}, r"Version\(\), which is for columns of a table; leave the marker out$"),
        ({"x": Annotated[str, Discriminator()]}, r"Discriminator\(\), which is for columns of a table; leave"),
        ({"x": Annotated[str, Protected()]}, r"Protected\(\), .*; mark the column that holds the type$"),
        ({"x": list[Annotated[str, Protected()]]}, r"field 'x': Protected\(\) is for whole columns"),
        ({"x": complex}, "field 'x': complex has no CQL type"),
        ({"type_name": str}, r"would hide the method UserType\.type_name"),
    ],
)
def test_a_wrong_type_is_refused(fields: dict[str, Any], sentence: str) -> None:
    given: dict[str, Any] = {name: (kind, ...) for name, kind in fields.items()}
    with pytest.raises(InvalidModelError, match=sentence):
        create_model("Wrong", __base__=UserType, **given)


def test_wrong_settings_of_a_type_are_refused() -> None:
    with pytest.raises(InvalidModelError, match="no setting 'typename'; did you mean 'type_name'"):

        class Misspelt(UserType):  # pyright: ignore[reportUnusedClass]
            x: int

            class Settings:
                typename = "x"

    with pytest.raises(InvalidModelError, match=r"Settings\.type_name is a text of 1 to 48 letters"):

        class Named(UserType):  # pyright: ignore[reportUnusedClass]
            x: int

            class Settings:
                type_name = "my type"


def test_a_type_that_holds_itself_is_refused() -> None:
    with pytest.raises(InvalidModelError, match="Node: holds itself, which no user type can"):

        class Node(UserType):  # pyright: ignore[reportUnusedClass]
            inner: list[Node] = []


class Plain(BaseModel):
    x: int


class Lasting(UserType):
    took: CqlDuration


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Plain, r"derive it from coodie\.usertype\.UserType"),
        (Annotated[Phone, PrimaryKey()], r"a user type in a key is marked Frozen\(\)"),
        (Annotated[Lasting, Frozen(), PrimaryKey()], "CQL allows no duration in a key"),
        (Annotated[Phone, Indexed()], r"a user type has an index only as a whole; mark the field Frozen\(\)"),
    ],
)
def test_a_wrong_use_of_a_type_is_refused(kind: Any, sentence: str) -> None:
    with pytest.raises(InvalidModelError, match=sentence):
        create_model("Wrong", __base__=Document, x=(kind, ...))


class Call(Document):
    phone: Annotated[Phone, Frozen(), PrimaryKey()]
    other: Annotated[Phone, Frozen(), Indexed()]
    last: Phone | None = None


def test_frozen_types_are_keys_and_compared(driver: ScriptedDriver) -> None:
    Call.find(phone=Phone(number="1")).all()
    assert driver.requests[-1].params == ({"number": "1", "kind": "home"},)
    Call.find(other={"number": "2", "kind": "work"}).all()
    assert driver.requests[-1].statement.cql.endswith("WHERE other = ?")
    assert driver.requests[-1].params == ({"number": "2", "kind": "work"},)
    with pytest.raises(
        InvalidQueryError, match=r"CQL compares no user type that can change; mark the field Frozen\(\)"
    ):
        Call.find(last=Phone(number="1"))


class Later(UserType):
    inner: Inner


class Inner(UserType):
    x: int


def test_forward_references_are_resolved_at_first_use() -> None:
    assert Later.type_name() == "later"
    made = create_model("Made", __base__=Document, id=(Key, ...), x=(Later | None, None))
    assert extract_udt_classes(made) == [Inner, Later]


def test_the_path_says_where_in_a_value_the_fault_stands(driver: ScriptedDriver) -> None:
    person = Person(id=1, others=[Contact(street="a"), Contact(street="b", zip=1 << 63)])
    with pytest.raises(InvalidValueError) as caught:
        person.save()
    assert (caught.value.field, caught.value.path) == ("others", "others[1].zip_")
    assert driver.requests == []
