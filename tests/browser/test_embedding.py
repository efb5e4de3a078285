"""The policies of docs/embedding.md do in both browsers what it says."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.browser.conftest import NAMES
from tests.browser.consoles import ChromiumConsole, Console
from tests.browser.pages import Server, certificate, proxy, serving
from tests.browser.ways import SCRIPTS
from tests.processes import until
from tests.transcripts import Document

pytestmark = pytest.mark.browser

API, _, OTHER = NAMES
NOBODY, WIDGET, ASSETS, STORAGE = Document("docs/embedding.md").blocks("yaml")
# The title tells when the page has loaded all images and scripts or failed to
LOADS = """
const e = document.createElement(arguments[0]);
e.onload = () => document.title = arguments[2] + ' loaded';
e.onerror = () => document.title = arguments[2] + ' failed';
if (arguments[0] === 'script') e.type = 'module';
e.src = arguments[1];
document.body.append(e);
"""


class World:
    """An API behind a proxy, and a page of another site."""

    def __init__(self, stack: ExitStack, folder: Path, policy: str) -> None:
        secure, tls, self.authority = certificate(folder)
        self.api = Server()
        api = stack.enter_context(serving(self.api))
        self.page = f"https://{OTHER}:{stack.enter_context(serving(Server(secure)))}"
        text = policy.replace("http://localhost:3000", f"http://127.0.0.1:{api}")
        text = text.replace("https://shop.example", self.page)
        assert text.count(str(api)) == 1
        port = stack.enter_context(proxy(folder / "proxy", text + tls))
        self.url = f"https://{API}:{port}"
        self.log = folder / "proxy" / "log"

    def open(self, console: Console, page: str = "/page/") -> None:
        console.trust(self.authority)
        console.get(self.page + page)

    def ask(self, console: Console, way: str, path: str) -> None:
        """Until the proxy has decided."""
        console.run(f"const u = arguments[0]; {SCRIPTS[way]}", self.url + path)
        until(lambda: f'"{path}"' in self.log.read_text(), path)

    def load(self, console: Console, element: str, path: str) -> str:
        console.run(LOADS, element, self.url + path, path)
        until(lambda: str(console.run("return document.title")).startswith(path), path)
        return str(console.run("return document.title")).removeprefix(path + " ")


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(stack, tmp_path, request.param)


@pytest.mark.parametrize("world", [NOBODY], indirect=True)
def test_nobody_embeds_and_links_work(console: Console, world: World) -> None:
    world.open(console)
    assert world.load(console, "img", "/a.svg") == "failed"
    world.ask(console, "iframe", "/frame")
    world.ask(console, "link", "/link")
    console.close_others()
    assert set(world.api.arrived) == {"/link"}


@pytest.mark.parametrize("world", [WIDGET], indirect=True)
def test_images_and_a_widget(console: Console, world: World) -> None:
    world.open(console)
    assert world.load(console, "img", "/images/a.svg") == "loaded"
    assert world.load(console, "img", "/widget/a.svg") == "failed"
    world.ask(console, "iframe", "/widget/frame")
    world.ask(console, "iframe", "/images/frame")
    # A page with COEP embeds what has CORP
    world.open(console, "/page/isolated")
    assert world.load(console, "img", "/images/b.svg") == "loaded"
    assert set(world.api.arrived) == {"/images/a.svg", "/widget/frame", "/images/b.svg"}


@pytest.mark.parametrize("world", [ASSETS], indirect=True)
def test_fonts_and_modules_have_an_origin(console: Console, world: World) -> None:
    world.open(console)
    assert world.load(console, "script", "/assets/m.js") == "loaded"
    assert world.load(console, "script", "/m.js") == "failed"
    world.ask(console, "font", "/assets/font")
    world.ask(console, "font", "/font")
    assert set(world.api.arrived) == {"/assets/m.js", "/assets/font"}


@pytest.mark.parametrize("way", ["iframe", "image"])
@pytest.mark.parametrize("world", [STORAGE], indirect=True)
def test_an_embed_gets_its_cookies_by_the_second_request(chromium: Chrome, world: World, way: str) -> None:
    """Chromium alone: Firefox says `inactive` and does not ask again.

    The second request is judged by the Origin that Chromium leaves in it, and a browser that leaves
    it out by `without_origin`."""
    console = ChromiumConsole(chromium)
    console.get(f"{world.url}/cookie")
    console.allow_storage(world.page, world.url)
    world.open(console)
    world.ask(console, way, "/embed")
    until(lambda: len(world.api.arrived["/embed"]) == 2, "two requests")
    (_, first), (_, second) = world.api.arrived["/embed"]
    names = ("Origin", "Cookie", "Sec-Fetch-Storage-Access")
    assert [first[name] for name in names] == [world.page, None, "inactive"]
    assert [second[name] for name in names] == [world.page, "user=7", "active"]
