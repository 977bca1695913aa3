"""The inner class `Settings` of a model, merged along its base classes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast
from weakref import WeakSet

from coodie.errors import InvalidModelError, UnknownNameError
from coodie_drivers.consistency import SERIAL_CONSISTENCIES, checked_consistency
from coodie_drivers.errors import ConfigurationError
from cql_builder.limits import MAX_TTL

OF_VALUES: dict[str, tuple[str, ...]] = {"naive_datetimes": ("utc", "refuse"), "microseconds": ("truncate", "refuse")}
"""What is said of values that a column cannot keep as they are, of tables and of user types."""

_OF_TABLES = (
    *("name", "keyspace", "connection", "abstract", "default_ttl", "options", "nulls", "discriminator_value"),
    *("guardrails", "consistency"),
    *OF_VALUES,
)
_OF_VIEWS = ("base_table", "view_columns", "where_clause", "clustering_order")
_KNOWN = (*_OF_TABLES, *_OF_VIEWS)
_OF_TYPES = ("type_name", "keyspace", *OF_VALUES)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a model sets about its table.

    Attributes:
        name: the table's name.
        keyspace: the keyspace; None for the connection's own.
        connection: the connection's name; None for the default one.
        abstract: whether the class is only a base for others and has no table.
        default_ttl: seconds until a row expires, where the write does not say; None for never.
        options: further table options.
        nulls: `write` where `save()` writes None as null, `skip` where it leaves such columns alone.
        base_table: of a view, the name of the table that it is made of.
        view_columns: of a view, the columns that it has; `*` for all of the table.
        where_clause: of a view, the condition of its rows; None where no part of its key is null.
        clustering_order: of a view, `ASC` or `DESC` by clustering column.
        discriminator_value: what the class has in the discriminator of its base.
        naive_datetimes: `utc` where a datetime without a time zone is taken as UTC, or `refuse`.
        guardrails: how much one query may ask for.
        consistency: the consistency level of requests that say none; None for the connection's default.
        microseconds: `truncate` where what is below a millisecond is cut off, or `refuse`.
    """

    name: str
    keyspace: str | None = None
    connection: str | None = None
    abstract: bool = False
    default_ttl: int | None = None
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    nulls: str = "write"
    base_table: str | None = None
    view_columns: tuple[str, ...] | list[str] = ("*",)
    where_clause: str | None = None
    clustering_order: dict[str, str] | None = None
    discriminator_value: str | None = None
    naive_datetimes: str = "utc"
    microseconds: str = "truncate"
    guardrails: dict[str, Any] | None = None
    consistency: str | None = None


def read_settings(model: type) -> Settings:
    """Merge the `Settings` of a model and its bases, the nearest winning; `abstract` is not inherited.

    Raises:
        InvalidModelError: a setting is unknown or of the wrong type.
    """
    merged: dict[str, Any] = {}
    for base in reversed(model.__mro__):
        merged.pop("abstract", None)
        merged.pop("discriminator_value", None)
        _refuse_misspelt(base)
        inner = base.__dict__.get("Settings")
        if inner is not None:
            merged.update(_settings_of(inner, base.__name__))
    named = "name" in merged
    if not named:
        merged["name"] = snake_case(model.__name__)
    settings = Settings(**merged)
    _check(settings, model.__name__)
    if named or settings.keyspace is not None:
        check_names(model.__name__, settings.name if named else _SOUND, settings.keyspace)
    return settings


def check_names(model: str, table: str, keyspace: str | None) -> None:
    """Refuse names that no server takes for a table or a keyspace.

    Raises:
        InvalidModelError: a name has other characters than letters, digits and underscores, or is too long.
    """
    if _SHORT_WORD(table) and (keyspace is None or _SHORT_WORD(keyspace)):
        return
    from cql_builder.schema.validation import name_faults  # noqa: PLC0415 - few names are as long, or wrong

    for fault in name_faults(table, _SOUND):
        raise InvalidModelError(model, f"{fault}; set it as Settings.name")
    for fault in name_faults(_SOUND, keyspace or _SOUND):
        raise InvalidModelError(model, f"{fault}; set it as Settings.keyspace")


