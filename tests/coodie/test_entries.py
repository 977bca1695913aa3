"""One entry of a dict, or one place of a list, in filters and conditions: what is sent and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest

from coodie import Token, col
from coodie.exceptions import InvalidQueryError
from coodie.fields import Frozen, Indexed, PrimaryKey
from coodie.sync import Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Plan(Document):
    id: Annotated[int, PrimaryKey()]
    limits: Annotated[dict[str, int], Indexed(on="entries")] = {}
    quotas: Annotated[dict[str, int], Indexed(using="sai", on="entries")] = {}
    plain: dict[int, str] = {}
    maybe: dict[str, int] | None = None
    fixed: Annotated[dict[str, int], Frozen()] = {}
    steps: list[int] = []
    tags: Annotated[set[str], Indexed()] = set()
    name: str = ""

    class Settings:
        keyspace = "ks"


TAGGED = col(Plan.tags).contains("a")


def sent(driver: ScriptedDriver) -> tuple[str, list[Any]]:
    request = driver.requests[-1]
    return request.statement.cql.partition(" WHERE ")[2], list(request.params)


def test_what_an_index_of_entries_serves_is_sent_as_it_is(driver: ScriptedDriver) -> None:
    Plan.find(Plan.limits["day"] == 3).all()
    assert sent(driver) == ("limits[?] = ?", ["day", 3])
    Plan.find(col(Plan.limits)["day"] == 3).limit(5).all()
    assert sent(driver) == ("limits[?] = ? LIMIT ?", ["day", 3, 5])


def test_another_key_is_the_same_statement(driver: ScriptedDriver) -> None:
    Plan.find(Plan.limits["day"] == 3).all()
    Plan.find(Plan.limits["week"] == 4).all()
    first, second = (request.statement for request in driver.requests)
    assert first is second
    assert sent(driver)[1] == ["week", 4]


def test_beside_others_each_value_stands_at_its_place(driver: ScriptedDriver) -> None:
    Plan.find(Plan.limits["day"] == 3, Plan.name == "x", id=1).filter(Plan.plain[7] == "y").all()
    where = "id = ? AND limits[?] = ? AND plain[?] = ? AND name = ? ALLOW FILTERING"
    assert sent(driver) == (where, [1, "day", 3, 7, "y", "x"])


def test_a_plain_index_serves_one_entry_and_one_of_sai_several() -> None:
    assert not Plan.find(Plan.quotas["a"] == 1, Plan.quotas["b"] == 2).explain().cql.endswith("FILTERING")
    two = Plan.find(Plan.limits["a"] == 1, Plan.limits["b"] == 2).explain()
    assert two.cql.endswith("limits[?] = ? AND limits[?] = ? ALLOW FILTERING")
    assert [each.partition(":")[2].split()[0] for each in two.why] == ["served", "filtered,"]


def test_a_plain_index_serves_one_element_of_several_that_are_looked_for() -> None:
    explained = Plan.find(tags__contains="a").filter(tags__contains="b").explain()
    assert explained.cql.endswith("tags CONTAINS ? AND tags CONTAINS ? ALLOW FILTERING")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            lambda: Plan.find(Plan.plain[7] == "y").all(),
            r"no index serves 'plain'; .* Indexed\(on='entries'\), or",
        ),
        (
            lambda: Plan.find(Plan.limits["a"] > 1),
            r"Plan\.limits\[\.\.\.\]: a SELECT of CQL compares an entry by ==",
        ),
        (
            lambda: Plan.find(Plan.limits["a"] != 1),
            r"Plan\.limits\[\.\.\.\]: a SELECT of CQL compares an entry by ==",
        ),
        (
            lambda: Plan.find(Plan.fixed["a"] == 1),
            r"Plan\.fixed\[\.\.\.\]: the field is frozen .* Frozen\(\) out",
        ),
        (lambda: Plan.find(Plan.steps[0] == 1), r"Plan\.steps\[\.\.\.\]: a SELECT of CQL compares no place of a list"),
        (lambda: Plan.find(Plan.name[0] == "x"), r"Plan\.name\[\.\.\.\]: CQL text has no entries"),
        (lambda: Plan.find(col(Plan.limits)["a"] == "many"), r"Plan\.limits: Input should be a valid integer"),  # type: ignore[arg-type]
        (lambda: Plan.find(Plan.limits["a"] == 1 << 40), r"Plan\.limits: a CQL int is a whole number"),
        (lambda: Plan.find(col(Plan.limits)[5] == 1), r"Plan\.limits: Input should be a valid string"),  # type: ignore[index]
        (lambda: Plan.find(col(Plan.limits)["a"] == None), r"Plan\.limits: an entry compared with None"),  # noqa: E711
        (lambda: Plan.find(col(Plan.limits)[None] == 1), r"Plan\.limits: no entry has None for its key"),  # type: ignore[index]
        (lambda: Plan.find(id=1).iff(Plan.steps[-1] == 1), r"Plan\.steps: the place in a list is a whole number"),
        (lambda: Plan.find(id=1).iff(col(Plan.limits["a"]).like("x")), r"a condition compares an entry by ==, !="),  # type: ignore[arg-type]
        (lambda: Plan.find(id=1).iff(col(Plan.limits["a"]).in_(5)), r"Plan\.limits: in_\(\) takes a list"),  # type: ignore[arg-type]
        (lambda: Plan.find(id=1).iff(col(Plan.limits["a"]).in_([None])), r"an entry compared with None"),  # type: ignore[list-item]
        (lambda: Plan.find().order_by(col(Plan.limits["a"])), r"order_by\(\) takes fields, and Plan\.limits\[\.\.\.\]"),
        (lambda: "a" in Plan.limits, r"col\(Plan\.limits\)\.contains\(\.\.\.\)"),
        (lambda: cast("Any", Plan.limits["a"])["b"], r"Plan\.limits\[\.\.\.\] is an entry"),
        (lambda: Token(Plan.limits["a"]) > Token(5), r"the token of values is compared with that of fields"),
        (lambda: Plan.find(**{"limits[]": 1}), r"no field 'limits\[\]'"),
    ],
)
@pytest.mark.usefixtures("driver")
def test_what_cql_cannot_compare_is_refused(
    query: Callable[[], object], sentence: str, refused: Callable[[Callable[[], object], str], None]
) -> None:
    refused(query, sentence)


def test_a_field_is_not_iterated_over() -> None:
    with pytest.raises(TypeError, match="not iterable"):
        list(col(Plan.limits))  # type: ignore[call-overload]


def test_conditions_of_writes_compare_entries_and_places(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(*[Reply([(True,)], ("[applied]",))] * 4)
    row = Plan.find(id=1)
    row.iff(Plan.limits["day"] >= 3, Plan.steps[0] == 7, name="x").update(name="y")
    request = driver.requests[-1]
    assert request.statement.cql == (
        "UPDATE ks.plan SET name = ? WHERE id = ? IF limits[?] >= ? AND steps[?] = ? AND name = ?"
    )
    assert list(request.params) == ["y", 1, "day", 3, 0, 7, "x"]
    row.iff(col(Plan.limits["day"]).in_([3, 4])).delete()
    assert list(driver.requests[-1].params) == [1, "day", [3, 4]]
    row.iff(col(Plan.limits)["gone"] == None, col(Plan.fixed)["a"] != None).using(ttl=9).update(name="y")  # noqa: E711
    assert driver.requests[-1].statement.cql.endswith("IF limits[?] = ? AND fixed[?] != ?")
    assert list(driver.requests[-1].params) == [9, "y", 1, "gone", None, "a", None]


def test_either_of_two_values_of_an_entry_is_offered_where_it_can_be_asked_for(
    refused: Callable[[Callable[[], object], str], None],
) -> None:
    one, above, tagged = (cast("Any", each) for each in (Plan.limits["a"] == 1, Plan.limits["a"] > 1, TAGGED))
    fix = r"give the values of one entry to iff\(\), by col\(Plan\.limits\[\.\.\.\]\)\.in_\(\[\.\.\.\]\), or send two"
    refused(lambda: one | one, rf"^Plan: CQL has no OR; {fix} queries$")
    refused(lambda: above | one, r"^Plan: CQL has no OR; send two queries$")
    refused(lambda: tagged | one, r"^Plan: CQL has no OR; send two queries$")


def test_neither_key_nor_value_is_shown() -> None:
    condition: object = Plan.limits["secret"] == 3
    assert repr(condition) == "<Condition Plan.limits[...]=...>"
    assert repr(Plan.find(Plan.limits["secret"] == 3)) == "<QuerySet Plan.find(limits[...]=...)>"


def test_rows_that_are_looked_for_by_an_entry_are_written_by_their_keys(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(Reply([(1,)], ("id",)), Reply())
    assert Plan.find(Plan.limits["day"] == 3).update(name="y").written == 1
    read, written = driver.requests
    assert read.statement.cql == "SELECT id FROM ks.plan WHERE limits[?] = ?"
    assert list(written.params) == ["y", 1]


def test_a_wrong_value_of_a_query_names_its_field() -> None:
    with pytest.raises(InvalidQueryError, match=r"^Plan\.maybe: Input should be a valid integer"):
        Plan.find(col(Plan.maybe)["a"] == "x")  # type: ignore[arg-type]
