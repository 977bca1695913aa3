"""The documents that define the public API, read: what each of them documents, section by section.

They are `../shared/spec/*.txt`; where these are not beside the repository, nothing is documented.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEC = Path(__file__).resolve().parents[2].parent / "shared" / "spec"

SIGNATURE = re.compile(
    r"^(?:- )?(?P<words>(?:(?:class|classmethod|abstractmethod|async) )*)(?P<path>[A-Za-z_][\w.]*)"
    r"\((?P<parameters>.*)\)(?: (?P<returns>\S.*))?$"
)
CLASS = re.compile(r"^(?:- )?class (?P<path>coodie\.[\w.]+)(?:\((?P<parameters>.*)\))?$")
ATTRIBUTE = re.compile(r"^(?:- )?(?P<name>[a-z_]+)(?:: \w+)? = (?P<value>\S.*)$")
# The text of these documents has lost some of its line breaks: after a base class, and before a method.
BASE = re.compile(r"^(?:Bases: )?(?P<value>ABC|BaseModel|Document|AbstractDriver)(?=Base class|$)")
LOST_BREAK = re.compile(r"(?<=\.)(?=- (?:async )?\w+\()")


class Documented(NamedTuple):
    """One documented thing: a class, what stands in one, or a function."""

    path: str
    words: frozenset[str]
    parameters: tuple[str, ...] = ()
    returns: str | None = None
    value: str | None = None


def texts() -> dict[str, str]:
    """The documents by their number."""
    return {path.name[:3]: LOST_BREAK.sub("\n", path.read_text("utf-8")) for path in sorted(SPEC.glob("*.txt"))}


def signatures(text: str) -> Iterator[Documented]:
    """What a document has signatures of, in its order."""
    owner = ""
    for line in text.splitlines():
        thing = read(line, owner)
        if thing is not None:
            yield thing
            owner = thing.path if "class" in thing.words else owner


def read(line: str, owner: str) -> Documented | None:
    """What a line documents, if anything; `owner` is the class that was documented last."""
    if match := CLASS.match(line):
        return Documented(match["path"], frozenset({"class"}), documented_parameters(match["parameters"] or ""))
    if owner and (match := BASE.match(line)):
        return Documented(f"{owner}.__mro__", frozenset({"base"}), value=match["value"])
    match = SIGNATURE.match(line)
    if match and (match["path"].startswith("coodie.") or (owner and "." not in match["path"])):
        path = match["path"] if "." in match["path"] else f"{owner}.{match['path']}"
        words = frozenset(match["words"].split())
        return Documented(path, words, documented_parameters(match["parameters"]), plain(match["returns"] or "None"))
    if owner and (match := ATTRIBUTE.match(line)):
        return Documented(f"{owner}.{match['name']}", frozenset({"value"}), value=match["value"])
    return None


def documented_parameters(text: str) -> tuple[str, ...]:
    """Parameters in one spelling, in their order, a star on its own included."""
    arguments = ast.parse(f"def f({text}): ...").body[0]
    assert isinstance(arguments, ast.FunctionDef)
    return tuple(split(ast.unparse(arguments.args)))


def split(parameters: str) -> Iterator[str]:
    """Cut parameters apart at the commas that stand in no bracket."""
    depth, begun = 0, 0
    for at, character in enumerate(f"{parameters},"):
        depth += (character in "[({") - (character in "])}")
        if character == "," and not depth:
            if parameters[begun:at].strip():
                yield parameters[begun:at].strip()
            begun = at + 1


def plain(annotation: str) -> str:
    """An annotation in one spelling."""
    return ast.unparse(ast.parse(annotation))


SECTIONS = {
    "001": ("Setup", "Create", "Read", "Update", "Delete", "Counter Operations"),
    "004": ("Defining a Counter Document", "Increment", "Decrement", "Reading Counter Values", "Restrictions"),
}
"""The headings of the documents that have lost what marked them as such."""

SYMBOL = re.compile(r"`([^`\n]+)`")
SETTING = re.compile(r"__(?!init)[a-z]\w+__(?=\W)|(?<=col)__[a-z]+(?=,|are)")
FENCED = re.compile(r"^```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)
UNIMPORTANT = re.compile(r"^(?:print|set|CassandraDriver)\(")


def facts(number: str, text: str) -> dict[str, set[str]]:
    """What each section of a document documents: members and their parameters, calls of examples, quoted names."""
    found: dict[str, set[str]] = {}
    for thing in signatures(text):
        section, _, member = thing.path.partition("coodie.")[2].rpartition(".")
        owner = section.rpartition(".")[2]
        if owner[:1].isupper():
            member = member.removesuffix("_async")
            names = [member, *(f"{member}({name})" for name in map(bare, thing.parameters) if name)]
            found.setdefault(owner, set()).update(names)
        elif "class" not in thing.words:
            names = [member, *(f"{member}({name})" for name in map(bare, thing.parameters) if name)]
            found.setdefault("functions", set()).update(names)
        else:
            found.setdefault(member, set()).update(f"({name})" for name in map(bare, thing.parameters) if name)
    for section, part in sections(number, text):
        told = set(quoted_names(part)) if number == "002" else set[str]()
        told |= {match for match in SETTING.findall(part) if number == "000"}
        told |= {call for call in calls(part) if not UNIMPORTANT.match(call)}
        if told:
            found.setdefault(section, set()).update(told)
    return found


def quoted_names(text: str) -> Iterator[str]:
    """The names in backticks of a text without its code; of a table's rows those of the first cell."""
    for line in FENCED.sub("", text).splitlines():
        yield from SYMBOL.findall(line.split("|")[1] if line.startswith("|") else line)


