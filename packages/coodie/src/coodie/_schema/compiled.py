"""The one place that turns generated source into a function, and what such source says of usual values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

REFUSALS = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError)
"""What converting a value of a wrong type may raise, from a field to the driver or back."""

_USUAL = "__coodie_usual__"
"""The attribute of a conversion that says how most values are told, and what becomes of them."""


class Usual(NamedTuple):
    """What a conversion says of usual values.

    Attributes:
        test: an expression, true for such a value; `{0}` stands for the value.
        made: what becomes of it.
        names: what the two mention.
    """

    test: str
    made: str
    names: Mapping[str, object]


COPIES = ("[*{0}]", "{{*{0}}}")
"""What becomes of a list and of a set that is copied, as source."""

_AS_IT_IS = Usual("", "{0}", {})


def compile_function(name: str, parameters: str, body: Iterable[str], names: Mapping[str, object]) -> Any:
    """Make a function from lines of source; whatever the lines mention besides their own names is in `names`.

    Callers write names of fields into the source by `repr` alone, so no text of a user is ever read as code.
    """
    lines = [f"def {name}({parameters}):", *(f"    {line}" for line in body)]
    namespace = dict(names)
    exec(compile("\n".join(lines), f"<coodie {name}>", "exec"), namespace)  # noqa: S102 - see the docstring
    return namespace[name]


def with_usual(convert: Callable[[Any], Any], test: str, made: str = "{0}", **names: object) -> Callable[[Any], Any]:
    """A conversion that says in source how most values are told, so that they need no call.

    Args:
        convert: the conversion, which others go through.
        test: an expression, true for such a value; `{0}` stands for the value.
        made: what becomes of it: nothing, where this is left out.
        names: what the two mention.
    """
    setattr(convert, _USUAL, Usual(test, made, names))
    return convert


def with_usual_of(
    convert: Callable[[Any], Any], test: str, inner: Callable[[Any], Any] | None, **names: object
) -> Callable[[Any], Any]:
    """A conversion that of values that pass a test makes what another one makes; None makes nothing of them.

    Args:
        convert: the conversion.
        test: an expression as that of `with_usual`.
        inner: the other conversion.
        names: what the test mentions.
    """
    usual: Usual | None = _AS_IT_IS if inner is None else getattr(inner, _USUAL, None)
    if usual is not None:
        both = usual.test if usual.test.startswith(test) else " and ".join(filter(None, (test, usual.test)))
        setattr(convert, _USUAL, Usual(both, usual.made, {**names, **usual.names}))
    return convert


def with_usual_copy(convert: Callable[[Any], Any], holder: Callable[..., Any]) -> Callable[[Any], Any]:
    """A conversion that gives a copy of a list or set, in which no element is None; of others it says nothing."""
    copied = COPIES[0] if holder is list else COPIES[1] if holder is set else None
    if copied is None:
        return convert
    return with_usual(convert, f"type({{0}}) is {holder.__name__} and None not in {{0}}", copied)


def usual_of(convert: Callable[[Any], Any]) -> Usual | None:
    """What a conversion says of usual values, if anything."""
    found: Usual | None = getattr(convert, _USUAL, None)
    return found


def present_converted(value: str, place: str, convert: Callable[[Any], Any], names: dict[str, object]) -> str:
    """The source of a conversion of what is under a name and is not None.

    Args:
        value: the name.
        place: what the conversion is called in the source.
        convert: the conversion.
        names: what the source mentions; more is added.
    """
    names[place] = convert
    usual = usual_of(convert)
    if usual is None:
        return f"{place}({value})"
    names.update(usual.names)
    return f"{usual.made.format(value)} if {usual.test.format(value)} else {place}({value})"


def converted(value: str, place: str, convert: Callable[[Any], Any], names: dict[str, object]) -> str:
    """The source of a conversion of what another source gives; None stays None. See `present_converted`."""
    return f"None if (value := {value}) is None else {present_converted('value', place, convert, names)}"
