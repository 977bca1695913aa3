"""The service of the tutorial answers, asked as a web server asks it, on a real node."""

from __future__ import annotations

import ast
import asyncio
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import pytest

from snippets.running import Interpreter

if TYPE_CHECKING:
    from fastapi import FastAPI

    from snippets.places import Place

pytestmark = [pytest.mark.node]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "coodie" / "tutorial.md"


def blocks() -> list[str]:
    """The page's Python, up to the service."""
    found = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    last = next(place for place, block in enumerate(found) if "FastAPI(" in block)
    return found[: last + 1]


async def asked(app: FastAPI, method: str, path: str, **query: str) -> tuple[int, Any]:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "headers": []}
    await app({**scope, "query_string": urlencode(query).encode()}, receive, send)
    return sent[0]["status"], json.loads(b"".join(message.get("body", b"") for message in sent[1:]))


async def talk(app: FastAPI) -> None:
    async with app.router.lifespan_context(app):
        written = [await asked(app, "POST", "/rooms/attic", author="ann", text=str(number)) for number in range(22)]
        first, shown = await asked(app, "GET", "/rooms/attic")
        second, rest = await asked(app, "GET", "/rooms/attic", cursor=shown["next"])
        wrong, why = await asked(app, "GET", "/rooms/attic", cursor=f"{shown['next']}x")
        none, problem = await asked(app, "POST", "/rooms/attic", author="ann")
    assert [status for status, _ in written] == [200] * 22
    assert (first, second, wrong, none) == (200, 200, 400, 422)
    assert shown["posts"] + rest["posts"] == [post for _, post in reversed(written)]
    assert (written[0][1]["tags"], rest["next"]) == ([], None)
    assert why["detail"].startswith("the cursor is none of this query")
    assert problem["detail"][0]["loc"] == ["query", "text"]


def test_the_service_of_the_tutorial_answers(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with Interpreter("page_of_the_service") as interpreter:
        for block in blocks():
            interpreter.run(ast.parse(place.named_in(block)), PAGE.name)
        asyncio.run(talk(cast("FastAPI", interpreter.names["app"])))
