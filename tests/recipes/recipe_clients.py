"""Real servers and real clients in Chromium, by the policies of docs/recipes.md: `make recipes`."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.recipes.servers import FONT, node, pages, proxy, ruby, uvicorn


class Case(NamedTuple):
    title: str  # of the section
    api: str  # in apps/
    call: list[str]  # a function of clients.mjs, and its arguments
    expected: Any


CASES = [
    Case(
        "Express, with axios and upload progress",
        "express",
        ["axios"],
        [3_000_000, 3_000_000, "/uploads/1", "a", True],
    ),
    Case("GraphQL, with subscriptions", "graphql", ["graphql"], "world"),
    Case("GraphQL, with subscriptions", "graphql", ["subscription"], [0, 1, 2]),
    Case("GraphQL, with Apollo", "apollo", ["apollo"], [[400, 200], "world", "A", [0, 1, 2]]),
    Case("Socket.IO", "socketio", ["socketio", "polling"], "hi"),
    Case("Socket.IO", "socketio", ["socketio", "websocket"], "hi"),
    Case("Server-Sent Events", "express", ["events"], "2"),
    Case("Server-Sent Events", "express", ["live"], ["data: first", "data: second"]),
    Case("htmx", "express", ["htmx"], "<b>saved</b>"),
    Case(
        "Downloads with `Range`",
        "express",
        ["download"],
        ["attachment; filename=report.mjs", 206, "bytes 3-5", "The"],
    ),
    Case("Connect and gRPC-web", "connect", ["connect", "connect"], ["hi", ["a", "b", "c"], "not today"]),
    Case("Connect and gRPC-web", "connect", ["connect", "grpc-web"], ["hi", ["a", "b", "c"], "not today"]),
    Case("tus", "tus", ["tus"], True),
    Case("Django", "django", ["forgery", "X-CSRFToken"], [403, 200, True]),
    Case("Rails", "rails", ["forgery", "X-CSRF-Token"], [422, 200, True]),
    Case("Rails", "rails", ["cable"], "welcome"),
    Case("Strawberry", "graphql", ["subscription"], [0, 1, 2]),
]
ASSETS = Case("Fonts and modules", "express", ["assets"], ["loaded", 42])


@pytest.fixture(scope="module")
def page() -> Iterator[int]:
    with pages() as port:
        yield port


def api(name: str, folder: Path) -> AbstractContextManager[int]:
    log = folder / "api"
    if name == "rails":
        return ruby(name, log)
    if name in ("django", "graphql", "swagger"):
        return uvicorn(name, log)
    return node(name, log, *{"express": [FONT], "tus": [folder]}.get(name, []))


def result(chrome: Chrome, origin: str, call: list[str], url: str) -> dict[str, Any]:
    """`value` or `error` of the call by a page of that origin."""
    chrome.get(f"{origin}/")
    name, *rest = call
    found: dict[str, Any] = chrome.execute_async_script("run(...arguments)", name, url, *rest)
    return found


def decisions(folder: Path, origin: str) -> set[str]:
    """What the access log says of an origin.  The proxy has ended, and so written all of it."""
    lines = [json.loads(line) for line in (folder / "access").read_text().splitlines()]
    return {line["cors.decision"] for line in lines if line.get("http.request.header.origin") == origin}


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case.call))
def test_the_client_works_from_its_page_alone(
    case: Case, page: int, chromium: Chrome, tmp_path: Path
) -> None:
    own, foreign = f"http://localhost:{page}", f"http://127.0.0.1:{page}"
    with api(case.api, tmp_path) as upstream, proxy(case.title, tmp_path, upstream, page) as port:
        url = f"http://localhost:{port}"
        assert result(chromium, own, case.call, url) == {"value": case.expected}
        assert "error" in result(chromium, foreign, case.call, url)
    assert "refuse" not in decisions(tmp_path, own)
    assert decisions(tmp_path, foreign) == {"refuse"}


def test_assets_are_for_every_page_and_nothing_else(page: int, chromium: Chrome, tmp_path: Path) -> None:
    with api("express", tmp_path) as upstream, proxy("Fonts and modules", tmp_path, upstream) as port:
        url = f"http://localhost:{port}"
        for origin in (f"http://localhost:{page}", f"http://127.0.0.1:{page}"):
            assert result(chromium, origin, ["assets"], url) == {"value": ["loaded", 42]}
            assert "error" in result(chromium, origin, ["items"], url)


def test_swagger_ui(page: int, chromium: Chrome, tmp_path: Path) -> None:
    title = "FastAPI, with Swagger UI elsewhere"
    with api("swagger", tmp_path) as upstream, proxy(title, tmp_path, upstream, page) as port:
        wait = WebDriverWait(chromium, 20)

        def shown(origin: str, selector: str) -> Any:
            chromium.get("about:blank")  # otherwise only the fragment may change
            chromium.get(f"{origin}/swagger#http://localhost:{port}")
            return wait.until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector))

        number = shown(f"http://localhost:{page}", ".parameters input")
        number.send_keys("7")
        chromium.find_element(By.CSS_SELECTOR, ".execute").click()
        live = wait.until(
            lambda driver: driver.find_element(By.CSS_SELECTOR, ".live-responses-table .response")
        )
        assert live.text.startswith("200") and '"number": 7' in live.text
        failed = shown(f"http://127.0.0.1:{page}", ".errors-wrapper")
        assert "Failed to fetch" in failed.text
    assert decisions(tmp_path, f"http://127.0.0.1:{page}") == {"refuse"}
