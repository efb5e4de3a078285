"""The admin page in a real browser: every control does what it says, and what hostile clients send
stays text."""

import http.client
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.browser.console import console

pytestmark = pytest.mark.browser

POLICY = """version: 1
listen: 127.0.0.1:0
admin: 127.0.0.1:0
upstream: http://127.0.0.1:{api}
cors:
  origins:
    - https://app.example
  methods: [GET, HEAD, POST]
routes:
  - name: trial
    path: /trial/**
    mode: report
server: {{workers: {workers}, access_log: "off"}}
"""
HOSTILE = "https://<img src=x onerror=document.title='owned'>"


class Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_OPTIONS = do_GET

    def log_message(self, format: str, *args: object) -> None: ...


class Proxy:
    def __init__(self, listen: str, admin: str) -> None:
        self.address, self.admin = urlsplit(listen).netloc, admin

    def ask(self, origin: str | None, path: str = "/r", method: str = "GET", **headers: str) -> None:
        connection = http.client.HTTPConnection(self.address, timeout=20)
        connection.request(method, path, headers=headers | ({} if origin is None else {"Origin": origin}))
        connection.getresponse().read()
        connection.close()


@pytest.fixture(scope="module", params=[1, 2], ids=["one worker", "two workers"])
def proxy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    api = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=api.serve_forever)
    thread.start()
    folder = tmp_path_factory.mktemp("page")
    (folder / "policy.yaml").write_text(POLICY.format(api=api.server_address[1], workers=request.param))
    command = [sys.executable, "-m", "cors_proxy", "run", "-c", "policy.yaml"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stderr is not None
        for line in process.stderr:
            event = json.loads(line)
            if event["event.name"] == "listening":
                break
        yield Proxy(event["listen"][0], event["admin"][0])
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
        assert process.wait(20) == 0
    api.shutdown()
    api.server_close()
    thread.join(20)


@pytest.fixture
def page(chromium: Chrome, proxy: Proxy) -> Iterator[Chrome]:
    console(chromium)
    chromium.get(proxy.admin + "/")
    until(
        chromium,
        lambda: one(chromium, "state").text == "live" and "(default)" in one(chromium, "by-route").text,
    )
    one(chromium, "show-live").click()
    yield chromium
    chromium.get("about:blank")
    said = console(chromium)
    assert not [
        message for message in said if "Content Security Policy" in message or "Uncaught" in message
    ], said


def one(page: Chrome, id: str) -> WebElement:
    return page.find_element(By.ID, id)


def until(page: Chrome, condition: object) -> None:
    WebDriverWait(page, 30, poll_frequency=0.05).until(lambda _: condition())  # type: ignore[operator]


def table(page: Chrome, id: str) -> list[list[str]]:
    """The cells of each row, read at one moment: the page replaces its rows."""
    script = (
        "return [...document.querySelectorAll('#' + arguments[0] + ' tr:not(.none)')].map((row) => "
        "[...row.cells].map((cell) => cell.innerText))"
    )
    found: list[list[str]] = page.execute_script(script, id)
    return found


def rows(page: Chrome) -> list[str]:
    return [" ".join(cells) for cells in table(page, "stream")]


def set_field(page: Chrome, name: str, value: str) -> None:
    field = page.find_element(By.NAME, name)
    field.clear()
    field.send_keys(value)


def traffic(page: Chrome, proxy: Proxy) -> None:
    proxy.ask("https://app.example")
    proxy.ask("https://evil.example")
    proxy.ask(HOSTILE)
    proxy.ask("https://evil.example", "/trial/x?token=secret")
    proxy.ask("https://app.example", method="OPTIONS", **{"Access-Control-Request-Method": "DELETE"})
    proxy.ask(None, method="POST", **{"Sec-Fetch-Site": "cross-site"})
    until(page, lambda: len(rows(page)) == 6)


def test_the_stream_and_its_filters(page: Chrome, proxy: Proxy) -> None:
    traffic(page, proxy)
    text = one(page, "stream").text
    assert HOSTILE in text and "secret" not in text
    assert page.title == "cors-proxy" and not page.find_elements(By.TAG_NAME, "img")
    assert one(page, "stream-summary").text == "6 of 6 decisions"
    Select(one(page, "by-route")).select_by_visible_text("trial")
    until(page, lambda: len(rows(page)) == 1)
    assert "refuse (let pass)" in rows(page)[0]
    Select(one(page, "by-route")).select_by_visible_text("all")
    one(page, "by-origin").send_keys("evil")
    until(page, lambda: len(rows(page)) == 2)
    one(page, "by-passed").click()
    until(page, lambda: len(rows(page)) == 1)
    one(page, "by-passed").click()
    one(page, "by-origin").clear()
    one(page, "by-origin").send_keys(Keys.SPACE, Keys.BACKSPACE)
    Select(one(page, "by-decision")).select_by_visible_text("refuse")
    until(page, lambda: len(rows(page)) == 5)
    Select(one(page, "by-decision")).select_by_visible_text("all")
    one(page, "clear").click()
    until(page, lambda: not rows(page))
    one(page, "pause").click()
    assert one(page, "pause").get_dom_attribute("aria-pressed") == "true"
    proxy.ask("https://paused.example")
    proxy.ask("https://app.example", "/trial/y")
    until(page, lambda: one(page, "stream-summary").text == "0 of 0 decisions; 2 came during the pause")
    assert "paused.example" not in one(page, "stream").text
    one(page, "pause").click()
    proxy.ask("https://after.example")
    until(page, lambda: any("https://after.example" in row for row in rows(page)))
    assert not any("paused" in row for row in rows(page))


def test_every_decision_can_be_asked_about(page: Chrome, proxy: Proxy) -> None:
    traffic(page, proxy)
    for row in page.find_elements(By.CSS_SELECTOR, "#stream tr"):
        reason = row.find_elements(By.TAG_NAME, "td")[5].text.split(" ")[0]
        button = row.find_element(By.TAG_NAME, "button")
        page.execute_script("document.getElementById('answer').replaceChildren()")
        page.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()
        until(page, lambda: page.find_elements(By.CSS_SELECTOR, "#answer svg"))
        assert "The stream says" not in one(page, "answer").text, reason
    assert page.switch_to.active_element.get_dom_attribute("name") == "origin"
    assert not page.find_elements(By.TAG_NAME, "img")


def test_the_form_by_keyboard_alone(page: Chrome) -> None:
    page.find_element(By.NAME, "origin").send_keys("https://evil.example", Keys.TAB)
    page.switch_to.active_element.send_keys(Keys.CONTROL, "a")
    page.switch_to.active_element.send_keys("DELETE", Keys.TAB)
    page.switch_to.active_element.send_keys(Keys.CONTROL, "a")
    page.switch_to.active_element.send_keys("https://api.example/r", Keys.TAB)
    page.switch_to.active_element.send_keys("X-Foo\nX-Bar: <b>", Keys.TAB)
    page.switch_to.active_element.send_keys(Keys.SPACE, Keys.TAB)
    page.switch_to.active_element.send_keys(Keys.SPACE, Keys.TAB)
    page.switch_to.active_element.send_keys(Keys.ENTER)
    until(page, lambda: "BLOCKED" in one(page, "answer").text)
    page.execute_script("for (const each of document.querySelectorAll('#answer details')) each.open = true")
    text = one(page, "answer").text
    for words in (
        "policy.yaml:6: origins:", "+    - https://evil.example", "+  methods: [GET, HEAD, POST, DELETE]",
        "+  headers: [X-Bar, X-Foo]",
        "+  credentials: true", "Danger:", "PreflightMissingAllowOriginHeader",
        "the upload has a listener",
    ):  # fmt: skip
        assert words in text


@pytest.mark.parametrize(
    ("origin", "where", "headers", "words"),
    [
        ("https://app.example", "/r", "", "ALLOWED"),
        ("", "/r", "", "ALLOWED"),
        (HOSTILE, "/r", "", "no browser sends such an Origin"),
        ("https://app.example", "/trial/x", "", "UNJUDGED"),
        ("https://app.example", "r", "", "neither a path"),
        ("https://app.example", "/r", "A B", "is no header"),
    ],
)
def test_answers(page: Chrome, origin: str, where: str, headers: str, words: str) -> None:
    for name, value in (("origin", origin), ("where", where), ("headers", headers)):
        set_field(page, name, value)
    page.find_element(By.CSS_SELECTOR, "#question button").click()
    until(page, lambda: words in one(page, "answer").text)


def test_counters_and_the_policy(page: Chrome, proxy: Proxy) -> None:
    proxy.ask("https://evil.example", "/trial/x")
    until(
        page,
        lambda: "trial" in one(page, "reported").text and "origin-not-allowed" in one(page, "reasons").text,
    )
    until(page, lambda: rows(page))  # what comes late would be seen by the next page
    assert page.find_elements(By.CSS_SELECTOR, "#counters svg.timeline")
    assert "up" in one(page, "upstreams").text and "127.0.0.1" in one(page, "upstreams").text
    assert "requests in flight" in one(page, "load").text
    assert "- https://app.example" in one(page, "policy-text").text
    page.find_element(By.CSS_SELECTOR, "#as-data summary").click()
    assert '"https://app.example"' in one(page, "effective").text
    page.execute_script("document.getElementById('policy-text').replaceChildren()")
    one(page, "refresh").click()
    until(page, lambda: "- https://app.example" in one(page, "policy-text").text)


def test_the_last_refusals(page: Chrome, proxy: Proxy) -> None:
    traffic(page, proxy)
    one(page, "show-refusals").click()
    found = rows(page)
    assert len(found) >= 5 and all("refuse" in row for row in found)
    chromium_says = "return document.getElementById('by-decision').disabled"
    assert page.execute_script(chromium_says)
    proxy.ask("https://another.example")
    until(page, lambda: "https://another.example" in rows(page)[0])


def test_the_table_keeps_still_for_the_focus(page: Chrome, proxy: Proxy) -> None:
    traffic(page, proxy)
    page.execute_script("document.querySelector('#stream button').focus()")
    first = rows(page)[0]
    proxy.ask("https://another.example")
    until(page, lambda: "newer ones come" in one(page, "stream-summary").text)
    assert rows(page)[0] == first
    assert page.execute_script("return document.activeElement.textContent") == "Why?"
    page.execute_script("document.activeElement.blur()")
    until(page, lambda: "https://another.example" in rows(page)[0])


def test_the_proposal_is_text(page: Chrome, proxy: Proxy) -> None:
    proxy.ask(HOSTILE, "/trial/x")
    proxy.ask("https://hostile.example", "/trial/<img>?token=secret")
    one(page, "propose-now").click()
    until(page, lambda: "https://hostile.example" in one(page, "proposal").text)
    text = one(page, "proposal").text
    assert "Left out, for you to confirm" in text and "secret" not in text
    assert not page.find_elements(By.CSS_SELECTOR, "#proposal img") and page.title == "cors-proxy"
    assert one(page, "proposal").find_element(By.CSS_SELECTOR, "button.copy").text == "Copy proposal"
