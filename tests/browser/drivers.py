"""A page in either browser, used in one way: by scripts that read it, by the mouse and by real keys."""

import importlib.util
import json
from pathlib import Path
from typing import Any, Protocol

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.firefox import Firefox

# https://www.w3.org/TR/webdriver2/#keyboard-actions
TAB, SHIFT, CONTROL, ENTER, SPACE = "\ue004", "\ue008", "\ue009", "\ue007", " "


class Driver(Protocol):
    def get(self, url: str) -> None: ...

    def run(self, script: str, *args: object) -> Any:
        """What the script returns in the page."""

    def until(self, condition: str) -> Any:
        """Waits until the expression is true of the page."""

    def click(self, css: str) -> None: ...

    def press(self, key: str, held: str = "") -> None:
        """A key on whatever has the focus, while `held` is down."""


class ChromiumDriver:
    def __init__(self, chromium: Chrome) -> None:
        self.chromium = chromium

    def get(self, url: str) -> None:
        self.chromium.get(url)

    def run(self, script: str, *args: object) -> Any:
        return self.chromium.execute_script(script, *args)

    def until(self, condition: str) -> Any:
        wait = WebDriverWait(self.chromium, 30, poll_frequency=0.02)
        return wait.until(lambda _: self.run(f"return {condition}"))

    def click(self, css: str) -> None:
        self.chromium.find_element(By.CSS_SELECTOR, css).click()

    def press(self, key: str, held: str = "") -> None:
        actions = ActionChains(self.chromium)
        if held:
            actions.key_down(held)
        actions.send_keys(key)
        if held:
            actions.key_up(held)
        actions.perform()


class FirefoxDriver:
    def __init__(self, fox: Firefox) -> None:
        self.fox = fox
        self.get, self.run = fox.get, fox.run

    def until(self, condition: str) -> Any:
        return self.fox.until(condition)

    def click(self, css: str) -> None:
        self.fox.click(css)

    def press(self, key: str, held: str = "") -> None:
        pressed = [held, key] if held else [key]
        actions = [{"type": "keyDown", "value": each} for each in pressed]
        actions += [{"type": "keyUp", "value": each} for each in reversed(pressed)]
        self.fox.command(
            "WebDriver:PerformActions", actions=[{"type": "key", "id": "keys", "actions": actions}]
        )


def described(driver: Driver) -> str:
    """What has the focus, and whether one sees that: its outline."""
    found = driver.run(
        "const e = document.activeElement, style = getComputedStyle(e);"
        "return [e.id || e.name || e.textContent.trim().slice(0, 40), style.outlineStyle, parseFloat(style.outlineWidth)]"
    )
    name, style, width = found
    assert name == "" or (style != "none" and width >= 2), found
    return str(name)


# The package only carries axe-core's file: importing it would need Playwright.
_AXE_PACKAGE = importlib.util.find_spec("axe_playwright_python")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(driver: Driver) -> list[Any]:
    """What axe-core finds in the page: each rule with the elements that break it."""
    if _AXE_PACKAGE is None or _AXE_PACKAGE.origin is None:
        pytest.fail("axe-core is missing. Run: make axe", pytrace=False)
    axe = Path(_AXE_PACKAGE.origin).with_name("axe.min.js").read_text("utf-8")
    # The result goes into the document: the two drivers wait for promises in different ways.
    driver.run(
        "delete document.body.dataset.axe;"
        f"{axe};"
        "axe.run(document, arguments[0]).then(({ violations }) => { document.body.dataset.axe = JSON.stringify("
        "violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html.slice(0, 200))])); });",
        RULES,
    )
    found: list[Any] = json.loads(driver.until("document.body.dataset.axe"))
    return found
