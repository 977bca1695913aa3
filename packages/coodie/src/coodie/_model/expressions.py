"""Fields of a model as expressions: `Product.price > 10`, `col(Product.tags).contains("vip")`.

To a type checker `Product.price` is what the field holds, so that a comparison with another type is an error there. At
run time it is a `Column`, whose operators make conditions. What a field's own type has no operator for goes through
`col()`, which tells the checker what the field has become.
"""

from __future__ import annotations

from types import UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    NoReturn,
    Protocol,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    overload,
)

from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from enum import Enum
    from pathlib import PurePath

    from pydantic import AnyUrl

__all__ = ["Column", "Condition", "Ordering", "col"]

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
T_co = TypeVar("T_co", covariant=True)


class Condition:
    """A field compared with a value; several of them hold together.

    Attributes:
        owner: the model that the field was asked of.
        field: the field.
        lookup: how it is compared, as the suffix of a keyword; empty for equality.
        value: what it is compared with.
    """

    __slots__ = ("field", "lookup", "owner", "value")

    def __init__(self, owner: type[Any], field: str, lookup: str, value: object) -> None:
        """Compare a field with a value."""
        self.owner = owner
        self.field = field
        self.lookup = lookup
        self.value = value

    @property
    def keyword(self) -> str:
        """The keyword that says the same, where no field has it for a name."""
        return f"{self.field}__{self.lookup}" if self.lookup else self.field

    def __bool__(self) -> NoReturn:
        """Refuse to be a truth value: `a and b`, `not a` and `1 < a < 5` would drop a condition.

        Raises:
            InvalidQueryError: always.
        """
        raise InvalidQueryError(
            f"a condition on {self.owner.__name__}.{self.field} is no truth value: give several conditions to find() "
            "or filter(), separated by commas, which all hold; a range is two of them"
        )

    def __or__(self, other: object) -> NoReturn:
        """Refuse: CQL has no OR.

        Raises:
            InvalidQueryError: always; says what to do instead.
        """
        # What compares by anything else has no lookup that takes several values.
        values = f"{self._of_several_values()}, or " if self.lookup in ("", "in") else ""
        raise InvalidQueryError(f"{self.owner.__name__}: CQL has no OR; {values}send two queries")

    def _of_several_values(self) -> str:
        """How it is said that any of several values will do."""
        return f"give the values of one field by {self.field}__in=[...]"

    __ror__ = __or__

    def __and__(self, other: object) -> NoReturn:
        """Refuse: conditions hold together already.

        Raises:
            InvalidQueryError: always; says what to do instead.
        """
        raise InvalidQueryError(
            f"{self.owner.__name__}: conditions hold together; give them to find() separated by commas"
        )

    __rand__ = __and__

    def __invert__(self) -> NoReturn:
        """Refuse: CQL has no NOT.

        Raises:
            InvalidQueryError: always; says what to do instead.
        """
        fix = "write the opposite comparison, such as < for >=; conditions of writes take !="
        raise InvalidQueryError(f"{self.owner.__name__}.{self.field}: CQL has no NOT; {fix}")

    def __repr__(self) -> str:
        """The condition without its value, which may be a secret."""
        keyword, owner = self.keyword, self.owner.__name__
        fields = self.owner.model_fields
        if self.lookup and any(keyword in (name, info.alias) for name, info in fields.items()):
            return f"<Condition {expression_of(owner, self.field, self.lookup)}>"
        return f"<Condition {owner}.{keyword}=...>"


_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "ne": "!="}


def expression_of(model: str, field: str, lookup: str) -> str:
    """A comparison as an expression, for where its keyword is the name of another field; `...` is the value."""
    if lookup in _SIGNS:
        return f"{model}.{field} {_SIGNS[lookup]} ..."
    return f"col({model}.{field}).{'in_' if lookup == 'in' else lookup}(...)"


def is_expression(name: str) -> bool:
    """Whether a comparison that is called so is an expression and no keyword."""
    return name.endswith(("...", "(...)"))


def written(name: str, value: str = "...") -> str:
    """A comparison that is called so, with what it is compared with."""
    return name.replace("...", value) if is_expression(name) else f"{name}={value}"


class EntryCondition(Condition):
    """An entry of a dict, or a place of a list, compared with a value.

    Attributes:
        key: the key of the entry, or the place.
    """

    __slots__ = ("key",)

    def __init__(self, owner: type[Any], field: str, lookup: str, value: object, key: object) -> None:
        """Compare what a field has for a key with a value."""
        super().__init__(owner, field, lookup, value)
        self.key = key

    def _of_several_values(self) -> str:
        return f"give the values of one entry to iff(), by col({self.owner.__name__}.{self.field}[...]).in_([...])"

    def __repr__(self) -> str:
        """The condition without its key and value, which may be secrets."""
        return f"<Condition {self.owner.__name__}.{self.field}[...]{'__' * bool(self.lookup)}{self.lookup}=...>"


