"""The demo in a real browser: what its page was allowed is what the policy says, and what was
refused never reached the API."""

import urllib.request
from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.console import console
from tests.demo import Demo, running

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running() as demo:
        yield demo


@pytest.fixture(scope="module")
def shown(chromium: Chrome, demo: Demo) -> dict[str, tuple[str, str]]:
    """What the page and the stranger's frame in it show: `{case: (verdict, result)}`."""
    chromium.get(f"{demo.page}/")
    WebDriverWait(chromium, 30).until(
        lambda c: c.find_element(By.TAG_NAME, "body").get_dom_attribute("data-done")
    )
    cases = read(chromium, "")
    cases["before"] = ("", chromium.find_element(By.ID, "before").text)
    cases["after"] = ("", chromium.find_element(By.ID, "after").text)
    cases["summary"] = ("", chromium.find_element(By.ID, "summary").text)
    chromium.switch_to.frame("frame")
    cases |= read(chromium, "stranger-")
    chromium.switch_to.default_content()
    return cases


def read(chromium: Chrome, prefix: str) -> dict[str, tuple[str, str]]:
    return {
        prefix + str(item.get_dom_attribute("id")).removeprefix("case-"): (
            str(item.get_dom_attribute("data-verdict")),
            item.find_element(By.CLASS_NAME, "result").text,
        )
        for item in chromium.find_elements(By.CSS_SELECTOR, "#cases li")
    }


@pytest.mark.parametrize(
    ("case", "verdict", "result"),
    [
        ("get", "allowed", '200 [{"id": 1'),
        ("exposed", "allowed", "X-Total-Count: 3, X-Internal-Note: null"),
        ("put", "allowed", '200 {"id": "2", "saved": true, "session": "demo"}'),
        ("delete", "blocked", "TypeError: Failed to fetch"),
        ("header", "blocked", "TypeError: Failed to fetch"),
        ("public", "allowed", "200"),
        ("stranger-get", "blocked", "TypeError: Failed to fetch"),
        ("stranger-post", "blocked", "TypeError: Failed to fetch"),
        ("stranger-public", "allowed", "200"),
    ],
)
def test_what_the_browser_allowed(
    shown: dict[str, tuple[str, str]], case: str, verdict: str, result: str
) -> None:
    assert shown[case][0] == verdict and shown[case][1].startswith(result)


def test_a_refused_request_never_reached_the_api(shown: dict[str, tuple[str, str]]) -> None:
    assert shown["before"][1] == shown["after"][1] != "–"
    assert shown["summary"][1] == "9 of 9 calls ended as the policy says"


def test_the_proxy_counted_what_the_browser_saw(shown: dict[str, tuple[str, str]], demo: Demo) -> None:
    with urllib.request.urlopen(f"{demo.admin}/metrics", timeout=10) as got:
        text = got.read().decode()
    for reason, count in (("origin-not-allowed", 2), ("method-not-allowed", 1), ("header-not-allowed", 1)):
        lines = [
            line
            for line in text.splitlines()
            if line.startswith("cors_proxy_decisions_total") and f'reason="{reason}"' in line
        ]
        assert sum(float(line.rpartition(" ")[2]) for line in lines) == count, text


def test_again_and_the_pages_own_rules(
    chromium: Chrome, demo: Demo, shown: dict[str, tuple[str, str]]
) -> None:
    before = demo.reached()
    console(chromium)
    chromium.find_element(By.ID, "again").click()
    WebDriverWait(chromium, 30).until(
        lambda c: c.find_element(By.TAG_NAME, "body").get_dom_attribute("data-done") == "9"
    )
    assert demo.reached() > before
    messages = console(chromium)
    assert any("CORS" in message for message in messages)  # what was refused
    assert not any("Content Security Policy" in message for message in messages)
    assert chromium.find_element(By.ID, "text").text.splitlines()[0] == "version: 1"
