"""The hooks of a model, found once when it is made."""

from __future__ import annotations

import inspect
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from coodie.errors import InvalidModelError
from coodie.hooks import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

Hooks = dict[str, tuple[str, ...]]
"""The names of the methods that run, by when they do."""


_WITHOUT_HOOKS = frozenset(
    {"abc", "builtins", "coodie._model.base", "coodie.aio.document", "coodie.sync.document", "pydantic.main", "typing"}
)
"""The modules of classes that every model has among its bases."""


_AROUND = (staticmethod, classmethod, property, cached_property)
"""What holds a function of a class; it bears the mark itself where that stands above, and can."""


def hooks_of(model: type[BaseModel]) -> Hooks:
    """Find the methods that run before and after the verbs of a model.

    Raises:
        InvalidModelError: a hook is no plain method.
    """
    marked: dict[str, tuple[str, ...]] = {}
    for base in reversed(model.__mro__):
        if base.__module__ in _WITHOUT_HOOKS:
            continue
        for name, given in list(vars(base).items()):
            events = getattr(given, MARK, None)
            if events is None and isinstance(given, _AROUND):
                events = _events_inside(given)
            if events is None:
                marked.pop(name, None)
                continue
            _check(model, name, given)
            marked[name] = events
    found: Hooks = {}
    for name, events in marked.items():
        for event in dict.fromkeys(events):
            found[event] = (*found.get(event, ()), name)
    return found


def _events_inside(given: Any) -> tuple[str, ...] | None:
    """When the function inside of this runs, where the mark stands below its decorator."""
    function = getattr(given, "__func__", None) or getattr(given, "fget", None) or getattr(given, "func", None)
    return getattr(function, MARK, None)


def _check(model: type[BaseModel], name: str, given: Any) -> None:
    if isinstance(given, (staticmethod, classmethod)):
        kind = "staticmethod" if isinstance(given, staticmethod) else "classmethod"
        fix = f"a hook is a plain method, called with the document; leave @{kind} out"
        raise InvalidModelError(model.__name__, f"{name}() cannot be a hook: {fix}")
    if not inspect.isfunction(given):
        fix = f"a hook is a plain method, called with the document; leave @{type(given).__name__} or the mark out"
        raise InvalidModelError(model.__name__, f"{name}() cannot be a hook: {fix}")
    if waits_or_yields(given):
        fix = "a hook is a plain method, which neither awaits nor yields; start a task in it, or call it yourself"
        raise InvalidModelError(model.__name__, f"{name}() cannot be a hook: {fix}")
    try:
        inspect.signature(given).bind(model)
    except TypeError:
        fix = "a hook is called with the document alone; leave other arguments out, or give them defaults"
        raise InvalidModelError(model.__name__, f"{name}() cannot be a hook: {fix}") from None


def waits_or_yields(call: object) -> bool:
    """Whether a call of this only makes a coroutine or a generator, and runs nothing of it."""
    while isinstance(call, partial):
        call = call.func
    of_class = getattr(type(call), "__call__", None)  # noqa: B004 - that of an object which is called like a function
    kinds = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    return any(kind(each) for kind in kinds for each in (call, of_class))


_FOLLOWS = "__coodie_follows_a_write__"
"""The attribute of an error that a hook has raised behind a write: the write was made all the same."""


def run_hooks_behind(document: BaseModel, hooks: Mapping[str, tuple[str, ...]], event: str) -> None:
    """Run the hooks of an event that follows upon a write; what one raises can be told by `follows_a_write`."""
    try:
        run_hooks(document, hooks, event)
    except Exception as error:
        setattr(error, _FOLLOWS, True)
        raise


def follows_a_write(error: Exception) -> bool:
    """Whether a hook has raised the error behind a write."""
    return hasattr(error, _FOLLOWS)


def run_hooks(document: BaseModel, hooks: Mapping[str, tuple[str, ...]], event: str) -> None:
    """Run the hooks of an event."""
    for name in hooks.get(event, ()):
        getattr(document, name)()