class Ordering:
    """A field and a direction to sort by.

    Attributes:
        column: the field.
        descending: whether the greatest comes first.
    """

    __slots__ = ("column", "descending")

    def __init__(self, column: Column[Any], *, descending: bool) -> None:
        """Sort by a field."""
        self.column = column
        self.descending = descending


class Holding(Protocol[T_co]):
    """A field by what it holds: to a type checker, a set of texts is a collection of them, and None besides."""

    def __coodie_held__(self) -> T_co:
        """What the field holds."""
        ...


class Containing(Protocol):
    """What type checkers know of `contains`: the field says the type of its elements, or of the values of a dict."""

    @overload
    def __get__(self, column: Holding[Mapping[Any, V] | None], owner: type[Any]) -> Callable[[V], Condition]: ...
    @overload
    def __get__(self, column: Holding[Collection[V] | None], owner: type[Any]) -> Callable[[V], Condition]: ...


class ContainingKey(Protocol):
    """What type checkers know of `contains_key`: the field says the type of the keys of its dict."""

    def __get__(self, column: Holding[Mapping[K, Any] | None], owner: type[Any]) -> Callable[[K], Condition]:
        """Give the call of a field."""
        ...


class Matching(Protocol):
    """What type checkers know of `like`: it is for fields of texts, and of what is kept as text."""

    def __get__(
        self, column: Holding[str | Enum | PurePath | AnyUrl | None], owner: type[Any]
    ) -> Callable[[str], Condition]:
        """Give the call of a field."""
        ...


def _parts_of(annotation: object) -> set[str]:
    """The fields of the user types in an annotation."""
    return _parts_of_itself(annotation).union(*map(_parts_of, get_args(annotation)))


def _parts_of_itself(annotation: object) -> set[str]:
    """The fields of the user type that an annotation is, apart from None."""
    if get_origin(annotation) in (Union, UnionType):
        return set[str]().union(*map(_parts_of_itself, get_args(annotation)))
    return set[str](getattr(annotation, "model_fields", ())) if isinstance(annotation, type) else set[str]()


def _no_part(where: str, annotation: object, part: str, *, is_entry: bool = False) -> str:
    """Why a field, or an entry, is not asked about a part of its user type, and what to do instead."""
    whole = "what it holds is compared as a whole"
    if is_entry:
        whole = "an entry is compared as a whole"
    elif part in _parts_of_itself(annotation):
        whole = "a user type is compared as a whole, by queries where it is Frozen()"
    return f"{where} has no part {part!r} to compare: {whole}; give the whole, or keep the part in a field of its own"


def refuse_part(where: str, annotation: object, suffix: str) -> None:
    """Refuse the suffix of a keyword that begins with a field of the user types in an annotation.

    Raises:
        InvalidQueryError: it does; says what to do instead.
    """
    for part in sorted(_parts_of(annotation)):
        if suffix == part or suffix.startswith(f"{part}__"):
            raise InvalidQueryError(_no_part(where, annotation, part))


