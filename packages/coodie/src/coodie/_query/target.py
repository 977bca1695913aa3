"""What an operation works on: a model, the keyspace its table is in, and what the driver there can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from coodie._query.plans import PlanCache
from coodie_drivers.errors import ConfigurationError
from cql_builder import TableName

if TYPE_CHECKING:
    from coodie._model.base import DocumentBase
    from coodie._model.tracking import Place
    from coodie._schema.columns import ModelSchema

D = TypeVar("D", bound="DocumentBase")


def missing_keyspace(model: str) -> ConfigurationError:
    """The error for a model that no keyspace is known of."""
    fix = "set Settings.keyspace, or pass keyspace=... to init_coodie()"
    return ConfigurationError(f"{model} has no keyspace; {fix}")


def creating_keyspace(schema: ModelSchema, keyspace: str) -> str:
    """The call that creates a model's keyspace."""
    return _creating(keyspace, schema.connection)


def keyspace_not_there(name: str, keyspace: str, connection: str | None) -> ConfigurationError:
    """The error for a model, or a user type, that is to be made in a keyspace that does not exist.

    Args:
        name: the name of its class.
        keyspace: the keyspace.
        connection: the name of the connection; None for the default one.
    """
    fix = f"{_creating(keyspace, connection)} creates it"
    cluster = 'for more than one replica pass dc_replication_map={"datacenter1": 3}'
    return ConfigurationError(f"{name}: keyspace {keyspace!r} does not exist; {fix}, {cluster}")


def _creating(keyspace: str, connection: str | None) -> str:
    named = "" if connection is None else f', connection="{connection}"'
    return f'create_keyspace("{keyspace}"{named})'


class Target(Generic[D]):
    """A model in a keyspace.

    Attributes:
        model: the model's class.
        schema: what the model says about its table.
        keyspace: the keyspace; None leaves it to the session of somebody else, which may have one.
        connection: the name of the connection; None for the default one.
        table: the table's qualified name.
        validates_rows: whether rows must be validated instead of trusted.
        place: where that is, if a context or a query names it; None for the place of the model.
        at_home: whether it is the place of the model.
        hooks: the names of methods that run before and after the verbs, by when they do.
        supports_unset: whether `UNSET` may stand among the values.
        plans: the plans made so far for this model in this keyspace.
        settings: those of updates that set whole fields, by their keywords.
    """

    __slots__ = (
        "at_home",
        "connection",
        "hooks",
        "keyspace",
        "model",
        "place",
        "plans",
        "schema",
        "settings",
        "supports_unset",
        "table",
        "validates_rows",
    )

    def __init__(  # noqa: PLR0913 - a plain record
        self,
        model: type[D],
        schema: ModelSchema,
        keyspace: str | None,
        *,
        connection: str | None = None,
        validates_rows: bool,
        supports_unset: bool,
        place: Place | None = None,
        at_home: bool = True,
    ) -> None:
        """Bring a model and a keyspace together."""
        self.model = model
        self.schema = schema
        self.keyspace = keyspace
        self.connection = connection
        self.place = place
        self.at_home = at_home
        self.table = TableName(schema.table, keyspace)
        self.validates_rows = validates_rows
        self.supports_unset = supports_unset
        self.hooks = model.__coodie_hooks__
        self.plans = PlanCache()
        self.settings = PlanCache()

    def of(self, model: type[D], schema: ModelSchema) -> Target[D]:
        """The same place for another class that has the same table."""
        return Target(
            model,
            schema,
            self.keyspace,
            connection=self.connection,
            validates_rows=self.validates_rows,
            supports_unset=self.supports_unset,
            place=self.place,
            at_home=self.at_home,
        )