def own_discriminator_value(model: type) -> str | None:
    """What a class says that it has in the discriminator; its bases' values are their own.

    Whether it is a text is looked at where all settings are read.
    """
    inner = model.__dict__.get("Settings")
    return None if inner is None else _settings_of(inner, model.__name__).get("discriminator_value")


def user_type_settings(cls: type) -> dict[str, str]:
    """Merge the `Settings` of a user type and its bases, the nearest winning.

    Raises:
        InvalidModelError: a setting is unknown, or no name that a server takes.
    """
    merged: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        _refuse_misspelt(base)
        inner = base.__dict__.get("Settings")
        if inner is not None:
            merged.update(_settings_of(inner, base.__name__, _OF_TYPES))
    _check_words(merged, cls.__name__)
    for name, value in merged.items():
        if value is None or name in OF_VALUES:
            continue
        if not isinstance(value, str) or not is_short_word(value):
            problem = f"Settings.{name} is a text of {SHORT_WORD}"
            raise InvalidModelError(cls.__name__, problem)
    return merged


_SOUND = "sound"
"""A name that every server takes."""

_SHORT_WORD = re.compile(r"\w{1,48}", re.ASCII).fullmatch
"""Tells the names that every server takes of tables and keyspaces alike."""

SHORT_WORD = "1 to 48 letters, digits and underscores"
"""What such names are."""


def is_short_word(name: str) -> bool:
    """Whether a class can say this name, of a table, a keyspace or a user type."""
    return _SHORT_WORD(name) is not None


def refuse_extra(cls: Any) -> None:
    """Refuse a class whose instances hold more than their fields, which nothing would store.

    Raises:
        InvalidModelError: its `model_config` says `extra="allow"`.
    """
    if cls.model_config.get("extra") == "allow":
        fix = 'set extra="ignore" or "forbid", or hold them in a field, such as more: dict[str, str] = {}'
        raise InvalidModelError(cls.__name__, f'model_config has extra="allow", and what is extra has no column; {fix}')


def refuse_revalidated(cls: Any) -> None:
    """Refuse a class of which Pydantic makes new instances where an instance is given.

    Raises:
        InvalidModelError: its `model_config` says `revalidate_instances`.
    """
    revalidated = cls.model_config.get("revalidate_instances", "never")
    if revalidated != "never":
        problem = f'model_config has revalidate_instances="{revalidated}", which makes another document of one'
        fix = "leave it out; validate_assignment=True checks what is assigned"
        raise InvalidModelError(
            cls.__name__, f"{problem}, that knows neither its row nor what of it was fetched; {fix}"
        )


def refuse_view_settings(settings: Settings, model: str) -> None:
    """Refuse what only a materialized view says.

    Raises:
        InvalidModelError: names the setting.
    """
    for name in _OF_VIEWS:
        if getattr(settings, name) != _WITHOUT_VIEW[name]:
            raise InvalidModelError(model, f"Settings.__{name}__ is of views; derive the model from MaterializedView")


_WITHOUT_VIEW = {name: getattr(Settings(""), name) for name in _OF_VIEWS}

_SPELT: WeakSet[type] = WeakSet()
"""Classes that were found to have no inner class whose name is nearly right: the bases of a model have many names."""


def _refuse_misspelt(model: type) -> None:
    if model in _SPELT:
        return
    for name, value in vars(model).items():
        if isinstance(value, type) and name != "Settings" and name.lower() in ("settings", "setting"):
            raise InvalidModelError(model.__name__, f"the inner class {name!r} says nothing; did you mean 'Settings'?")
    _SPELT.add(model)


