from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import pytest

from cql_builder import errors
from cql_builder.errors import (
    ArgumentError,
    ClauseConflictError,
    CqlError,
    CqlSyntaxError,
    DialectSyntaxError,
    IdentifierError,
    LiteralError,
    MissingClauseError,
    RepeatedClauseError,
    SchemaError,
    StatementError,
    UnknownClauseError,
    UnknownDialectError,
    UnsupportedFeatureError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE_OF_EACH = (
    CqlError("a sentence"),
    IdentifierError("a", "it is empty"),
    LiteralError("a number is digits"),
    StatementError("SELECT", "it is nested too deep"),
    UnknownClauseError("SELECT", "were", ["where", "limit"]),
    RepeatedClauseError("SELECT", "WHERE"),
    MissingClauseError("SELECT", "FROM", "add .from_(...)"),
    ClauseConflictError("UPDATE", "IF", "IF EXISTS"),
    ArgumentError("SELECT", "LIMIT", "a whole number", "ten"),
    UnknownDialectError("cassandra", ["cassandra-5.0", "scylla"]),
    UnsupportedFeatureError("BETWEEN", "scylla", ["cassandra-6.0"], "compare with >= and <="),
    CqlSyntaxError("expected FROM", "SELECT a FORM t", 9, token="FORM", expected="FROM"),
    DialectSyntaxError(
        "BETWEEN", "scylla", ["cassandra-6.0"], "compare", text="a BETWEEN", position=2, token="BETWEEN"
    ),
    DialectSyntaxError(
        "",
        "scylla",
        ["cassandra-6.0"],
        text="USE P",
        position=4,
        token="P",
        reason="found a duration",
        expected="a name",
    ),
    SchemaError("t", "it has no key", "view"),
)


def error_classes(base: type[CqlError] = CqlError) -> Iterator[type[CqlError]]:
    yield base
    for cls in base.__subclasses__():
        yield from error_classes(cls)


def test_every_error_is_in_the_drawing_and_has_a_slug_of_its_own() -> None:
    classes = list(error_classes())
    assert [cls.__name__ for cls in classes if cls.__name__ not in (errors.__doc__ or "")] == []
    slugs = [cls.slug for cls in classes]
    assert len(set(slugs)) == len(slugs)
    assert all(slug.replace("-", "").isalpha() and slug.islower() for slug in slugs)


def test_the_excerpt_of_a_long_line_shows_the_place() -> None:
    error = CqlSyntaxError("expected nothing", "a" * 500 + "!" + "b" * 500 + "\nc", 500)
    first, excerpt, caret = str(error).splitlines()
    assert first == "line 1, column 501: expected nothing"
    assert len(excerpt) <= 70
    assert excerpt[caret.index("^")] == "!"


def test_the_end_of_a_text_is_a_place() -> None:
    error = CqlSyntaxError("expected more", "a\n", 2)
    assert (error.line, error.column) == (2, 1)
    assert str(error) == "line 2, column 1: expected more\n  \n  ^"


def test_there_is_one_of_each_class() -> None:
    assert {type(error) for error in ONE_OF_EACH} == set(error_classes())


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_is_pickled_and_copied_with_its_attributes(error: CqlError, protocol: int) -> None:
    pickled = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301 - made here
    for again in (pickled, copy.copy(error), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error) != ""
        assert again is not error
        assert vars(again) == vars(error)
        assert again.args == error.args
