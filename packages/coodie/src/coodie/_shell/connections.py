"""Which driver and which keyspace a model talks to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar, Token
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar, cast

from coodie._model.base import complete_schema, table_schema
from coodie._model.hooking import waits_or_yields
from coodie._model.tracking import Place, RowSlot
from coodie._ops import refusals
from coodie._query import choosing
from coodie._query import target as targets
from coodie.lazy import LazyDocument
from coodie_drivers import get_driver
from coodie_drivers.errors import ConfigurationError, InvalidQueryError
from coodie_drivers.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from coodie._model.base import DocumentBase
    from coodie._query.target import Target
    from coodie._schema.columns import ModelSchema
    from coodie_drivers import AbstractDriver

__all__ = ["Link", "driver_of", "link_of", "using"]

D = TypeVar("D", bound="DocumentBase")
P = ParamSpec("P")
T = TypeVar("T")

_KEPT_ROUTES = 256
"""How many other connections and keyspaces a model keeps its plans for: tenants may be many."""


class _Route(NamedTuple):
    """What a context, or a query, says instead of what models say; None leaves it to the model."""

    connection: str | None
    keyspace: str | None


class _Begun(_Route):
    """What a block says.

    Attributes:
        ended: what takes it back in the context it began in, once it has ended where that could not; else None.
        outer: what the block is in; None outside of all blocks.
    """

    ended: Token[_Begun] | None = None
    outer: _Begun | None = None


_NO_ROUTE = _Begun(None, None)
_ROUTE: ContextVar[_Begun] = ContextVar("coodie_route", default=_NO_ROUTE)

_ENDED_ELSEWHERE = (
    "using(): the block ends in another context than it began in, or before a block that began inside it, so that "
    "queries may have gone where they were not meant to: let no `yield` stand in it (QuerySet.using() says it for one "
    "query); a dependency of FastAPI that yields in it must be an `async def`"
)


class Link:
    """A model brought together with the driver it talks to.

    Attributes:
        driver: the driver.
        explain: raises an error with what to do about it, where that is known.
        model: the model.
        since: how often the registry had changed when it was last looked at.
        target: the model's table there.
    """

    __slots__ = ("driver", "explain", "model", "since", "target")

    def __init__(self, driver: AbstractDriver, target: Target[Any], since: int) -> None:
        """Bring a model's table and a driver together."""
        self.driver = driver
        self.model: type[DocumentBase] = target.model
        self.since = since
        self.target = target
        self.explain = partial(_explain, target)


def _explain(target: Target[Any], error: Exception) -> None:
    explained = refusals.with_way_out(error, (target,)) if isinstance(error, refusals.EXPLAINED) else None
    if explained is not None:
        raise explained from error


