"""Classes, methods and functions have the documented names and signatures.

The documents are `../shared/spec/*.txt`. Two tables say where the packages differ: `LATER`, what is documented and not
there yet, and `DIFFERENT`, what is another way on purpose. An entry that no longer differs fails.
"""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any, NamedTuple

import pytest

from spec_documents import Documented, documented_parameters, plain, read, signatures, texts

LATER: dict[str, str] = {}
"""What is documented and not there yet, with the reason."""


class Different(NamedTuple):
    """How something is another way than it is documented."""

    why: str
    parameters: tuple[str, ...] | None = None
    returns: str | None = None


TOLD = Different("says whether it was written, and None when a batch took it", returns="LWTResult | None")
OWN = Different("a model gets its own documents", returns="Self")
KEYED = Different("on the class the key is given as well, which is of any type", ("**field_deltas: Any",))
ROWS = Different("is a list of dicts, and knows its paging state besides", returns="Rows")
OPENED = Different("is an AbstractDriver whose closing takes a time limit", returns="OpenedDriver")
DIFFERENT = {
    **{f"coodie.drivers.{name}": OPENED for name in ("init_coodie", "init_coodie_async")},
    **{
        f"coodie.{kind}.document.{name}": difference
        for kind in ("sync", "aio")
        for name, difference in (
            ("Document.insert", TOLD),
            ("Document.get", OWN),
            ("CounterDocument.insert", TOLD),
            ("CounterDocument.increment", KEYED),
            ("CounterDocument.decrement", KEYED),
        )
    },
    "coodie.drivers.cassandra.CassandraDriver.execute": ROWS,
    "coodie.drivers.cassandra.CassandraDriver.execute_async": ROWS,
}


def documented() -> dict[str, Documented]:
    found: dict[str, Documented] = {}
    for text in texts().values():
        for thing in signatures(text):
            assert thing.path not in found, f"{thing.path} is documented twice"
            found[thing.path] = thing
    return found


def spelled(annotation: Any) -> str:
    """An annotation in one spelling."""
    return plain(annotation if isinstance(annotation, str) else inspect.formatannotation(annotation))


def actual(thing: Documented) -> Documented:
    """What the packages have under the path of something documented."""
    holder, name = resolved(thing.path.rpartition(".")[0]), thing.path.rpartition(".")[2]
    found = getattr(holder, name)
    if "base" in thing.words:
        names = [base.__name__ for base in found]
        return thing._replace(value=thing.value if thing.value in names else str(names))
    if "value" in thing.words:
        return thing._replace(value=repr(found))
    if "class" in thing.words and not thing.parameters:
        return thing._replace(words=frozenset({"class"} if inspect.isclass(found) else ()))
    words = {
        "class": inspect.isclass(found),
        "classmethod": isinstance(inspect.getattr_static(holder, name), classmethod),
        "abstractmethod": getattr(found, "__isabstractmethod__", False),
        "async": inspect.iscoroutinefunction(found),
    }
    signature = inspect.signature(found)
    return Documented(
        thing.path,
        frozenset(word for word, there in words.items() if there),
        actual_parameters(signature, thing.parameters),
        None if inspect.isclass(found) else spelled(signature.return_annotation),
    )


def actual_parameters(signature: inspect.Signature, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Parameters in the documents' spelling; keyword-only ones that they do not have are additions, and left out."""
    names = {re.match(r"\**\w*", parameter)[0] for parameter in wanted}  # type: ignore[index]  # matches anything
    kept = [
        parameter.replace(annotation=_Spelled(spelled(parameter.annotation)))
        for parameter in signature.parameters.values()
        if parameter.name != "self" and (parameter.kind is not parameter.KEYWORD_ONLY or parameter.name in names)
    ]
    text = str(signature.replace(parameters=kept, return_annotation=inspect.Signature.empty))
    return documented_parameters(text[1:-1])


class _Spelled:
    """An annotation that a signature shows without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def resolved(path: str) -> Any:
    """What stands under a dotted path: a module, or something in one."""
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:]:
            found = getattr(found, name)
        return found
    raise ModuleNotFoundError(path)


THINGS = documented()
NOT_YET = {path for path in THINGS for later in LATER if path == later or path.startswith(f"{later}.")}

if not THINGS:
    pytest.skip("the documents are not beside the repository (../shared/spec)", allow_module_level=True)


def test_the_documents_were_understood() -> None:
    assert len(THINGS) > 90
    assert {path for path in THINGS if path.count(".") == 2} >= {
        "coodie.drivers.init_coodie",
        "coodie.drivers.init_coodie_async",
        "coodie.drivers.register_driver",
        "coodie.drivers.get_driver",
    }


@pytest.mark.parametrize("path", sorted(THINGS.keys() - NOT_YET))
def test_it_is_as_documented(path: str) -> None:
    wanted, different = THINGS[path], DIFFERENT.get(path)
    if different is not None:
        parameters = wanted.parameters if different.parameters is None else different.parameters
        changed = wanted._replace(parameters=parameters, returns=different.returns or wanted.returns)
        assert changed != wanted, f"{path} is as documented: take it out of DIFFERENT"
        wanted = changed
    assert actual(wanted) == wanted


@pytest.mark.parametrize("path", sorted(LATER))
def test_what_comes_later_is_not_there_yet(path: str) -> None:
    assert path in THINGS, f"{path} is not documented: take it out of LATER"
    with pytest.raises(AttributeError):
        resolved(path)


@pytest.mark.parametrize("path", sorted(DIFFERENT))
def test_what_is_different_is_documented(path: str) -> None:
    assert path in THINGS


@pytest.mark.parametrize(
    "line",
    [
        "coodie.drivers.get_driver(name: str | None = 'default') AbstractDriver",
        "coodie.drivers.get_driver(alias: str | None = None) AbstractDriver",
        "coodie.drivers.get_driver(name: str = None) AbstractDriver",
        "coodie.drivers.get_driver(name: str | None = None) Driver",
        "coodie.drivers.get_driver(name: str | None = None, more: int = 0) AbstractDriver",
        "async coodie.drivers.get_driver(name: str | None = None) AbstractDriver",
        "coodie.drivers.register_driver(driver: AbstractDriver, name: str, default: bool = False) None",
        "class coodie.drivers.LazyDriver(hosts: list[str] | None)",
    ],
)
def test_a_difference_is_noticed(line: str) -> None:
    thing = read(line, "")
    assert thing is not None
    assert actual(thing) != thing
