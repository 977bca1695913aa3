"""From a complete Pydantic model to the description of its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from coodie import fields
from coodie._schema.column_types import UnsupportedTypeError
from coodie._schema.columns import Column, ColumnKind, ModelSchema
from coodie._schema.defaults import default_of
from coodie._schema.guardrails import guardrails_of
from coodie._schema.scalars import Rules
from coodie._schema.settings import Settings, check_names, refuse_extra, refuse_revalidated, refuse_view_settings
from coodie._schema.user_types import refuse_types_of_one_name, user_types_in
from coodie._schema.views import indexes_of_view, view_of
from coodie.errors import InvalidModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from coodie._schema.declared import Declared, Stored

_CAN_BE_EMPTY = ("ascii", "blob", "text")
"""Types whose empty value has no bytes: no server takes it as a whole partition key ("Key may not be empty")."""


def describe(model: type[BaseModel], settings: Settings, declared: Mapping[str, Declared]) -> ModelSchema:
    """Read a complete model's fields.

    Args:
        model: the model.
        settings: what it sets.
        declared: what each of its fields declares.

    Raises:
        InvalidModelError: the model cannot be a table as it is written.
    """
    refuse_extra(model)
    refuse_revalidated(model)
    is_view = bool(getattr(model, "__coodie_view__", False))
    if not is_view:
        refuse_view_settings(settings, model.__name__)
    rules = Rules(bool(model.model_config.get("use_enum_values")), settings.naive_datetimes, settings.microseconds)
    alone = sum(each.partition_key is not None for each in declared.values()) == 1
    infos = model.model_fields
    found = [_found(model, name, info, declared[name], rules, alone=alone) for name, info in infos.items()]
    partition_key = _ordered(model, found, "partition_key", "partition_key_index")
    clustering_key = _ordered(model, found, "clustering_key", "clustering_key_index")
    if partition_key and not settings.abstract:
        check_names(model.__name__, settings.name, settings.keyspace)
    columns = tuple([each.column for each in found])
    _check_names(model, columns)
    _check_versions(model, columns)
    _check_keys(model, columns, partition_key, clustering_key)
    if not settings.abstract:
        refuse_types_of_one_name(model.__name__, user_types_in(column.type for column in columns))
        _check_indexes(model, found, partition_key)
    schema = ModelSchema(
        model=model.__name__,
        document=model,
        table=settings.name,
        keyspace=settings.keyspace,
        connection=settings.connection,
        columns=columns,
        partition_key=tuple([each.column for each in partition_key]),
        clustering_key=tuple([each.column for each in clustering_key]),
        options=_options(settings),
        abstract=settings.abstract,
        skips_nulls=settings.nulls == "skip",
        guardrails=guardrails_of(settings.guardrails, model.__name__),
        consistency=settings.consistency,
    )
    return view_of(schema, settings) if is_view and columns else schema


def require_key(schema: ModelSchema) -> ModelSchema:
    """The schema, if the model is a table and has a key to be one with.

    Raises:
        InvalidModelError: the model is abstract, or no field is marked `PrimaryKey()`.
    """
    refuse_abstract(schema)
    if not schema.partition_key:
        fix = "mark at least one field: Annotated[..., PrimaryKey()]"
        raise InvalidModelError(schema.model, f"a table needs a partition key; {fix}")
    return schema


def refuse_abstract(schema: ModelSchema) -> None:
    """Refuse a model that is only a base for others.

    Raises:
        InvalidModelError: `Settings.abstract` is True.
    """
    if schema.abstract:
        raise InvalidModelError(
            schema.model, "is abstract (Settings.abstract) and has no table; use a model derived from it"
        )


class _Found(NamedTuple):
    """A field that has become a column."""

    declared: Declared
    stored: Stored
    column: Column


def _refuse_marker_as_default(model: type[BaseModel], name: str, info: FieldInfo) -> None:
    """Refuse `x: int = BigInt()`, where the marker would be the field's value and mark nothing."""
    given: Any = info.default
    kind: type = given if isinstance(given, type) else type(given)
    if kind.__module__ != fields.__name__:
        return
    marker = f"{kind.__name__}()" if given is kind else repr(given)
    annotation: Any = info.annotation
    written = annotation.__name__ if type(annotation) is type else str(annotation).replace("typing.", "")
    problem = f"field {name!r} has a marker as its default; write {name}: Annotated[{written}, {marker}]"
    raise InvalidModelError(model.__name__, problem)


