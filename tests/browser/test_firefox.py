"""The demo, its playground and the admin page in Firefox: they work, and its console stays clean."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.firefox import Firefox
from tests.demo import Demo, running

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running() as demo:
        yield demo


@pytest.fixture
def page(fox: Firefox) -> Iterator[Firefox]:
    """The console may name only what CORS blocked."""
    said(fox)
    yield fox
    assert not [each for each in said(fox) if not each.startswith("CORS")]


def said(fox: Firefox) -> list[str]:
    """What the console has of the pages since the last call; an error of the page is its end."""
    end = "the end of these messages"
    fox.run("setTimeout(() => { throw new Error(arguments[0]); })", end)
    # The source of what CORS blocked is empty. Other sources are scripts of the browser, and pages
    # of tests before this one: "preloaded … but not used" comes seconds after a page has gone.
    here = fox.run("return origin")
    return [
        f"{each.category}: {each.text}"
        for each in fox.said(end)
        if end not in each.text and (not each.source or each.source.startswith(f"{here}/"))
    ]


def test_the_demo(page: Firefox, demo: Demo) -> None:
    page.get(f"{demo.page}/")
    page.until("document.body.dataset.done")
    assert page.text("#summary") == "9 of 9 calls ended as the policy says"
    assert page.text("#before") == page.text("#after") != "–"


def test_the_playground(page: Firefox, demo: Demo) -> None:
    page.get(f"{demo.page}/playground")
    page.until("document.body.dataset.ready")
    said(page)
    before = demo.reached()
    page.click("#story-method")
    page.until("document.getElementById('state').textContent.endsWith(': done')")
    assert demo.reached() == before
    browser, proxy = page.text("#browser"), page.text("#proxy")
    assert "BLOCKED" in browser and "NetworkError when attempting to fetch resource" in browser
    assert "REFUSE: method-not-allowed (DELETE)" in proxy and "did not reach the API" in proxy
    # The explanation has the words of the console that is open beside it.
    seen = [line.partition(": ")[2] for line in said(page)]
    assert len(seen) == 2
    assert [
        line.removeprefix("firefox: ") for line in browser.splitlines() if line.startswith("firefox: ")
    ] == seen


def test_the_admin_page(page: Firefox, demo: Demo) -> None:
    page.get(f"{demo.admin}/")
    page.until("document.getElementById('state').textContent === 'live'")
    connection = http.client.HTTPConnection(urlsplit(demo.proxy).netloc, timeout=20)
    connection.request("GET", "/items", headers={"Origin": "https://evil.example"})
    assert connection.getresponse().status == 403
    connection.close()
    page.until("document.querySelector('#stream tr').innerText.includes('https://evil.example')")
    assert "refuse" in page.text("#stream tr")
    page.click("#stream tr button")
    page.until("document.querySelector('#answer svg')")
    answer = page.text("#answer")
    assert "BLOCKED" in answer and "Cross-Origin Request Blocked" in answer
