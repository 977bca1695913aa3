from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, cast

import pytest

from cql_builder import bind, col, columns, fn, list_of, lit, select, tuple_of, update
from cql_builder.errors import ArgumentError, CqlError, StatementError

if TYPE_CHECKING:
    from collections.abc import Callable

T = select("a").from_("t")
PAIR = cast("Any", columns("a", "b"))
NO_TUPLE = "it takes a tuple of values, one for each column"


@pytest.mark.parametrize(
    ("write", "kind", "sentence"),
    [
        (lambda: PAIR.in_([tuple_of(1, 2, 3)]), StatementError, "IN: 2 columns take 2 values, not 3"),
        (lambda: PAIR.in_([(1, 2), tuple_of(1)]), StatementError, "IN: 2 columns take 2 values, not 1"),
        (lambda: PAIR.in_([(1, fn.now()), [1]]), StatementError, "IN: 2 columns take 2 values, not 1"),
        (lambda: tuple_of(1, 2, 3) == PAIR, StatementError, "=: 2 columns take 2 values, not 3"),
        (lambda: PAIR.in_(["ab"]), ArgumentError, f"IN: {NO_TUPLE}, not str"),
        (lambda: PAIR.in_([b"ab"]), ArgumentError, f"IN: {NO_TUPLE}, not bytes"),
        (lambda: PAIR.in_([5]), ArgumentError, f"IN: {NO_TUPLE}, not int"),
        (lambda: PAIR.in_([None]), ArgumentError, f"IN: {NO_TUPLE}, not None"),
        (lambda: PAIR.in_([frozenset({1, 2})]), ArgumentError, f"IN: {NO_TUPLE}, not frozenset"),
        (lambda: PAIR.in_([{1: 2, 3: 4}]), ArgumentError, f"IN: {NO_TUPLE}, not dict"),
        (lambda: PAIR.in_([iter((1, 2))]), ArgumentError, f"IN: {NO_TUPLE}, not tuple_iterator"),
        (lambda: PAIR.in_([fn.now()]), ArgumentError, f"IN: {NO_TUPLE}"),
        (lambda: lit(5) == PAIR, ArgumentError, f"=: {NO_TUPLE}"),
        (lambda: list_of(1, 2) == PAIR, ArgumentError, f"=: {NO_TUPLE}"),
        (lambda: (number for number in (1, 2)) == PAIR, ArgumentError, f"=: {NO_TUPLE}, not generator"),
        (lambda: range(2) < PAIR, ArgumentError, f">: {NO_TUPLE}, not range"),
        (lambda: PAIR.between({}.keys(), (1, 2)), ArgumentError, f"BETWEEN: {NO_TUPLE}, not dict_keys"),
    ],
)
def test_what_is_no_tuple_for_the_columns_is_refused(
    write: Callable[[], object], kind: type[CqlError], sentence: str
) -> None:
    with pytest.raises(kind) as caught:
        write()
    assert str(caught.value).startswith(sentence)


def test_several_columns_take_tuples_lists_and_what_stands_for_them() -> None:
    later = object()
    assert T.where(PAIR.in_([tuple_of(1, 2)])).compile() == (
        "SELECT a FROM t WHERE (a, b) IN ((?, ?))",
        (1, 2),
        (None,) * 2,
    )
    assert T.where(PAIR.in_([bind((1, 2))])).params == ((1, 2),)
    assert T.where(PAIR.in_([later, [1, 2]])).params == ([later, [1, 2]],)
    assert T.where(later == PAIR).params == (later,)


@pytest.mark.parametrize("given", [[1, 2], {1, 2}, range(1, 3), {1: 1, 2: 2}.keys()])
def test_what_was_compiled_cannot_be_changed_by_who_has_it(given: Any) -> None:
    query = T.where(col("a").in_(given))
    sent = cast("Any", query.compile().params[0])
    sent.clear()
    cast("Any", query.params[0]).clear()
    assert query.compile().params == (type(sent)(given),)
    assert copy.deepcopy(query).params == query.params


def test_what_was_compiled_of_if_and_of_elements_cannot_be_changed_either() -> None:
    key = ["k"]
    changed = update("t").set(a=1).where(col("id") == 1).if_(col("m")[key].in_([1, 2]))
    cast("Any", changed.params[-1]).append(3)
    assert changed.params == (1, 1, ["k"], [1, 2])
    assert changed.params[2] is key


def test_what_is_bound_as_it_is_stays_the_same_object() -> None:
    several, later = (1, 2), [1]
    assert T.where(col("a").in_(several)).params[0] is several
    assert T.where(col("a").in_(bind(later))).params[0] is later