_OF_PYTHON = frozenset(vars(type("Plain", (), {"__doc__": "", "__annotations__": {}}))) | {
    *("__annotate__", "__annotate_func__", "__annotations_cache__", "__classcell__", "__conditional_annotations__"),
    *("__firstlineno__", "__orig_bases__", "__parameters__", "__qualname__", "__slots__", "__static_attributes__"),
}
"""What Python itself puts into a class."""


def _settings_of(inner: type, model: str, known: tuple[str, ...] = _KNOWN) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(inner.__mro__[:-1]):
        here = vars(base)
        for written, value in here.items():
            plain = written.removeprefix("__").removesuffix("__")
            dunder = written.startswith("__")
            if plain in ("abstract", "discriminator_value") and base is not inner:
                continue
            if plain in known:
                if dunder and plain in here:
                    raise InvalidModelError(model, f"Settings has both {plain} and {written}; leave one out")
                found[plain] = value
            elif not dunder or (written.endswith("__") and written not in _OF_PYTHON):
                raise InvalidModelError(model, str(UnknownNameError("Settings", "setting", written, known)))
    return found


def _check(settings: Settings, model: str) -> None:
    for name in ("name", "keyspace", "connection", "discriminator_value"):
        value = getattr(settings, name)
        if not (isinstance(value, str) and value) and not (value is None and name != "name"):
            given = "an empty one" if value == "" else type(value).__name__
            raise InvalidModelError(model, f"Settings.{name} is a text, not {given}")
    if "." in settings.name:
        keyspace, _, table = settings.name.partition(".")
        fix = f'write name = "{table}" and keyspace = "{keyspace}"'
        raise InvalidModelError(model, f"Settings.name is the table's name alone; {fix}")
    ttl = settings.default_ttl
    if ttl is not None and (type(ttl) is not int or not 0 <= ttl <= MAX_TTL):
        raise InvalidModelError(
            model, f"Settings.default_ttl is a whole number of seconds from 0 to {MAX_TTL} (20 years)"
        )
    if settings.consistency is not None:
        try:
            level = checked_consistency(settings.consistency)
        except ConfigurationError as error:
            raise InvalidModelError(model, f"Settings.consistency: {error}") from None
        if level == "ANY" or (level in SERIAL_CONSISTENCIES and settings.base_table is None):
            problem = f"no {'read' if level == 'ANY' else 'write'} is made at {level}, and it is for both"
            raise InvalidModelError(model, f"Settings.consistency: {problem}; say it where it can be, by consistency()")
    _check_words({name: getattr(settings, name) for name in OF_VALUES}, model)
    if settings.nulls not in ("write", "skip"):
        raise InvalidModelError(model, "Settings.nulls is 'write' or 'skip'")
    if type(settings.abstract) is not bool:
        raise InvalidModelError(model, "Settings.abstract is True or False")
    _check_options(settings.options, model)


def _check_options(options: object, model: str) -> None:
    """Refuse table options that no server has, of whichever version and kind."""
    if type(options) is not dict:
        raise InvalidModelError(model, "Settings.options is a dict of table options")
    if not options:
        return
    from cql_builder.dialects.options import TABLE_OPTIONS  # noqa: PLC0415 - few models have options

    known = frozenset[str]().union(*TABLE_OPTIONS.values())
    for name in cast("dict[object, object]", options):
        if not isinstance(name, str) or name.lower() not in known:
            problem = UnknownNameError("Settings.options", "table option", str(name), sorted(known))
            raise InvalidModelError(model, str(problem))


def _check_words(given: dict[str, Any], model: str) -> None:
    for name, known in OF_VALUES.items():
        if name in given and given[name] not in known:
            raise InvalidModelError(model, f"Settings.{name} is {' or '.join(map(repr, known))}")


def snake_case(name: str) -> str:
    """A class's name as CQL's names are written: `UserProfile` is `user_profile`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    # A generic model filled in is called `Page[int]`, which no table can be called.
    return re.sub(r"\W+", "_", words).strip("_").lower()