def _found(  # noqa: PLR0913 - what a column is made of
    model: type[BaseModel], name: str, info: FieldInfo, declared: Declared, rules: Rules, *, alone: bool
) -> _Found:
    """The column of a field; `alone` says that the model has a single column in its partition key."""
    _refuse_marker_as_default(model, name, info)
    try:
        stored = declared.stored(rules)
    except UnsupportedTypeError as error:
        raise InvalidModelError(model.__name__, f"field {name!r}: {error}") from None
    kinds, found, clustering = declared.kinds, stored.type, declared.clustering_key
    if len(kinds) > 1:
        problem = f"field {name!r} is marked as {' and '.join(kinds)}; a column is one of them"
        raise InvalidModelError(model.__name__, problem)
    kind: ColumnKind = kinds[0] if kinds else "regular"
    indexes = stored.indexes
    if indexes and getattr(model, "__coodie_view__", False):
        indexes = indexes_of_view(model, name, indexes)
    if declared.discriminates and (found.cql not in ("text", "ascii") or declared.nullable):
        problem = f"field {name!r} tells classes apart by a text; write {name}: Annotated[str, Discriminator()]"
        raise InvalidModelError(model.__name__, problem)
    if declared.versions and (found.cql not in ("int", "bigint") or declared.nullable or kind != "regular"):
        problem = f"field {name!r} counts writes; write {name}: Annotated[int, Version()] = 0, outside the key"
        raise InvalidModelError(model.__name__, problem)
    column = Column(
        field=name,
        name=info.alias or name,
        type=found,
        kind=kind,
        annotation=info.annotation,
        metadata=tuple(info.metadata),
        nullable=declared.nullable,
        descending=clustering is not None and clustering.order == "DESC",
        indexes=indexes,
        discriminates=declared.discriminates,
        versions=declared.versions,
        protected=declared.protected,
        never_empty=alone and kind == "partition_key" and found.cql in _CAN_BE_EMPTY,
        default=default_of(model, name, info),
    )
    return _Found(declared, stored, column)


def _ordered(model: type[BaseModel], found: list[_Found], part: str, place: str) -> list[_Found]:
    """The fields with a key's marker, by their written place; fields of equal place stay in the order of the class."""
    marked = [each for each in found if getattr(each.declared, part) is not None]
    if len(marked) < 2:  # noqa: PLR2004 - there is no order of fewer
        return marked
    places: list[int] = [getattr(getattr(each.declared, part), place) for each in marked]
    if len(set(places)) < len(places) and any(places):
        problem = f"two fields have the same {place}; number them 0, 1, 2 ..."
        raise InvalidModelError(model.__name__, problem)
    return [each for _, each in sorted(zip(places, marked, strict=True), key=lambda pair: pair[0])]


def _check_versions(model: type[BaseModel], columns: tuple[Column, ...]) -> None:
    versions = [column.field for column in columns if column.versions]
    if len(versions) > 1:
        raise InvalidModelError(model.__name__, f"fields {versions[0]!r} and {versions[1]!r} are both a Version()")


def _check_names(model: type[BaseModel], columns: tuple[Column, ...]) -> None:
    seen: dict[str, str] = {}
    for column in columns:
        other = seen.setdefault(column.name, column.field)
        if other != column.field:
            problem = f"fields {other!r} and {column.field!r} are both column {column.name!r}"
            raise InvalidModelError(model.__name__, problem)


def _check_keys(
    model: type[BaseModel], columns: tuple[Column, ...], partition_key: list[_Found], clustering_key: list[_Found]
) -> None:
    for each in (*partition_key, *clustering_key):
        column = each.column
        if column.nullable:
            problem = f"field {column.field!r} is a key and cannot be None; leave None out of its type"
            raise InvalidModelError(model.__name__, problem)
        if column.type.is_changing:
            what = "collection" if column.type.user_type is None else "user type"
            problem = f"field {column.field!r} is a key; a {what} in a key is marked Frozen()"
            raise InvalidModelError(model.__name__, problem)
        if each.stored.unordered is not None:
            problem = f"field {column.field!r} is a key; CQL allows no {each.stored.unordered} in a key"
            raise InvalidModelError(model.__name__, problem)
    if clustering_key and not partition_key:
        fix = "mark another field PrimaryKey()"
        raise InvalidModelError(model.__name__, f"a clustering key needs a partition key; {fix}")
    statics = [column.field for column in columns if column.kind == "static"]
    if statics and partition_key and not clustering_key:
        problem = f"field {statics[0]!r} is static, which means something only beside a clustering key"
        raise InvalidModelError(model.__name__, problem)


def _check_indexes(model: type[BaseModel], found: list[_Found], partition_key: list[_Found]) -> None:
    """Refuse indexes that no server makes."""
    names: dict[str, str] = {}
    for each in found:
        column = each.column
        if not column.indexes:
            continue
        if partition_key == [each]:
            problem = f"field {column.field!r} is the whole partition key, which is found without an index"
            raise InvalidModelError(model.__name__, f"{problem}; leave Indexed() out")
        if any(other.column.type.cql == "counter" for other in found):
            problem = f"field {column.field!r} cannot have an index: tables of counters have none"
            raise InvalidModelError(model.__name__, f"{problem}; leave Indexed() out")
        if each.stored.fault is not None:
            raise InvalidModelError(model.__name__, f"field {column.field!r}: {each.stored.fault}")
        for name in (index.definition.name for index in column.indexes):
            if name is not None and names.setdefault(name, column.field) != column.field:
                problem = f"fields {names[name]!r} and {column.field!r} both have an index named {name!r}"
                raise InvalidModelError(model.__name__, f"{problem}; a keyspace has each name once")


def _options(settings: Settings) -> dict[str, Any]:
    if settings.default_ttl is None:
        return settings.options
    return {**settings.options, "default_time_to_live": settings.default_ttl}
