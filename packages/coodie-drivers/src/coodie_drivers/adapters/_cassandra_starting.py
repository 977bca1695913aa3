"""Starting requests on a session of the package `cassandra`: the library's statement, and how long it may take."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING, Any, cast

from coodie_drivers.adapters._cassandra_calls import Call
from coodie_drivers.adapters._cassandra_errors import Attempt, is_told, raise_translated
from coodie_drivers.adapters._cassandra_library import cluster, policies
from coodie_drivers.adapters._cassandra_replies import unread
from coodie_drivers.adapters._cassandra_requests import RequestBuilder, sent_batch, sent_statement
from coodie_drivers.adapters._schema_watch import LEAST_TIMEOUT
from coodie_drivers.interrupts import pass_interrupt
from coodie_drivers.messages import BatchRequest, Request, Statement
from coodie_drivers.write_order import MILLISECOND, WriteOrder
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from coodie_drivers.adapters._cassandra_requests import PreparedShape
    from coodie_drivers.adapters._cassandra_shapes import PreparedShapes, Shapes
    from coodie_drivers.retries import Sent

    Started = tuple[Any, PreparedShape, str]
    """A request that is like one before it, begun: the library's future, the prepared statement and its text."""


class Starter:
    """Starts requests on one session, with its owner's own settings where these say something.

    Attributes:
        own_policy: the retry policy that the session's owner chose; None for the library's default.
        order: when plain writes were acknowledged, for conditional ones wait for them.
    """

    __slots__ = ("_lone", "_profile", "_requests", "_session", "order", "own_policy")

    def __init__(self, session: Any) -> None:
        """Look at the session's settings; nothing on it is changed."""
        self._session = session
        self._profile = _tuple_profile(session)
        self._lone = not _speculates(self._profile)
        self.own_policy = _own_retry_policy(session)
        self._requests = RequestBuilder(session, self.own_policy)
        self.order = WriteOrder()

    def start_known(self, request: Request | BatchRequest, shapes: PreparedShapes) -> Started | None:
        """Start a request that is like one before it in all but its values; None where anything is to be looked at."""
        profile = self._profile
        if (
            type(request) is not Request
            or request.consistency is not None
            or request.timeout is not None
            or request.fetch_size is not None
            or request.paging_state is not None
            or profile is None
        ):
            return None
        statement, values = request.statement, request.params
        kind: Any = type(values)
        if type(statement) is not Statement or (kind is not tuple and kind is not list):
            return None
        if statement.conditional and time_ns() - self.order.last < MILLISECOND and self.order.pause():
            return None
        shape = shapes.ready(statement.cql)
        known = None if shape is None else shape.known.get(statement)
        if shape is None or known is None:
            return None
        try:
            cells = known.bind(values)
        except Exception as error:  # noqa: BLE001 - whoever binds it the slow way says what is wrong, if anything
            pass_interrupt(error)
            return None
        bound = (known.kind_with_list if cells.with_list else known.kind)()
        bound.values = cells
        try:
            return self._session.execute_async(bound, execution_profile=profile), shape, statement.cql
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            if _takes_no_profiles(error):
                return None  # any more: see `executed`
            raise_translated(error, _attempt(error, bound.coodie_sent))

    def call(self, begun: Call | Started) -> Call:
        """Return a request that was begun with all that may be asked of one: of most nothing is."""
        if type(begun) is Call:
            return begun
        future, shape, cql = cast("Started", begun)
        return Call(future, future.query.coodie_sent, (shape,), cql, self._lone)

    def start(
        self,
        request: Request | BatchRequest,
        shapes: Shapes,
        *,
        host: Any = None,
        timeout: float | None = None,
    ) -> Call:
        """Start a request; `host` is set where it had to wait for its turn, `timeout` where that took of its time."""
        options: dict[str, Any] = {} if host is None else {"host": host}
        timeout = request.timeout if timeout is None else timeout
        build = self._requests
        if isinstance(request, BatchRequest):
            sent = sent_batch(request, shapes)
            statement = build.batch(request, shapes, sent)
            future = self.executed(statement, sent, timeout, options)
            return Call(future, sent, shapes, None, self._lone)
        shape, cql = shapes[0], request.statement.cql
        sent = sent_statement(request.statement, shape, request.params)
        statement = build.plain(request, sent) if shape is None else build.bound(shape, request, sent)
        if timeout is None and sent.kind is StatementKind.SCHEMA:
            timeout = self.limit(request, sent)
        if request.paging_state is not None:
            options["paging_state"] = request.paging_state
        future = self.executed(statement, sent, timeout, options)
        return Call(future, sent, shapes, cql, self._lone)

    def executed(self, statement: Any, sent: Sent, timeout: float | None, options: dict[str, Any]) -> Any:
        """Have the library send a statement; return its future."""
        if timeout is not None:
            options["timeout"] = timeout
        execute = self._session.execute_async
        try:
            if self._profile is not None:
                try:
                    return execute(statement, execution_profile=self._profile, **options)
                except ValueError as error:
                    if not _takes_no_profiles(error):
                        raise
                    # The session's owner set its options directly: then the library takes no profiles, and says so
                    # before anything is sent. From here on the rows are taken as the session gives them.
                    self._profile = None
            return execute(statement, **options)
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            raise_translated(error, _attempt(error, sent))

    def usual_timeout(self) -> float | None:
        """Return seconds for a request that says nothing; None for no limit."""
        usual: float | None = self._session.default_timeout if self._profile is None else self._profile.request_timeout
        return usual

    def left(self, request: Request | BatchRequest, shapes: Shapes, spent: float) -> float | None:
        """Return what is left of the seconds for a request, of which these are spent; None where nothing was set."""
        limit = self.limit(request, sent_request(request, shapes)) if spent else None
        return None if limit is None else max(LEAST_TIMEOUT, limit - spent)

    def usual_limit(self, request: Request | BatchRequest) -> float | None:
        """Return seconds for a request that changes no schema; None for no limit."""
        return self.usual_timeout() if request.timeout is None else request.timeout

    def limit(self, request: Request | BatchRequest, sent: Sent) -> float | None:
        """Return seconds for a request; for a change of the schema enough for the nodes to agree on it, too."""
        usual = self.usual_limit(request)
        if usual is None or request.timeout is not None or sent.kind is not StatementKind.SCHEMA:
            return usual
        agreement: float = self._session.cluster.max_schema_agreement_wait
        return usual + max(0.0, agreement)


