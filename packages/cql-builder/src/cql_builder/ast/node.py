"""`Node`: what every class of the tree is: frozen, slotted, compared by class and fields, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable
    from inspect import Signature

    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object) -> Callable[[type], type]:
        """Tell type checkers alone: on Python 3.10 the standard library has no such decorator."""
        return lambda decorated: decorated


@dataclass_transform(frozen_default=True)
class NodeClass(type):
    """Makes the class of a node from its annotations: slots, constructor, equality, hash.

    What a frozen, slotted dataclass is, at a small part of its price: a grammar has more than a hundred node classes,
    and an import pays for all of them. The methods are generated when the first node of a class is made.
    """

    field_names: tuple[str, ...]
    field_defaults: dict[str, object]

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> NodeClass:
        """Turn annotations into slots and set the constructor that makes way for the generated one."""
        fields = tuple(namespace.get("__annotations__", ()))
        namespace["field_names"] = fields
        namespace["field_defaults"] = {field: namespace.pop(field) for field in fields if field in namespace}
        namespace["__slots__"] = fields
        namespace["__match_args__"] = fields
        namespace["__init__"] = _construct_first
        return super().__new__(mcs, name, bases, namespace)

    @property
    def __signature__(cls) -> Signature:
        """The constructor's parameters, for `help()` and `inspect.signature`."""
        from inspect import signature  # noqa: PLC0415 - heavy, and only tools ask

        whole = signature(_generate_methods(cls))
        return whole.replace(parameters=list(whole.parameters.values())[1:])


def _construct_first(self: Node, *args: object, **kwargs: object) -> None:
    construct = _generate_methods(type(self))
    construct(self, *args, **kwargs)


def _generate_methods(cls: NodeClass) -> Callable[..., None]:
    """Give the class its constructor, equality and hash, compiled for its fields; return the constructor."""
    fields = cls.field_names
    scope: dict[str, Any] = {"cls": cls}
    for field in fields:
        scope[f"set_{field}"] = getattr(cls, field).__set__
    parameters = [f"{field}=defaults[{field!r}]" if field in cls.field_defaults else field for field in fields]
    scope["defaults"] = cls.field_defaults
    mine = "".join(f"self.{field}, " for field in fields)
    others = "".join(f"other.{field}, " for field in fields)
    lines = [
        f"def __init__({', '.join(['self', *parameters])}):",
        *(f" set_{field}(self, {field})" for field in fields),
        " return None",
        "def __eq__(self, other):",
        " if self is other: return True",
        " if type(other) is not cls: return NotImplemented",
        f" return ({mine}) == ({others})",
        "def __hash__(self):",
        f" return hash((cls, {mine}))",
    ]
    exec("\n".join(lines), scope)  # noqa: S102 - the text is made of the field names of this package's classes
    scope["__init__"].__annotations__ = {**cls.__annotations__, "return": None}
    for method in ("__hash__", "__eq__", "__init__"):
        setattr(cls, method, scope[method])
    construct: Callable[..., None] = scope["__init__"]
    return construct


class Node(metaclass=NodeClass):
    """The base of all nodes. Two nodes are equal when they are of one class and their fields are equal."""

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: nodes never change."""
        raise _frozen(self)

    def __delattr__(self, name: str) -> NoReturn:
        """Refuse: nodes never change."""
        raise _frozen(self)

    def __repr__(self) -> str:
        """Show the class and its fields."""
        fields = ", ".join(f"{field}={getattr(self, field)!r}" for field in type(self).field_names)
        return f"{type(self).__name__}({fields})"

    def __reduce__(self) -> tuple[type[Node], tuple[object, ...]]:
        """Pickle and copy as a call of the constructor."""
        return type(self), tuple(getattr(self, field) for field in type(self).field_names)


def _frozen(node: Node) -> AttributeError:
    return AttributeError(f"a {type(node).__name__} never changes; make another one")
