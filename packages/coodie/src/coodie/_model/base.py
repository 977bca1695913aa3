"""`DocumentBase`: what the models of both kinds, synchronous and asynchronous, have in common. No verbs live here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, PydanticUndefinedAnnotation
from pydantic_core import PydanticSerializationError

from coodie._model import families, views
from coodie._model.absence import DOES_NOT_EXIST
from coodie._model.at_once import columns_to_come
from coodie._model.copies import copy_known, doubt_under_way
from coodie._model.defining import refuse_hidden_verbs, refuse_mixed_kinds, settle_defaults
from coodie._model.hooking import Hooks, hooks_of
from coodie._model.metaclass import DocumentMetaclass
from coodie._model.showing import excluding, shown_of, uncomputed
from coodie._model.tracking import SLOT, Place, know_nothing, place_of, put_into, unknown_class_of, use_slot
from coodie._schema import build, declared, settings
from coodie.errors import DocumentNotFound, FieldNotLoadedError, InvalidModelError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Self

    from coodie._schema.columns import ModelSchema

D = TypeVar("D", bound="DocumentBase")

_UNKNOWN_CLASS = f"{SLOT}class"
"""Where a pickle holds the value of a row's class that nobody knows."""


class DocumentBase(BaseModel, metaclass=DocumentMetaclass, defer_build=True):
    """A Pydantic model that is a table."""

    __slots__ = (SLOT,)

    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        populate_by_name=True,
        revalidate_instances="never",
        use_enum_values=True,
        validate_by_alias=True,
        validate_by_name=True,
    )

    # Kept per class, never inherited: always read from the class's own __dict__.
    __coodie_schema__: ClassVar[ModelSchema | None] = None
    __coodie_keywords__: ClassVar[Any] = None
    __coodie_links__: ClassVar[dict[Any, Any]] = {}
    __coodie_hooks__: ClassVar[Hooks] = {}
    __coodie_counters__: ClassVar[bool] = False
    __coodie_view__: ClassVar[bool] = False
    # Whether its verbs are awaited; None where it has none.
    __coodie_awaited__: ClassVar[bool | None] = None

    DoesNotExist: ClassVar[type[DocumentNotFound]] = DOES_NOT_EXIST

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Look at a new class before Pydantic does."""
        super().__init_subclass__(**kwargs)
        refuse_hidden_verbs(cls)
        refuse_mixed_kinds(cls)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Read the table off a class that is complete; one with forward references is read when they are resolved."""
        super().__pydantic_init_subclass__(**kwargs)
        cls.__coodie_keywords__ = None
        cls.__coodie_links__ = {}
        cls.__coodie_hooks__ = hooks_of(cls)
        ready = cls.__pydantic_complete__ and not _is_generic(cls)
        cls.__coodie_schema__ = _describe(cls) if ready else None
        if ready and cls.__coodie_view__:
            views.note_view(cls, DocumentBase)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Say of a field that was not fetched that it was not."""
            if name in type(self).model_fields:
                raise FieldNotLoadedError(type(self).__name__, name)
            return super().__getattr__(name)

        def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
            """What is shown, without what was not fetched or is computed from it."""
            try:
                return [*super().__repr_args__()]
            except FieldNotLoadedError:
                return shown_of(self)

        def model_dump(self, **options: Any) -> dict[str, Any]:
            """Return a dict as `BaseModel.model_dump()` does, without what was not fetched or comes of it."""
            try:
                return super().model_dump(**options)
            except FieldNotLoadedError:
                exclude = excluding(options.pop("exclude", None), uncomputed(self))
            return super().model_dump(**options, exclude=exclude)

        def model_dump_json(self, **options: Any) -> str:
            """Return JSON as `BaseModel.model_dump_json()` does, without what was not fetched or comes of it."""
            try:
                return super().model_dump_json(**options)
            except PydanticSerializationError:
                missing = uncomputed(self)
                if not missing:
                    raise
            exclude = excluding(options.pop("exclude", None), missing)
            return super().model_dump_json(**options, exclude=exclude)

    def __copy__(self) -> Self:
        """A copy that knows of its row what this document knows."""
        return _as_copied(self, super().__copy__())

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """A deep copy that knows of its row what this document knows."""
        return _as_copied(self, super().__deepcopy__(memo))

    def __getstate__(self) -> dict[Any, Any]:
        """What is pickled: that there was a row goes along, and where it is; what it holds does not."""
        state = super().__getstate__()
        if not hasattr(self, SLOT):
            return state
        place, unknown = place_of(self), unknown_class_of(self)
        where = None if place is None else tuple(place)
        return {**state, SLOT: where} if unknown is None else {**state, SLOT: where, _UNKNOWN_CLASS: unknown}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """Take what was pickled."""
        super().__setstate__(state)
        if SLOT not in state:
            return
        where, unknown = state[SLOT], state.get(_UNKNOWN_CLASS)
        if where is None and unknown is None:
            know_nothing(self)
        else:
            put_into(self, None if where is None else Place(*where), unknown)

    @classmethod
    def table_name(cls) -> str:
        """Return the CQL table name for this model.

        Raises:
            ConfigurationError: the model is abstract, or cannot be a table as it is written.
        """
        schema = complete_schema(cls)
        build.refuse_abstract(schema)
        return schema.table


def build_in_subclasses(base: type[DocumentBase], *, awaited: bool | None = None) -> None:
    """Let subclasses of a base class that was made with `defer_build=True` be built when they are made.

    The base classes have no fields and no instances; building them would be a third of what importing coodie costs.
    Their `model_config` is the documented one again afterwards. What our own class variables are annotated with is for
    type checkers: Pydantic has taken note of the names, and would evaluate every text of it again for each model, which
    is a third of what defining one costs. It takes the annotations of its own base class away as well.

    Args:
        base: the base class.
        awaited: whether its verbs are awaited, where it is the first that has any.
    """
    del base.model_config["defer_build"]
    if awaited is not None:
        base.__coodie_awaited__ = awaited
    _forget_annotations(base)


def _forget_annotations(base: type[DocumentBase]) -> None:
    """Forget the annotations of a base class that say nothing to its users, or say what the attribute says itself."""
    annotations = base.__annotations__
    for name in [each for each in annotations if each.startswith("_") or each == "DoesNotExist"]:
        del annotations[name]


def _as_copied(document: DocumentBase, copied: D) -> D:
    copy_known(document, copied)
    under_way = columns_to_come(document)
    if under_way:
        doubt_under_way(copied, complete_schema(type(document)), under_way)
    return copied


build_in_subclasses(DocumentBase)
use_slot(DocumentBase.__dict__[SLOT])


def complete_schema(model: type[DocumentBase]) -> ModelSchema:
    """What a model says about its table.

    Raises:
        InvalidModelError: the model has unresolved forward references, or cannot be a table as it is written.
    """
    try:
        schema = model.__dict__.get("__coodie_schema__")
    except AttributeError:  # it is no class at all, which is said below
        schema = None
    if schema is None:
        schema = _complete(_checked(model))
    found: ModelSchema = schema
    return found


def table_schema(model: type[DocumentBase]) -> ModelSchema:
    """What a model says about its table, which must have a key.

    Raises:
        InvalidModelError: the model has no partition key, or cannot be a table as it is written.
    """
    return build.require_key(complete_schema(model))


def _checked(model: object) -> type[DocumentBase]:
    """The model, which is a document, as whoever makes a `QuerySet` by hand has to know.

    Raises:
        InvalidModelError: it is none.
    """
    if isinstance(model, type) and issubclass(model, DocumentBase):
        return model
    name = model.__name__ if isinstance(model, type) else type(model).__name__
    if isinstance(model, DocumentBase):
        raise InvalidModelError(name, f"is queried by its class, and this is one of its documents; write {name}")
    raise InvalidModelError(name, "is no document; derive it from coodie.sync.Document or coodie.aio.Document")


def _is_generic(model: type[DocumentBase]) -> bool:
    """Whether type parameters are still open: such a class is a base, its table is that of `Model[int]`."""
    return bool(model.__pydantic_generic_metadata__["parameters"])


def _complete(model: type[DocumentBase]) -> ModelSchema:
    if _is_generic(model):
        raise InvalidModelError(model.__name__, f"is generic and has no table; fill it in, as in {model.__name__}[int]")
    try:
        model.model_rebuild()
    except PydanticUndefinedAnnotation as error:
        problem = f"its annotations mention {error.name!r}, which is not defined; define it, then call model_rebuild()"
        raise InvalidModelError(model.__name__, problem) from error
    schema = _describe(model)
    model.__coodie_schema__ = schema
    if schema.view is not None:
        views.note_view(model, DocumentBase)
    return schema


def _describe(model: type[DocumentBase]) -> ModelSchema:
    said = declared.declared_by(model)
    settle_defaults(model, said)
    set_ = settings.read_settings(model)
    told_by = families.discriminator_of(model, said, set_.discriminator_value)
    if told_by is not None:
        families.settle_discriminator(model, told_by, set_.discriminator_value)
    schema = build.describe(model, set_, said)
    if told_by is not None:
        schema = families.in_family(model, schema, complete_schema)
    if not model.__coodie_counters__:
        counter = next((column.field for column in schema.columns if column.type.cql == "counter"), None)
        if counter is not None:
            problem = f"field {counter!r} is a counter; derive the model from CounterDocument"
            raise InvalidModelError(model.__name__, problem)
        return schema
    other = next(
        (column.field for column in schema.columns if not column.in_key and column.type.cql != "counter"), None
    )
    if schema.partition_key and not schema.abstract and all(column.in_key for column in schema.columns):
        fix = "add a field: Annotated[int, Counter()], or set Settings.abstract on a base for others"
        raise InvalidModelError(model.__name__, f"has no counter; {fix}")
    if "default_time_to_live" in schema.options:
        raise InvalidModelError(model.__name__, "counters cannot expire; leave Settings.default_ttl out")
    if other is not None:
        problem = f"field {other!r} is no counter; every field of a CounterDocument outside the key is a Counter()"
        raise InvalidModelError(model.__name__, problem)
    return schema
