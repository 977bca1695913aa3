"""The names of MBeans, as `javax.management.ObjectName` takes them: `domain:key=value,key=value`."""

from __future__ import annotations

import re

_PROPERTY = re.compile(
    r"""
      (?P<rest>\*)(?:,|\Z)                      # further properties, whatever they are
    | (?P<key>[^=*?,:\n]+)=
      (?:
        "(?P<quoted>(?:[^"\\\n]|\\[\\"?*n])*)"
        (?:.(?!\Z)|\Z)                          # whatever stands for the comma, Java does not look at it
      | (?P<plain>[^",=:\n][^",=:\n]*|)
        (?:,(?!\Z)|\Z)
      )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\.")


def mbean_fault(name: str, *, pattern: bool) -> str | None:
    """Return what is wrong with the name of an MBean, or None; with `pattern`, it must stand for several.

    Cassandra checks the name while it parses, by the rules of Java's class.
    """
    if not name:
        return "the name of the MBean is empty"
    if name == "*:*":
        return "'*:*' stands for all MBeans; write ALL MBEANS"
    domain, _, text = name.partition(":")
    properties = _properties(text)
    if not properties or "\n" in domain:
        return "expected the name of an MBean, such as 'domain:key=value'"
    if pattern and not ("*" in domain or "?" in domain or any(map(_is_pattern, properties))):
        return "MBEANS takes a pattern, with * or ? in it; write MBEAN for a single one"
    return None


def _properties(text: str) -> list[re.Match[str]]:
    """Return the properties of a name, none where anything is wrong with one."""
    properties: dict[str, re.Match[str]] = {}
    position = 0
    while position < len(text):
        match = _PROPERTY.match(text, position)
        if match is None:
            return []
        key = match["rest"] or match["key"]
        if key in properties:
            return []
        properties[key] = match
        position = match.end()
    return list(properties.values())


def _is_pattern(match: re.Match[str]) -> bool:
    if match["rest"]:
        return True
    value: str = match["plain"] if match["quoted"] is None else _ESCAPED.sub("", match["quoted"])
    return "*" in value or "?" in value
