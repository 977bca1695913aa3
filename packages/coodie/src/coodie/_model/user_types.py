"""`UserTypeBase`: what a class is that becomes a user type. Its verbs are in `coodie.usertype`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import BaseModel, ConfigDict, PydanticUndefinedAnnotation

from coodie._model.defining import refuse_hidden_verbs, settle_defaults
from coodie._schema.declared import declared_by
from coodie._schema.user_types import describe_type
from coodie.errors import InvalidModelError

if TYPE_CHECKING:
    from coodie._schema.user_types import UserTypeSchema


class UserTypeBase(BaseModel):
    """A Pydantic model that is a user type (CQL `CREATE TYPE`)."""

    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        populate_by_name=True,
        revalidate_instances="never",
        use_enum_values=True,
        validate_by_alias=True,
        validate_by_name=True,
    )

    # Kept per class, never inherited: always read from the class's own __dict__.
    __coodie_type__: ClassVar[UserTypeSchema | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Look at a new class before Pydantic does."""
        super().__init_subclass__(**kwargs)
        refuse_hidden_verbs(cls)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Read the type off a class that is complete; one with forward references is read when they are resolved."""
        super().__pydantic_init_subclass__(**kwargs)
        cls.__coodie_type__ = None
        if cls.__pydantic_complete__ and cls.model_fields and not cls.__pydantic_generic_metadata__["parameters"]:
            cls.__coodie_user_type__()

    @classmethod
    def __coodie_user_type__(cls) -> UserTypeSchema:
        """What the class says about its type; `_schema` knows a user type by this method.

        Raises:
            InvalidModelError: the class has unresolved forward references, or cannot be a user type as it is written.
        """
        found = cast("UserTypeSchema | None", cls.__dict__.get("__coodie_type__"))
        if found is None:
            found = _described(cls)
            cls.__coodie_type__ = found
        return found


del UserTypeBase.__annotations__["__coodie_type__"]  # see `base.build_in_subclasses`

_UNDER_WAY: set[type] = set()
"""The classes that are being described, on which those that hold themselves would never end."""


def _described(cls: type[UserTypeBase]) -> UserTypeSchema:
    if cls in _UNDER_WAY:
        raise InvalidModelError(cls.__name__, "holds itself, which no user type can; keep a key of the other instead")
    _UNDER_WAY.add(cls)
    try:
        cls.model_rebuild()
        settle_defaults(cls, declared_by(cls))
        return describe_type(cls)
    except PydanticUndefinedAnnotation as error:
        problem = f"its annotations mention {error.name!r}, which is not defined; define it, then call model_rebuild()"
        raise InvalidModelError(cls.__name__, problem) from error
    finally:
        _UNDER_WAY.discard(cls)