def bare(parameter: str) -> str:
    """The name of a parameter, or nothing of a star on its own."""
    found = re.match(r"\**(\w*)", parameter)
    return found[1] if found else ""


def sections(number: str, text: str) -> Iterator[tuple[str, str]]:
    """The sections of a document, with their titles; what stands before the first one has the title ""."""
    if number == "000":
        heading = re.compile(r"^- class coodie\.\w+\.document\.(?P<title>\w+)$", re.MULTILINE)
    elif number == "002":
        heading = re.compile(r"^## (?P<title>.+)$", re.MULTILINE)
    else:
        titles = "|".join(map(re.escape, SECTIONS.get(number, ("no section",))))
        heading = re.compile(rf"^(?P<title>{titles})$", re.MULTILINE)
    starts = [(match["title"], match.end()) for match in heading.finditer(text)]
    ends = [*(match.start() for match in heading.finditer(text)), len(text)]
    yield "", text[: ends[0]]
    for (title, start), end in zip(starts, ends[1:], strict=True):
        yield title, text[start:end]


def calls(text: str) -> Iterator[str]:
    """The shapes of all calls in the code of a text: `.find(brand).limit(…).all()`.

    Code is whatever parses: prose does not.
    """
    lines = text.splitlines()
    row = 0
    while row < len(lines):
        rows, tree = 1, statement_in(lines[row])
        while tree is None and rows < 9 and lines[row].rstrip().endswith(("(", "[", "{")):
            rows += 1
            tree = statement_in("\n".join(lines[row : row + rows]))
        if tree is None:
            rows = 1
        else:
            yield from shapes(tree)
        row += rows


def statement_in(code: str) -> ast.Module | None:
    """A statement, commented out or not, of a block or not; None when it is none."""
    code = re.sub(r"^# (?=.*await )", "", code.strip())
    for text in (code, f"{code} pass") if code.endswith(":") else (code,):
        try:
            tree: ast.Module = compile(text, "document", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except SyntaxError:
            continue
        return tree
    return None


def shapes(tree: ast.AST) -> Iterator[str]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    inner = {id(node.func.value) for node in found if isinstance(node.func, ast.Attribute)}
    for node in found:
        if id(node) not in inner:
            yield shape(node)


def shape(call: Any) -> str:
    """A chain of calls by its names and keywords."""
    given = ", ".join(str(keyword.arg) for keyword in call.keywords)
    arguments = given or ("…" if call.args else "")
    if isinstance(call.func, ast.Attribute):
        before = shape(call.func.value) if isinstance(call.func.value, ast.Call) else ""
        return f"{before}.{call.func.attr}({arguments})"
    return f"{ast.unparse(call.func)}({arguments})"
