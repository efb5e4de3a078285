"""The demo's playground in a real browser: every story and control shows what the browser did and
what the proxy decided."""

import shlex
import subprocess
from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.browser.console import console
from tests.demo import Demo, running

pytestmark = pytest.mark.browser

UNASKED = "No preflight"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running() as demo:
        yield demo


@pytest.fixture
def page(chromium: Chrome, demo: Demo) -> Iterator[Chrome]:
    console(chromium)
    chromium.get(f"{demo.page}/playground")
    WebDriverWait(chromium, 30).until(
        lambda c: c.find_element(By.TAG_NAME, "body").get_dom_attribute("data-ready")
    )
    yield chromium
    chromium.get("about:blank")
    said = console(chromium)
    assert not [
        message for message in said if "Content Security Policy" in message or "Uncaught" in message
    ], said


def one(page: Chrome, id: str) -> WebElement:
    return page.find_element(By.ID, id)


def field(page: Chrome, name: str) -> WebElement:
    return page.find_element(By.NAME, name)


def sides(page: Chrome, press: WebElement) -> tuple[str, str]:
    """What both sides show after `press`."""
    page.execute_script("document.getElementById('state').textContent = ''")
    press.click()
    return shown(page)


def shown(page: Chrome) -> tuple[str, str]:
    WebDriverWait(page, 30, poll_frequency=0.05).until(lambda _: one(page, "state").text.endswith(": done"))
    return one(page, "browser").text, one(page, "proxy").text


STORIES: list[tuple[str, int, tuple[str, ...], tuple[str, ...]]] = [
    (
        "works",
        1,
        ("READABLE: 200", "x-total-count: 3", '"lamp"'),
        (UNASKED, "FORWARD: ", "Status 200", "It reached the API."),
    ),
    (
        "preflight",
        1,
        ("READABLE: 200", '"saved": true', '"session": null'),
        (
            "preflight: OPTIONS /items/",
            "ANSWER: ",
            "Status 204",
            "did not reach",
            "request: PUT /items/",
            "FORWARD: ",
            "It reached the",
        ),
    ),
    (
        "credentials",
        1,
        ("READABLE: 200", '"session": "demo"'),
        ("preflight: OPTIONS", "request: PUT /items/", "It reached the API."),
    ),
    (
        "open",
        1,
        ("BLOCKED", "TypeError: Failed to fetch", "must not be the wildcard"),
        (UNASKED, "FORWARD: ", "route public", "It reached the API."),
    ),
    (
        "origin",
        0,
        ("BLOCKED", "TypeError: Failed to fetch", "Why: ", "chromium: Access to fetch at"),
        (
            UNASKED,
            "REFUSE: origin-not-allowed",
            "demo.yaml:7: origins:",
            "Status 403",
            "It did not reach the API.",
        ),
    ),
    (
        "method",
        0,
        (
            "BLOCKED",
            "TypeError: Failed to fetch",
            "Method DELETE is not allowed by Access-Control-Allow-Methods",
        ),
        (
            "preflight: OPTIONS /items/2",
            "REFUSE: method-not-allowed (DELETE)",
            "demo.yaml:9: methods: [GET, HEAD, PUT]",
            "did not reach",
        ),
    ),
    (
        "header",
        0,
        ("BLOCKED", "TypeError: Failed to fetch", "x-other is not allowed by Access-Control-Allow-Headers"),
        (
            "preflight: OPTIONS /items",
            "REFUSE: header-not-allowed (x-other)",
            "demo.yaml:10: headers: [Content-",
            "did not reach",
        ),
    ),
    (
        "amp",
        0,
        ("EXPLAINED, NOT SENT: allowed", "curl -i -H"),
        ("would forward", "Access-Control-Allow-Origin: https://example-com.cdn"),
    ),
    (
        "down",
        0,
        ("READABLE: 502", '"reason": "upstream-'),
        (UNASKED, "FORWARD: ", "upstream-", "Status 502", "It did not reach the API."),
    ),
]


@pytest.mark.parametrize(("story", "reached", "browser", "proxy"), STORIES)
def test_stories(
    page: Chrome, demo: Demo, story: str, reached: int, browser: tuple[str, ...], proxy: tuple[str, ...]
) -> None:
    before = demo.reached()
    left, right = sides(page, one(page, f"story-{story}"))
    assert demo.reached() - before == reached
    assert all(words in left for words in browser), left
    assert all(words in right for words in proxy), right
    assert UNASKED in proxy or UNASKED not in right
    assert len(one(page, "story").text) > 40
    assert "x-internal-note" not in left


def test_no_story_is_left_out(page: Chrome) -> None:
    buttons = page.find_elements(By.CSS_SELECTOR, "#stories button")
    assert [button.get_dom_attribute("id") for button in buttons] == [
        f"story-{story}" for story, *_ in STORIES
    ]


def test_the_curl_line_is_a_real_request(page: Chrome) -> None:
    sides(page, one(page, "story-amp"))
    line = page.find_element(By.CSS_SELECTOR, "#browser .curl").text
    found = subprocess.run(shlex.split(line), capture_output=True, text=True, check=True).stdout
    assert " 200 " in found and "Access-Control-Allow-Origin: https://example-com.cdn.ampproject.org" in found


def test_a_remembered_preflight(page: Chrome) -> None:
    assert UNASKED not in sides(page, one(page, "story-preflight"))[1]
    left, right = sides(page, one(page, "send"))
    assert "READABLE: 200" in left and UNASKED in right and "preflight: OPTIONS" not in right


def test_the_form_by_keyboard_alone(page: Chrome) -> None:
    field(page, "from").send_keys("a stranger", Keys.TAB)
    for text in ("HEAD", "/public/<b>", "X-One: 1\nCookie: a=b"):
        page.switch_to.active_element.send_keys(Keys.CONTROL, "a")
        page.switch_to.active_element.send_keys(text, Keys.TAB)
    page.switch_to.active_element.send_keys(Keys.SPACE, Keys.TAB)
    page.switch_to.active_element.send_keys(Keys.ENTER)
    left, right = shown(page)
    assert "BLOCKED" in left and "The browser left out: Cookie." in left
    assert (
        "OPTIONS /public/%3Cb%3E" in right
        and "REFUSE: header-not-allowed (x-one)" in right
        and "Origin: http://127.0.0.1:" in right
    )


@pytest.mark.parametrize(
    ("sender", "method", "path", "headers", "browser", "proxy"),
    [
        ("page", "TRACE", "/items", "", "NOT SENT", "Nothing: no request was sent."),
        ("stranger", "GET", "/items", "A B: c", "NOT SENT", "Nothing: no request was sent."),
        ("cache", "GET", "/items", "", "EXPLAINED, NOT SENT: blocked", "would refuse: origin-not-allowed"),
        ("cache", "GET", "/items", "A B: c", "is no header", ""),
        ("page", "GET", "/nowhere", "", "READABLE: 404", "Status 404"),
    ],
)
def test_what_is_not_sent(
    page: Chrome, sender: str, method: str, path: str, headers: str, browser: str, proxy: str
) -> None:
    Select(field(page, "from")).select_by_value(sender)
    for name, value in (("method", method), ("path", path), ("headers", headers)):
        field(page, name).clear()
        field(page, name).send_keys(value)
    left, right = sides(page, one(page, "send"))
    assert browser in left and proxy in right, (left, right)
