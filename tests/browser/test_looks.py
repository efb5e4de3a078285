"""Both pages in Chromium: axe finds nothing, nothing moves on its own, and everything fits."""

from collections.abc import Callable, Iterator

import pytest
from selenium.webdriver import Chrome

from tests.browser.drivers import ChromiumDriver, violations
from tests.browser.pictures import admin, playground, screen, traffic, until
from tests.demo import Demo, running

pytestmark = pytest.mark.browser

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
    for (const each of list.getEntries()) {
        window.shifts.push([each.value, ...each.sources.map((source) => source.node?.id || source.node?.nodeName)].join(" "));
    }
}).observe({type: "layout-shift", buffered: true});
"""

Show = Callable[[Chrome, Demo], None]


def method(page: Chrome, demo: Demo) -> None:
    playground(page, demo, "method")


def first_exchange(page: Chrome, demo: Demo) -> None:
    page.get(f"{demo.page}/playground")
    until(page, "document.body.dataset.ready")


def first_view(page: Chrome, demo: Demo) -> None:
    page.get(f"{demo.admin}/")
    until(page, "document.getElementById('state').textContent === 'live'")


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running() as demo:
        yield demo


@pytest.fixture
def page(chromium: Chrome) -> Iterator[Chrome]:
    yield chromium
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    chromium.get("about:blank")


@pytest.mark.parametrize("show", [first_view, admin, first_exchange, method])
def test_axe_finds_nothing(page: Chrome, demo: Demo, show: Show) -> None:
    screen(page, 400, 1000, "light")
    show(page, demo)
    page.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    assert violations(ChromiumDriver(page)) == []
    screen(page, 1280, 1000, "dark")
    assert violations(ChromiumDriver(page)) == []


@pytest.mark.parametrize("show", [admin, method])
@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_moves_on_its_own(page: Chrome, demo: Demo, show: Show, width: int) -> None:
    screen(page, width, 1000, "light")
    added = page.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": SHIFTS})
    try:
        show(page, demo)
        if show is admin:
            page.execute_script("document.activeElement.blur(); scrollTo(0, 0)")
            before = page.execute_script("return document.getElementById('stream').innerText")
            traffic(demo)
            page.execute_script("window.before = arguments[0]", before)
            until(page, "document.getElementById('stream').innerText !== window.before")
        # Two frames later, what moved was reported.
        page.execute_async_script(
            "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(arguments[0])))"
        )
        assert page.execute_script("return window.shifts") == []
    finally:
        page.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


@pytest.mark.parametrize("show", [admin, method])
def test_it_fits(page: Chrome, demo: Demo, show: Show) -> None:
    screen(page, 400, 1000, "light")
    show(page, demo)
    page.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    for width in (400, 480, 640, 768, 1000, 1120, 1280, 1600):
        screen(page, width, 1000, "light")
        # The drawing is made again for the new width.
        until(
            page,
            "Math.abs(document.querySelector('.exchange svg').getAttribute('width') - document.querySelector('.exchange').clientWidth) < 1",
        )
        assert page.execute_script("return document.documentElement.scrollWidth") <= width, width


def test_on_paper_all_is_open_and_dark_on_light(page: Chrome, demo: Demo) -> None:
    screen(page, 1280, 1000, "dark")
    admin(page, demo)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    closed = "return document.querySelectorAll('.messages details:not([open])').length"
    assert page.execute_script(closed) == 0
    back, form = page.execute_script(
        "return [getComputedStyle(document.documentElement).backgroundColor,"
        " getComputedStyle(document.getElementById('question')).display]"
    )
    assert (back, form) == ("rgb(255, 255, 255)", "none")
    page.execute_script("dispatchEvent(new Event('afterprint'))")
    assert page.execute_script(closed) > 0
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
