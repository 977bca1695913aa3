"""From tree to text, one renderer per node class; the only room that writes CQL."""

from __future__ import annotations

from cql_builder.compiler.compile import Compiled, compile_statement, forget, render, type_text

__all__ = ["Compiled", "compile_statement", "forget", "render", "type_text"]
