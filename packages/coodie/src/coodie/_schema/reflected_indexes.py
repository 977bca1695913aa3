"""From the indexes that a table has to the markers that ask for them, the way back of `indexes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie import fields
from coodie._schema.indexes import ANALYZERS
from cql_builder.ast.types import VectorType
from cql_builder.schema.indexes import index_class, natural_part

if TYPE_CHECKING:
    from cql_builder.ast.types import DataType
    from cql_builder.schema import IndexSchema

_SWITCHES = ("case_sensitive", "normalize", "ascii")
_WORDS = {"true": True, "false": False}


def index_marker(index: IndexSchema, data_type: DataType) -> fields.Indexed | fields.VectorIndex | None:
    """The marker that asks for an index of a column of this type; None where no marker does."""
    kind = index_class(index.index_class)
    options = dict(index.options)
    if isinstance(data_type, VectorType):
        function = options.pop("similarity_function", "COSINE").upper()
        known = kind == "sai" and not options and function in ("COSINE", "DOT_PRODUCT", "EUCLIDEAN")
        return fields.VectorIndex(function, index_name=index.name) if known else None  # type: ignore[arg-type]
    if kind not in ("sai", "sasi") and (kind is not None or options):
        return None
    said: dict[str, Any] = {"index_name": index.name, "using": kind}
    if index.part != natural_part(data_type):
        said["on"] = index.part
    if kind == "sai":
        said |= {name: _WORDS[options.pop(name)] for name in _SWITCHES if options.get(name) in _WORDS}
    if kind == "sasi":
        said |= _of_sasi(options)
    return fields.Indexed(**said, options=options or None)


def _of_sasi(options: dict[str, str]) -> dict[str, Any]:
    """What the marker of a SASI index says by arguments of its own; taken out of the options."""
    said: dict[str, Any] = {}
    if options.get("mode", "").upper() in ("PREFIX", "CONTAINS", "SPARSE"):
        said["mode"] = options.pop("mode").upper()
    analyzer = next((name for name, java in ANALYZERS.items() if java == options.get("analyzer_class")), None)
    if analyzer is not None:
        said["analyzer"] = analyzer
        del options["analyzer_class"]
    if analyzer == "non_tokenizing" and options.get("case_sensitive") in _WORDS:
        said["case_sensitive"] = _WORDS[options.pop("case_sensitive")]
    return said