class Block:
    """The block that `using()` begins; a function that it decorates runs inside one."""

    __slots__ = ("_connection", "_entered", "_keyspace")

    def __init__(self, keyspace: str | None, connection: str | None) -> None:
        """Say what holds inside; None leaves it as it is outside."""
        self._keyspace = None if keyspace is None else choosing.name_of_keyspace(keyspace)
        self._connection = None if connection is None else choosing.name_of_connection(connection)
        self._entered: dict[int, tuple[_Begun, Token[_Begun]]] = {}

    def __enter__(self) -> None:
        """Begin the block."""
        outer = _open_route()
        route = _Begun(self._connection or outer.connection, self._keyspace or outer.keyspace)
        route.outer = outer
        self._entered[id(route)] = route, _ROUTE.set(route)

    def __exit__(
        self, kind: type[BaseException] | None, ended_by: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End it; what interrupts or cancels it goes on.

        Raises:
            ConfigurationError: it ends in another context than it began in, or before one that began inside it.
        """
        left = _has_left(*self._began_here())
        goes_on = ended_by is not None and not isinstance(ended_by, (Exception, GeneratorExit))
        if left or goes_on:
            return
        error = ConfigurationError(_ENDED_ELSEWHERE)
        error.__context__ = ended_by
        # What the block has written meanwhile is written, wherever that was.
        error.outcome = "unknown"
        try:
            raise error
        finally:  # else it would hold itself by its own traceback, and a generator whose block has not ended yet
            del error, ended_by, traceback

    def _began_here(self) -> tuple[_Begun, Token[_Begun]]:
        """What this context has begun last of the block, which other tasks and threads may be in too.

        Raises:
            ConfigurationError: nobody is in it.
        """
        route: _Begun | None = _open_route()
        while route is not None:
            begun = self._entered.pop(id(route), None)
            if begun is not None:
                return begun
            route = route.outer
        try:
            return self._entered.popitem()[1]
        except KeyError:
            raise ConfigurationError("using(): the block ends that has not begun; write `with using(...):`") from None

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        """Have a function run inside such a block.

        Raises:
            ConfigurationError: it is a coroutine or a generator function, of which the call alone would be inside.
        """
        if waits_or_yields(function):
            name = getattr(function, "__name__", type(function).__name__)
            problem = (
                f"using() decorates plain functions: of {name}() only the call would be inside, not what it awaits"
            )
            raise ConfigurationError(f"{problem} or yields; write `with using(...):` in the function")

        @wraps(function)
        def inside(*args: P.args, **kwargs: P.kwargs) -> T:
            with Block(self._keyspace, self._connection):
                return function(*args, **kwargs)

        return inside


def using(*, keyspace: str | None = None, connection: str | None = None) -> Block:
    """Let every verb inside the block talk to another keyspace, or over another connection, than its model says.

    It holds for the task or thread that enters the block, and for tasks started in it: each request of a web service
    can be of another tenant. What `QuerySet.using` says of a single query goes before it.

    A `yield` inside the block lends it to whoever goes on meanwhile, such as the body of a loop over a generator. Only
    what begins and ends the block around other code may have one: a fixture, an `async def` dependency of FastAPI.
    It decorates plain functions, too; one that awaits or yields has the block inside.

    Args:
        keyspace: the keyspace; None leaves it as it is outside.
        connection: the name of the connection; None leaves it as it is outside.

    Raises:
        ConfigurationError: the block ends in another context than it began in, or before one that began inside it; or
            it decorates a function that awaits or yields.
        InvalidQueryError: a name is none.

    ```python
    with using(keyspace="tenant_a"):
        user.save()
        User.find(name="Alice").all()
    ```
    """
    return Block(keyspace, connection)


def _has_left(route: _Begun, token: Token[_Begun]) -> bool:
    """Take a block's route back; False, and later, where that would be another context's, or another block's."""
    if _open_route() is route and _is_reset(token):
        return True
    route.ended = token
    return False


def _is_reset(token: Token[_Begun]) -> bool:
    """Take a route back in the context that it was set in; False in another one."""
    try:
        _ROUTE.reset(token)
    except ValueError:
        return False
    return True


def _open_route() -> _Begun:
    """What the context says, without the blocks that began in it and ended where they could not take theirs back.

    A task that was started in such a block stays in it, as in any other: it may well go on when the block is over.
    """
    route = _ROUTE.get()
    while route.ended is not None and _is_reset(route.ended):
        route = _ROUTE.get()
    return route


def places_named(keyspaces: Sequence[str], connections: Sequence[str]) -> list[tuple[str | None, str | None]]:
    """Each connection with each keyspace; None stands for what the context or the model says.

    Raises:
        InvalidQueryError: a name is none, or what takes the place of several names is not several.
    """
    of_keyspaces = [choosing.name_of_keyspace(each) for each in _several("keyspaces", keyspaces)]
    of_connections = [choosing.name_of_connection(each) for each in _several("connections", connections)]
    own: list[str | None] = [None]
    return [(connection, keyspace) for connection in of_connections or own for keyspace in of_keyspaces or own]


def _several(argument: str, given: object) -> Iterable[object]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InvalidQueryError(f'sync_table({argument}=...) takes several names: {argument}=["{argument[0]}"]')
    return cast("Iterable[object]", given)


def driver_of(connection: str | None) -> AbstractDriver:
    """The driver of a named connection; without a name that of the context, or the default one.

    Raises:
        ConfigurationError: no driver is registered under the name.
    """
    return get_driver(_open_route().connection if connection is None else connection)


def keyspace_at(connection: str | None, keyspace: str | None) -> str:
    """The keyspace that was given, or that of the context, or the connection's own.

    Raises:
        ConfigurationError: none of them is known, or no driver is registered under the connection.
    """
    known = known_keyspace(connection, keyspace)
    if known is None:
        raise ConfigurationError("no keyspace is known: pass keyspace=..., here or to init_coodie()")
    return known


def known_keyspace(connection: str | None, keyspace: str | None, own: str | None = None) -> str | None:
    """The keyspace that was given, or that of the context, or what a class has for its own, or the connection's.

    Raises:
        ConfigurationError: no driver is registered under the connection.
    """
    known = keyspace or _open_route().keyspace or own or getattr(driver_of(connection), "default_keyspace", None)
    return None if known is None else str(known)


def keyspace_of(model: type[DocumentBase], connection: str | None, keyspace: str | None) -> str | None:
    """The keyspace of a model, as `link_of` finds it; None where none is known, or no driver is registered yet."""
    route, schema = _open_route(), complete_schema(model)
    known = keyspace or route.keyspace or schema.keyspace
    if known is not None:
        return known
    try:
        driver = get_driver(connection or route.connection or schema.connection)
    except ConfigurationError:
        return None
    found: str | None = getattr(driver, "default_keyspace", None)
    return found


def link_of(model: type[DocumentBase], connection: str | None = None, keyspace: str | None = None) -> Link:
    """The driver and the target of a model, kept on its class until another driver takes the connection's name.

    Args:
        model: the model.
        connection: the name of the connection to use instead of the context's and the model's.
        keyspace: the keyspace to use instead of the context's and the model's.

    Raises:
        ConfigurationError: no driver is registered under the connection, the model cannot be a table, or no keyspace
            is known.
    """
    begun = _ROUTE.get()
    route: _Route = begun if begun.ended is None else _open_route()
    if connection is not None or keyspace is not None:
        route = _Route(connection or route.connection, keyspace or route.keyspace)
    links: dict[_Route, Link] = model.__coodie_links__
    link = links.get(route)
    changes = REGISTRY.changes
    # A model that was made past Pydantic's ways has those of its base.
    if link is not None and link.model is model and link.since == changes:
        return link
    return _linked_anew(model, route)


def link_for(document: DocumentBase) -> Link:
    """The driver and the target of a document: what the context says, else where its row is, else what the model says.

    Raises:
        ConfigurationError: as `link_of` does.
        InvalidQueryError: it is no document, as in `Product.save(None)`.
    """
    model, begun = type(document), _ROUTE.get()
    try:
        links: dict[_Route, Link] = model.__coodie_links__
    except AttributeError:
        raise _no_document(document) from None
    route: _Route = begun if begun.ended is None else _open_route()
    if RowSlot.placed:
        # Here and not in a function: the verbs that are called most come by.
        try:
            place: Place | None = getattr(RowSlot.read(document), "place", None)
        except AttributeError:
            place = None
        if place is not None:
            route = _Route(route.connection or place.connection, route.keyspace or place.keyspace)
    link = links.get(route)
    if link is not None and link.model is model and link.since == REGISTRY.changes:
        return link
    return _linked_anew(model, route)


def _no_document(given: object) -> InvalidQueryError:
    is_lazy = type(given) is LazyDocument  # its own class is that of its document
    name = f"{given.__name__} itself" if isinstance(given, type) else type(given).__name__
    fix = "its resolve() is one" if is_lazy else "call it on a document, as in product.save()"
    return InvalidQueryError(f"a verb of documents takes one, not {name}; {fix}")


def _linked_anew(model: type[DocumentBase], route: _Route) -> Link:
    """Make the link of a route, or find that it is as it was."""
    links: dict[_Route, Link] = model.__coodie_links__
    link, changes = links.get(route), REGISTRY.changes
    if link is not None and link.model is model and get_driver(link.target.connection) is link.driver:
        # Another name has changed: what was planned for this one stays.
        link.since = changes
        return link
    if len(links) >= _KEPT_ROUTES:
        links.pop(next(iter(links)), None)
    route = _Route(*route)  # a block's own may hold its context, and all that is in there
    link = links[route] = _link(model, route, changes)
    return link


def _link(model: type[DocumentBase], route: _Route, since: int) -> Link:
    schema = table_schema(model)
    connection = route.connection or schema.connection
    driver = get_driver(connection)
    # A foreign driver need not know these three: it has the documented methods, perhaps nothing else.
    keyspace = route.keyspace or schema.keyspace or getattr(driver, "default_keyspace", None)
    if keyspace is None and not _may_have_keyspace(driver):
        raise targets.missing_keyspace(schema.model)
    named = route != _NO_ROUTE
    RowSlot.placed = RowSlot.placed or named
    # A connection is named only where it is another than the model's: that one has two names, and one of them is none.
    place = Place(None if _is_own(schema, driver) else connection, keyspace) if named else None
    target = targets.Target(
        model,
        schema,
        keyspace,
        connection=connection,
        validates_rows=bool(getattr(driver, "needs_row_validation", True)),
        supports_unset=bool(getattr(driver, "supports_unset", False)),
        place=place,
        at_home=place is None or place == Place(None, _own_keyspace(schema, driver)),
    )
    return Link(driver, target, since)


def _is_own(schema: ModelSchema, driver: AbstractDriver) -> bool:
    """Whether a model would talk to this driver if nobody said anything, by whichever name it was found."""
    try:
        return get_driver(schema.connection) is driver
    except ConfigurationError:
        return False


def _own_keyspace(schema: ModelSchema, driver: AbstractDriver) -> str | None:
    """The keyspace that a model has in its own driver if nobody said anything."""
    found: str | None = schema.keyspace or getattr(driver, "default_keyspace", None)
    return found


def _may_have_keyspace(driver: AbstractDriver) -> bool:
    """Whether statements may find a keyspace that the driver does not tell.

    A driver that says None has none, unless its session belongs to somebody who chose one there; a foreign driver need
    not say anything.
    """
    says_none = "default_keyspace" in getattr(driver, "__dict__", ())
    return not says_none or getattr(getattr(driver, "session", None), "keyspace", None) is not None