class Column(Generic[T]):
    """A field of a model, to compare and to sort by."""

    __slots__ = ("__coodie_field__",)

    __coodie_field__: tuple[type[Any], str]

    def __init__(self, owner: type[Any], field: str) -> None:
        """Stand for a field of a model."""
        self.__coodie_field__ = (owner, field)

    def _compared(self, lookup: str, value: object) -> Condition:
        return Condition(*self.__coodie_field__, lookup, value)

    # A value of another type gives what no query takes: refused alone, it would be compared by its own `__eq__`, for
    # which anything will do.
    @overload  # type: ignore[override]  # a condition, not a verdict
    def __eq__(self, value: T | None) -> Condition: ...
    @overload
    def __eq__(self, value: object) -> object: ...
    def __eq__(self, value: object) -> object:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The field equals the value."""
        return self._compared("", value)

    @overload  # type: ignore[override]  # a condition, not a verdict
    def __ne__(self, value: T | None) -> Condition: ...
    @overload
    def __ne__(self, value: object) -> object: ...
    def __ne__(self, value: object) -> object:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The field differs from the value: in conditions of writes only, CQL has no such WHERE."""
        return self._compared("ne", value)

    def __lt__(self, value: T) -> Condition:
        """The field is less than the value."""
        return self._compared("lt", value)

    def __le__(self, value: T) -> Condition:
        """The field is at most the value."""
        return self._compared("lte", value)

    def __gt__(self, value: T) -> Condition:
        """The field is greater than the value."""
        return self._compared("gt", value)

    def __ge__(self, value: T) -> Condition:
        """The field is at least the value."""
        return self._compared("gte", value)

    def in_(self, values: Iterable[T]) -> Condition:
        """The field equals one of the values."""
        given = [*values] if hasattr(values.__class__, "__next__") else values  # a condition may be used many times
        return self._compared("in", given)

    if TYPE_CHECKING:

        def __coodie_held__(self) -> T:
            """What the field holds, for `Holding`."""
            ...

        contains: ClassVar[Containing]
        contains_: ClassVar[Containing]
        contains_key: ClassVar[ContainingKey]
        like: ClassVar[Matching]
    else:

        def contains(self, element: object) -> Condition:
            """A list or set has the element, or a dict the value."""
            return self._compared("contains", element)

        contains_ = contains

        def contains_key(self, key: object) -> Condition:
            """A dict has the key."""
            return self._compared("contains_key", key)

        def like(self, pattern: str) -> Condition:
            """The text matches the pattern, in which `%` stands for any characters."""
            return self._compared("like", pattern)

        def __getattr__(self, name: str) -> NoReturn:
            """Refuse what a field is not asked about in a query.

            Raises:
                AttributeError: always; of a part of a user type it says what to do instead.
            """
            if name.startswith("__"):  # Python asks for these, also of what is not filled in yet
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            owner, field = self.__coodie_field__
            annotation = owner.model_fields[field].annotation
            if name in _parts_of(annotation):
                raise AttributeError(_no_part(repr(self), annotation, name, is_entry=isinstance(self, Entry)))
            known = did_you_mean(name, [each for each in dir(type(self)) if not each.startswith("_")])
            raise AttributeError(f"{self!r} is a field to compare, and has no attribute {name!r}{known}")

    def asc(self) -> Ordering:
        """Sort by this field, the least first."""
        return Ordering(self, descending=False)

    def desc(self) -> Ordering:
        """Sort by this field, the greatest first."""
        return Ordering(self, descending=True)

    @overload
    def __getitem__(self: Column[dict[K, V]], key: K) -> Column[V]: ...
    @overload
    def __getitem__(self: Column[dict[K, V] | None], key: K) -> Column[V]: ...
    @overload
    def __getitem__(self: Column[list[V]], key: int) -> Column[V]: ...
    @overload
    def __getitem__(self: Column[list[V] | None], key: int) -> Column[V]: ...
    def __getitem__(self, key: object) -> Column[Any]:
        """The entry of a dict that has this key, or the place of a list, from 0 on, to compare it by itself.

        An index of entries finds what an entry equals; conditions of writes compare entries and places in every way.
        """
        return Entry(*self.__coodie_field__, key)

    # With `__getitem__` alone Python would count through the places of a field, without an end.
    __iter__ = None

    def __contains__(self, element: object) -> NoReturn:
        """Refuse: `in` is a verdict of Python, and no condition.

        Raises:
            InvalidQueryError: always; says what to write instead.
        """
        raise InvalidQueryError(f"`in` compares in Python; write col({self!r}).contains(...), or contains_key(...)")

    def __hash__(self) -> int:
        """The hash of the field's model and name."""
        return hash(self.__coodie_field__)

    def __repr__(self) -> str:
        """The field as it is written: `Product.price`."""
        owner, field = self.__coodie_field__
        return f"{owner.__name__}.{field}"


class Entry(Column[T]):
    """One entry of a dict field, or one place of a list field."""

    __slots__ = ("__coodie_key__",)

    __coodie_key__: object

    def __init__(self, owner: type[Any], field: str, key: object) -> None:
        """Stand for what a field has for a key."""
        super().__init__(owner, field)
        self.__coodie_key__ = key

    def _compared(self, lookup: str, value: object) -> Condition:
        return EntryCondition(*self.__coodie_field__, lookup, value, self.__coodie_key__)

    def __getitem__(self, key: object) -> NoReturn:
        """Refuse: CQL compares no part of an entry.

        Raises:
            InvalidQueryError: always.
        """
        raise InvalidQueryError(f"{self!r} is an entry, of which CQL compares no part; compare it as a whole")

    def __repr__(self) -> str:
        """The entry without its key, which is a value."""
        return f"{super().__repr__()}[...]"


def col(field: T) -> Column[T]:
    """Return a field of a model with the comparisons that its own type has no operator for.

    Raises:
        InvalidQueryError: it is no field of a model; write `col(Product.tags)`.
    """
    given = cast("object", field)
    if not isinstance(given, Column):
        raise InvalidQueryError(
            f"col() takes a field of a model, such as col(Product.tags), not {type(given).__name__}"
        )
    return cast("Column[T]", given)
