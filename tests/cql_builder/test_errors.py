from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder import errors
from cql_builder.errors import CqlError, CqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator


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
