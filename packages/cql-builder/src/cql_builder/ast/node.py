"""`Node`: what every class of the tree is: frozen, slotted, compared by class and fields however deep it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from inspect import Signature

    from typing_extensions import Self, dataclass_transform
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
        """Turn annotations into slots and set the constructor that makes way for the generated one.

        Raises:
            TypeError: if a base has fields. The grammar has one class for each construct, and nothing would know what
                a class below it stands for.
        """
        for base in bases:
            if isinstance(base, NodeClass) and base.field_names:
                message = f"{base.__name__} has fields, so no class can be below it; hold a {base.__name__} instead"
                raise TypeError(message)
        fields = tuple(namespace.get("__annotations__", ()))
        namespace["field_names"] = fields
        namespace["field_defaults"] = {field: namespace.pop(field) for field in fields if field in namespace}
        # What holds the hash once it was asked for: nodes never change, and statements of one shape share most of them.
        namespace["__slots__"] = fields if bases else ("_hash",)
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
    scope: dict[str, Any] = {"cls": cls, "set_hash": _HASH.__set__, "are_equal": _are_equal, "hash_parts": _hash_parts}
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
        f" try: return ({mine}) == ({others})",
        " except RecursionError: return are_equal(self, other)",
        "def __hash__(self):",
        " try: return self._hash",
        " except AttributeError: pass",
        f" try: value = hash((cls, {mine}))",
        " except RecursionError:",
        "  hash_parts(self)",
        f"  value = hash((cls, {mine}))",
        " set_hash(self, value)",
        " return value",
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
        return "".join(_shown(self))

    def __reduce__(self) -> tuple[Callable[..., Node], tuple[object, ...]]:
        """Pickle as a list of all parts, so that no tree is too deep for it."""
        return _rebuilt, tuple(_flattened(self))

    def __copy__(self) -> Self:
        """Return the node itself: it never changes."""
        return self

    def __deepcopy__(self, _: object) -> Self:
        """Return the node itself: neither it nor what is in it ever changes."""
        return self


_HASH: Any = Node.__dict__["_hash"]


def _frozen(node: Node) -> AttributeError:
    return AttributeError(f"a {type(node).__name__} never changes; make another one")


# A sum of a thousand operands is a tree of a thousand levels, more than Python follows by recursion. So what looks at a
# whole tree keeps a list of what is left to do; equality and hash do so where recursion has failed.


def children(value: object) -> Sequence[object]:
    """Return the fields of a node or the elements of a tuple; nothing for anything else."""
    if isinstance(value, Node):
        return [getattr(value, field) for field in type(value).field_names]
    return _elements(value) or ()


def _elements(value: object) -> tuple[object, ...] | None:
    return cast("tuple[object, ...]", value) if isinstance(value, tuple) else None


def innermost_first(root: object) -> list[object]:
    """Return a node with all that is in it, tuples too: parts before what holds them, in the order of the fields."""
    found: list[object] = []
    waiting = [root]
    while waiting:
        value = waiting.pop()
        found.append(value)
        waiting.extend(children(value))
    found.reverse()
    return found


def _are_equal(one: Node, other: Node) -> bool:
    waiting: list[tuple[object, object]] = [(one, other)]
    while waiting:
        left, right = waiting.pop()
        if left is right:
            continue
        mine, others = children(left), children(right)
        if not mine:
            if left != right:
                return False
        elif type(left) is not type(right) or len(mine) != len(others):
            return False
        else:
            waiting.extend(zip(mine, others, strict=True))
    return True


def _hash_parts(node: Node) -> None:
    """Let every part keep its hash, so that none is asked for its parts again."""
    for part in innermost_first(node)[:-1]:
        if isinstance(part, Node):
            hash(part)


def _shown(root: Node) -> Iterator[str]:
    """Yield the pieces of a node's text; a class that shows itself otherwise, as one with a secret, does so."""
    waiting: list[object] = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, _Text):
            yield value
        elif isinstance(value, Node) and (value is root or type(value).__repr__ is Node.__repr__):
            yield f"{type(value).__name__}("
            named = zip(type(value).field_names, children(value), strict=True)
            _add_reversed(waiting, [(_Text(f"{name}="), part) for name, part in named], ")")
        elif elements := _elements(value):
            yield "("
            _add_reversed(waiting, [(part,) for part in elements], ",)" if len(elements) == 1 else ")")
        else:
            yield repr(value)


class _Text(str):
    """A piece of text that is shown as it is."""

    __slots__ = ()


def _add_reversed(waiting: list[object], groups: list[tuple[object, ...]], end: str) -> None:
    waiting.append(_Text(end))
    for index in range(len(groups) - 1, -1, -1):
        waiting.extend(reversed(groups[index]))
        if index:
            waiting.append(_Text(", "))


def _flattened(root: Node) -> Iterator[object]:
    """Yield every part, innermost first: a class and how many parts it takes, or a value in a tuple of its own."""
    for value in innermost_first(root):
        if isinstance(value, Node) or _elements(value) is not None:
            yield type(value), len(children(value))
        else:
            yield (value,)


def _rebuilt(*parts: tuple[Any, ...]) -> Node:
    """Return the node that was flattened."""
    done: list[Any] = []
    for kind, *number in parts:
        if not number:
            done.append(kind)
            continue
        start = len(done) - number[0]
        taken = done[start:]
        del done[start:]
        done.append(tuple(taken) if kind is tuple else kind(*taken))
    node: Node = done[0]
    return node