def sent_request(request: Request | BatchRequest, shapes: Shapes) -> Sent:
    """Return what the retry decisions need to know of a request."""
    if isinstance(request, BatchRequest):
        return sent_batch(request, shapes)
    return sent_statement(request.statement, shapes[0], request.params)


def _takes_no_profiles(error: Exception) -> bool:
    """Return whether the library says so: of any other error of this kind, nobody knows when it came."""
    return isinstance(error, ValueError) and "execution_profile" in str(error)


def _attempt(error: Exception, sent: Sent) -> Attempt:
    """Return what is known of a request that failed while it was started: it may be on its way, if an error says so.

    What the library raises by itself there, it raises before it sends anything.
    """
    return Attempt(sent, None, attempts=0 if is_told(error) else 1)


def _tuple_profile(session: Any) -> Any:
    return session.execution_profile_clone_update(cluster.EXEC_PROFILE_DEFAULT, row_factory=unread)


def _speculates(profile: Any) -> bool:
    """Return whether a statement that may be sent twice may be under way on several nodes at once."""
    policy = getattr(profile, "speculative_execution_policy", None)
    return policy is not None and not isinstance(policy, policies.NoSpeculativeExecutionPolicy)


def _own_retry_policy(session: Any) -> Any:
    """Return the retry policy that the session's owner chose; None for the library's default."""
    policy = session.get_execution_profile(cluster.EXEC_PROFILE_DEFAULT).retry_policy
    return None if type(policy) is policies.RetryPolicy else policy
