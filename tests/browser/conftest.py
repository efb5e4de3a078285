"""Debian's browsers, headless, each with a profile of its own.

Where one is missing these tests fail: they are never skipped."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from tests.browser.consoles import ChromiumConsole, Console, FirefoxConsole
from tests.browser.firefox import Firefox, firefox

# Over HTTPS: an API, a page of its site, and a page of another site
NAMES = ("api.shop.test", "www.shop.test", "other.test")
# A name that is neither localhost nor HTTPS: here browsers send no Sec-Fetch-* headers.
PLAIN = "plain.test"
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-dev-shm-usage"
    " --disable-background-networking --disable-component-update --disable-sync --window-size=1280,1000"
    f" --host-resolver-rules=MAP|{PLAIN}|127.0.0.1,MAP|*.shop.test|127.0.0.1,MAP|other.test|127.0.0.1"
    # Of `authority` below.  It has no way to take one for a single profile.
    " --ignore-certificate-errors"
)


def command(name: str) -> str:
    """Its path."""
    path = shutil.which(name)
    if path is None:
        packages = "chromium chromium-driver firefox-esr"
        pytest.fail(
            f"{name} is missing. Run .ci/install-browsers, or: sudo apt-get install {packages}", pytrace=False
        )
    return path


@contextmanager
def chrome(profile: Path) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = command("chromium")
    for flag in (*FLAGS.split(), f"--user-data-dir={profile}"):
        options.add_argument(flag.replace("|", " "))
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=Service(command("chromedriver")))
    driver.set_page_load_timeout(30)
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chrome(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture(scope="session")
def fox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(
        command("firefox-esr"), tmp_path_factory.mktemp("firefox"), ",".join((PLAIN, *NAMES))
    ) as driver:
        yield driver


@pytest.fixture(scope="session", params=["chromium", "firefox"])
def console(request: pytest.FixtureRequest) -> Console:
    if request.param == "chromium":
        return ChromiumConsole(request.getfixturevalue("chromium"))
    return FirefoxConsole(request.getfixturevalue("fox"))
