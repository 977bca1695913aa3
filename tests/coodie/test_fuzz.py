"""Whatever names and values users pass on, a result comes or a documented error, and no CQL but ours is sent."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from coodie.exceptions import CoodieError
from coodie.fields import ClusteringKey, Counter, Indexed, PrimaryKey
from coodie.sync import CounterDocument, Document
from cql_builder import parse_cql
from cql_builder.analysis import table_uses

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Thing(Document):
    id: Annotated[int, PrimaryKey()]
    place: Annotated[str, ClusteringKey()] = ""
    name: Annotated[str, Indexed()] = ""
    size: float = 0.0
    key: UUID | None = None
    tags: set[str] = set()
    lines: list[int] = []
    notes: dict[str, int] = {}

    class Settings:
        name = "things"
        keyspace = "ks"


class Clicks(CounterDocument):
    page: Annotated[str, PrimaryKey()]
    clicks: Annotated[int, Counter()]

    class Settings:
        name = "clicks"
        keyspace = "ks"


FIELDS = [*Thing.model_fields, "clicks", "page"]
PARTS = ["gt", "gte", "in", "contains", "contains_key", "like", "token__gt", "ne", "isnull", "add", "remove", "append"]
ATTACKS = ['id"', "id; DROP TABLE ks.things", "id = 1 OR id", "id--", "id/*", "1=1", "", "__", "id__", "__class__", "ÿ"]
NAMES = st.one_of(
    st.sampled_from(FIELDS),
    st.tuples(st.sampled_from(FIELDS), st.sampled_from([*PARTS, *ATTACKS])).map("__".join),
    st.tuples(st.sampled_from(PARTS), st.sampled_from(FIELDS)).map("__".join),
    st.sampled_from(ATTACKS),
    st.text(max_size=12),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(ATTACKS),
    st.binary(max_size=4),
    st.uuids(),
    st.datetimes(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3), st.tuples(inner, inner)
    ),
    max_leaves=6,
)
KEYWORDS = st.dictionaries(NAMES, VALUES, max_size=3)

UNCHECKED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]

METHODS: dict[str, Callable[[dict[str, Any], str, Any], object]] = {
    "find": lambda given, _, __: Thing.find(**given).allow_filtering().all(),
    "get": lambda given, _, __: Thing.get(**given),
    "find_one": lambda given, _, __: Thing.find_one(**given),
    "count": lambda given, _, __: Thing.find(**given).count(),
    "update": lambda given, _, __: Thing(id=1).update(**given),
    "conditions": lambda given, _, value: Thing(id=1).update(name="x", if_conditions=value or given),
    "delete": lambda given, _, __: Thing(id=1).delete(if_conditions=given),
    "delete_columns": lambda _, name, value: Thing(id=1).delete_columns(name, collection_elements=[(name, value)]),
    "update by query": lambda given, name, value: Thing.find(**given).update(**{name: value}),
    "delete by query": lambda given, _, __: Thing.find(**given).delete(),
    "create": lambda given, _, __: Thing.find().create(**{"id": 1, **given}),
    "iff": lambda given, _, __: Thing.find(id=1, place="x").iff(**given).update(name="x"),
    "order_by": lambda _, name, __: Thing.find(id=1).order_by(name).all(),
    "only": lambda _, name, __: Thing.find(id=1).only(name).all(),
    "defer": lambda _, name, __: Thing.find(id=1).defer(name).all(),
    "values_list": lambda _, name, value: Thing.find(id=1).values_list(name, flat=value).all(),
    "distinct": lambda _, name, __: Thing.find(id=1).distinct(name).all(),
    "group_by": lambda _, name, value: Thing.find(id=1).group_by(name).aggregate(**{name: value}),
    "cast": lambda _, name, value: Thing.find(id=1).cast(name, value).values_list(name).all(),
    "aggregate": lambda _, name, value: Thing.find(id=1).aggregate(**{name: value}),
    "sum": lambda _, name, __: Thing.find(id=1).sum(name),
    "writetime": lambda _, name, __: Thing.find(id=1, place="").writetime(name),
    "limit": lambda _, __, value: Thing.find(id=1).limit(value).per_partition_limit(value).all(),
    "fetch_size": lambda _, __, value: Thing.find(id=1).fetch_size(value).page(value).all(),
    "using": lambda _, name, value: Thing.find(id=1).using(ttl=value, consistency=value, keyspace=name).all(),
    "slice": lambda _, __, value: cast("Any", Thing.find(id=1))[value],
    "save": lambda _, __, value: Thing(id=1).save(ttl=value, timestamp=value, consistency=value, timeout=value),
    "increment": lambda given, _, __: Clicks(page="x").increment(**given),
    "increment on the class": lambda given, _, __: Clicks.increment(**given),
}


def hold(method: str, given: dict[str, Any], name: str, value: Any, driver: ScriptedDriver) -> None:
    """Call a method, and hold what it sends to what it may send."""
    driver.requests.clear()
    expected: tuple[type[Exception], ...] = (CoodieError, ValidationError)
    with suppress(*expected, *((IndexError,) if method == "slice" else ())):
        try:
            METHODS[method](given, name, value)
        except TypeError as error:
            if "argument" not in str(error):  # Python's own, of a keyword that is an option, or is none
                raise
    for request in driver.requests:
        statement = request.statement
        tree = parse_cql(statement.cql)
        assert {use.table.name for use in table_uses(tree)} <= {"things", "clicks"}
        assert statement.cql.count("?") == len(request.params)


@pytest.mark.parametrize("method", METHODS)
def test_no_input_leads_to_another_error_or_to_other_cql(method: str, driver: ScriptedDriver) -> None:
    @settings(
        max_examples=40,
        suppress_health_check=UNCHECKED,
        deadline=None,
    )
    @given(KEYWORDS, NAMES, VALUES)
    def tried(given_names: dict[str, Any], name: str, value: Any) -> None:
        hold(method, given_names, name, value, driver)

    tried()


@pytest.mark.long
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("method", METHODS)
def test_no_input_of_many_does(method: str, driver: ScriptedDriver) -> None:
    @settings(
        max_examples=4_000,
        suppress_health_check=UNCHECKED,
        deadline=None,
    )
    @given(KEYWORDS, NAMES, VALUES)
    def tried(given_names: dict[str, Any], name: str, value: Any) -> None:
        hold(method, given_names, name, value, driver)

    tried()
