"""Both pages in both browsers: the exchange is drawn, the place where it stops is red and has its line
of the policy, and everything can be reached, opened and copied by keyboard."""

import http.client
import shlex
import subprocess
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.drivers import (
    CONTROL,
    ENTER,
    SPACE,
    TAB,
    ChromiumDriver,
    Driver,
    FirefoxDriver,
    described,
    violations,
)
from tests.demo import Demo, running

pytestmark = pytest.mark.browser

LINE = "methods: [GET, HEAD, PUT]"
STOPPED = "document.querySelector('.messages .stop')?.innerText.includes('method-not-allowed')"
HEADERS = "x-request-id,x-team,x-trace"
PATH = "/items/[2-3]"  # many URLs for curl, if it may read them so


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running() as demo:
        yield demo


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def page(request: pytest.FixtureRequest, demo: Demo) -> Iterator[Driver]:
    driver: Driver
    if request.param == "chromium":
        driver = ChromiumDriver(request.getfixturevalue("chromium"))
    else:
        driver = FirefoxDriver(request.getfixturevalue("fox"))
    yield driver
    # Before the demo ends: a page that follows its decisions would fill the console with errors.
    driver.get("about:blank")


def ask(demo: Demo, method: str, path: str, headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection(urlsplit(demo.proxy).netloc, timeout=20)
    connection.request(method, path, headers=headers)
    connection.getresponse().read()
    connection.close()


def refuse_a_preflight(demo: Demo) -> None:
    """A DELETE with three headers that the policy does not list."""
    asked = {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": HEADERS}
    ask(demo, "OPTIONS", PATH, {"Origin": demo.page} | asked)


def playground(page: Driver, demo: Demo) -> None:
    page.get(f"{demo.page}/playground")
    page.until("document.body.dataset.ready")


def admin(page: Driver, demo: Demo) -> None:
    refuse_a_preflight(demo)
    page.get(f"{demo.admin}/")
    page.until("document.getElementById('state').textContent === 'live'")


def why(page: Driver, demo: Demo) -> None:
    admin(page, demo)
    # Not by the mouse: the newest refusal may replace the row between finding and clicking it.
    page.run("document.querySelector('#stream tr button').click()")
    page.until(STOPPED)
    page.until("document.activeElement.name === 'origin'")


def test_the_playground_begins_with_an_exchange(page: Driver, demo: Demo) -> None:
    playground(page, demo)
    assert page.run("return document.querySelector('#stories [aria-pressed=true]').id") == "story-works"
    assert "READABLE: 200" in page.run("return document.getElementById('browser').innerText")
    labels = page.run("return [...document.querySelectorAll('svg .label')].map((each) => each.textContent)")
    assert labels == ["GET /items", "GET /items", "GET /items", "200", "200", "200, readable"]
    assert "Nothing stops it." in page.run("return document.querySelector('svg desc').textContent")


def test_the_chosen_story_stays_marked(page: Driver, demo: Demo) -> None:
    playground(page, demo)
    page.click("#story-method")
    page.until(STOPPED)
    marked = "return [...document.querySelectorAll('#stories [aria-pressed=true]')].map((each) => each.id)"
    assert page.run(marked) == ["story-method"]
    page.click("#send")  # a request of one's own is no story
    page.until(f"!({marked.removeprefix('return ')}).length")


def refused_method(page: Driver, demo: Demo, show: str) -> None:
    """The drawing of a refused method, on one of the two pages."""
    if show == "admin":
        why(page, demo)
    else:
        playground(page, demo)
        page.click("#story-method")
        page.until(STOPPED)


@pytest.mark.parametrize("show", ["playground", "admin"])
def test_it_stops_in_red_with_the_line_of_the_policy(page: Driver, demo: Demo, show: str) -> None:
    refused_method(page, demo, show)
    assert page.run("return document.querySelectorAll('svg[role=img]:has(text.lane)').length") == 1
    lanes = page.run("return [...document.querySelectorAll('svg .lane')].map((each) => each.textContent)")
    assert lanes == ["Page", "Browser", "Proxy", "API"]
    # The stop is on the proxy's lane, and nothing reaches the API.
    stop, proxy, red, bad, fill = page.run(
        "const stop = document.querySelector('svg circle.stop'), style = getComputedStyle(stop);"
        "const probe = document.createElement('p'); probe.className = 'bad'; document.body.append(probe);"
        "const bad = getComputedStyle(probe).color; probe.remove();"
        "return [stop.getAttribute('cx'), document.querySelectorAll('svg .lane')[2].getAttribute('x'), style.fill,"
        " bad, document.querySelectorAll('svg line.unreached').length]"
    )
    assert (stop, red, fill) == (proxy, bad, 1)
    words = " ".join(
        page.run("return [...document.querySelectorAll('svg g.stop text')].map((e) => e.textContent)")
    )
    assert "method-not-allowed (DELETE)" in words and f"demo.yaml:9 {LINE}" in words
    # What cannot be seen is told: a title, a description, and the list.
    title, desc = page.run(
        "const svg = document.querySelector('.exchange svg');"
        "return svg.getAttribute('aria-labelledby').split(' ').map((id) => document.getElementById(id).textContent)"
    )
    assert title.startswith("DELETE ") and title.endswith(": blocked")
    assert "It stops at the proxy: method-not-allowed (DELETE)" in desc and LINE in desc
    items = page.run(
        "return [...document.querySelectorAll('ol.messages > li')].map((each) => each.innerText)"
    )
    assert [item.split("\n")[0][:2] for item in items] == ["1.", "2.", "It", "3.", "4."]


def test_why_tells_the_request_as_it_was(page: Driver, demo: Demo) -> None:
    why(page, demo)
    form = page.run(
        "const form = document.getElementById('question').elements;"
        "return [form.origin.value, form.method.value, form.where.value, form.headers.value]"
    )
    assert form == [demo.page, "DELETE", f"{demo.proxy}{PATH}", HEADERS.replace(",", "\n")]
    changes = page.run(
        "return [...document.querySelectorAll('#answer .diff .plus')].map((each) => each.textContent.trim())"
    )
    assert changes == [
        "+++ demo.yaml",
        "+  methods: [GET, HEAD, PUT, DELETE]",
        "+  headers: [Content-Type, X-Demo, X-Request-Id, X-Team, X-Trace]",
    ]


def test_headers_on_demand_by_keyboard(page: Driver, demo: Demo) -> None:
    why(page, demo)
    page.run("document.querySelector('.messages summary').focus()")
    page.press(TAB)
    assert described(page).startswith(f"2. OPTIONS {PATH}")
    opened = "document.activeElement.parentElement.open"
    assert not page.run(f"return {opened}")
    page.press(ENTER)
    page.until(opened)
    shown = page.run("return document.activeElement.parentElement.innerText")
    assert "Access-Control-Request-Method: DELETE" in shown and HEADERS in shown
    assert "FAIL" in shown and "DELETE is not one of methods" in shown
    # The same by the mouse, on the arrow.
    page.run("document.querySelectorAll('svg g.message')[1].dispatchEvent(new MouseEvent('click'))")
    page.until("!document.querySelectorAll('.messages details')[1].open")


def test_a_jump_to_the_line(page: Driver, demo: Demo) -> None:
    why(page, demo)
    assert page.run("return document.querySelector('.policy-text .named').textContent.trim()") == LINE
    page.run("document.querySelector('.policy-text .named').classList.remove('named')")
    page.run("document.querySelector('#answer .stop a').focus()")
    page.press(ENTER)
    page.until("document.activeElement.id === 'policy-line-9'")
    assert page.run("return document.activeElement.className") == "named"
    described(page)
    number = "return getComputedStyle(document.activeElement, '::before').content"
    assert "counter(line)" in page.run(number)


@pytest.mark.parametrize("show", [playground, why])
def test_axe_finds_nothing(page: Driver, demo: Demo, show: Callable[[Driver, Demo], None]) -> None:
    show(page, demo)
    assert violations(page) == []


@pytest.mark.parametrize("show", ["playground", "admin"])
def test_what_is_copied(page: Driver, demo: Demo, show: str) -> None:
    refused_method(page, demo, show)
    copied = {}
    for name in ("curl", "explain command", "change"):
        page.run(
            "[...document.querySelectorAll('.copy')].find((each) => each.textContent === arguments[0]).focus()",
            f"Copy {name}",
        )
        page.press(SPACE)
        page.until(f"document.querySelector('body > [role=status]').textContent === '{name} copied'")
        page.run("const field = document.querySelector('textarea'); field.value = ''; field.focus()")
        page.press("v", CONTROL)
        copied[name] = page.until("document.querySelector('textarea').value")
    found = subprocess.run(shlex.split(copied["curl"]), capture_output=True, text=True, check=True).stdout
    assert "method-not-allowed" in found and found.count("HTTP/1.1 ") == 1
    explain = shlex.split(copied["explain command"])
    assert explain[:2] == ["cors-proxy", "explain"]
    assert explain[explain.index("--method") :][:2] == ["--method", "DELETE"]
    assert explain.count("--header") == (3 if show == "admin" else 0)
    assert copied["change"].startswith("--- demo.yaml\n+++ demo.yaml\n")


def test_the_last_refusals_are_there_under_traffic(page: Driver, demo: Demo) -> None:
    ask(demo, "GET", "/the-one", {"Origin": "https://evil.example"})
    connection = http.client.HTTPConnection(urlsplit(demo.proxy).netloc, timeout=20)
    for _ in range(210):
        connection.request("GET", "/items", headers={"Origin": demo.page})
        connection.getresponse().read()
    connection.close()
    admin(page, demo)
    assert "/the-one" in page.run("return document.getElementById('stream').innerText")


def test_the_time_line_of_a_route(page: Driver, demo: Demo) -> None:
    admin(page, demo)
    refuse_a_preflight(demo)
    ask(demo, "GET", "/items", {"Origin": demo.page})
    found = page.until(
        "[...document.querySelectorAll('.timeline')].map((svg) => [svg.getAttribute('aria-label'),"
        " ...[...svg.children].map((each) => [each.getAttribute('class'), Number(each.getAttribute('y'))])])"
        ".find(([label, ...columns]) => label.startsWith('(default)') && columns.length > 1)"
    )
    label, *columns = found
    assert "1 refused" in label and "1 forwarded" in label
    heights = dict(columns)
    assert heights["refuse"] < heights["forward"]  # refused is on top


def test_a_walk_by_keyboard(page: Driver, demo: Demo) -> None:
    playground(page, demo)
    page.run("document.querySelector('header a').focus()")
    walk = []
    for _ in range(17):
        page.press(TAB)
        walk.append(described(page))
    assert walk[1:10] == [f"story-{each}" for each in STORIES]
    assert walk[10:16] == ["from", "method", "path", "headers", "credentials", "send"]
    page.run("document.getElementById('story-origin').focus()")
    page.press(ENTER)
    page.until("document.querySelector('.messages .stop')?.innerText.includes('origin-not-allowed')")
    assert page.run("return document.activeElement.id") == "story-origin"


STORIES = ("works", "preflight", "credentials", "open", "origin", "method", "header", "amp", "down")


def test_a_walk_over_the_admin_page(page: Driver, demo: Demo) -> None:
    admin(page, demo)
    page.run("document.querySelector('nav a:last-child').focus()")
    walk: list[str] = []
    while len(walk) < 400 and "refresh" not in walk:  # each refusal has its button
        page.press(TAB)
        walk.append(described(page))
    for name in (
        "show-refusals",
        "show-live",
        "by-route",
        "by-origin",
        "pause",
        "by-passed",
        "origin",
        "refresh",
    ):
        assert name in walk
    page.run("document.querySelector('#stream button').focus()")
    page.press(ENTER)
    page.until(STOPPED)
