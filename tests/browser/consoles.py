"""What the fetches of a page get, and what the console says, asked of both browsers in one way."""

import re
from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import urlsplit

from selenium.webdriver import Chrome

from cors_proxy.explain.messages import Message
from tests.browser.console import console
from tests.browser.firefox import Firefox

# The last one goes after all others have ended.
FETCHES = """
const [asks, done] = arguments;
const one = ([url, init]) => fetch(url, init).then((got) => got.status, () => 0);
(async () => {
    const last = asks.pop(), statuses = await Promise.all(asks.map(one));
    done([...statuses, await one(last)]);
})();
"""


SOCKET = """
const [url, done] = arguments, socket = new WebSocket(url);
socket.onopen = () => done("open");
socket.onerror = () => done("failed");
"""


@dataclass(frozen=True)
class Ask:
    """A fetch. Each has a URL of its own: the console names the request by its URL alone."""

    url: str
    method: str
    headers: dict[str, str]
    credentials: bool

    def script(self) -> tuple[str, dict[str, object]]:
        credentials = "include" if self.credentials else "omit"
        return self.url, {"method": self.method, "headers": self.headers, "credentials": credentials}


# The status that script sees, 0 where it sees none; and the lines of the console.
Got = tuple[int, list[str]]


class ChromiumConsole:
    name = "chromium"

    def __init__(self, chromium: Chrome) -> None:
        self.chromium = chromium
        self.get, self.run = chromium.get, chromium.execute_script

    def fetches(self, page: str, asks: list[Ask]) -> list[Got]:
        self.chromium.get(page)
        console(self.chromium)  # what earlier pages wrote
        statuses = self.chromium.execute_async_script(FETCHES, [ask.script() for ask in asks])
        said = defaultdict(list)
        # A message comes before its promise is rejected.
        for message in console(self.chromium):
            if found := re.search(r"Access to fetch at '([^']+)'.* blocked by CORS policy.*", message):
                said[found[1]].append(found[0])
        return [(status, said[ask.url]) for status, ask in zip(statuses, asks, strict=True)]

    def trust(self, authority: bytes) -> None:
        """It takes every certificate."""

    def close_others(self) -> None:
        first = self.chromium.current_window_handle
        for each in self.chromium.window_handles:
            if each != first:
                self.chromium.switch_to.window(each)
                self.chromium.close()
        self.chromium.switch_to.window(first)

    def socket(self, page: str, url: str) -> list[str]:
        """What the console says of a WebSocket that fails."""
        self.chromium.get(page)
        console(self.chromium)
        assert self.chromium.execute_async_script(SOCKET, url) == "failed"
        said = (re.search("WebSocket connection to .*", message) for message in console(self.chromium))
        return [found[0] for found in said if found]

    def allow_storage(self, page: str, embedded: str) -> None:
        """As if the user had allowed the other site its cookies in this page, once it asks for them."""
        granted = {"permission": {"name": "storage-access"}, "setting": "granted"}
        origins = {"origin": page, "embeddedOrigin": embedded}
        self.chromium.execute_cdp_cmd("Browser.setPermission", granted | origins)

    def told(self, messages: list[Message]) -> list[str]:
        """Lines as they stand in what `fetches` returns."""
        return [each.text for each in messages if each.browser == self.name]


class FirefoxConsole:
    """Each line begins with the message's category."""

    name = "firefox"

    def __init__(self, fox: Firefox) -> None:
        self.fox = fox
        self.get, self.run = fox.get, fox.run
        self.trust, self.close_others = fox.trust, fox.close_others

    def fetches(self, page: str, asks: list[Ask]) -> list[Got]:
        """The page's own server must grant nothing to other origins."""
        self.fox.get(page)
        # A message may come after its promise is rejected. It comes from the parent process (a
        # preflight's check) or from the page's ("did not succeed"); each process keeps its order.
        # So a last preflight fails: its second line is there when all lines before it are.
        last = Ask(f"http://last.localhost:{urlsplit(page).port}/", "PUT", {}, False)
        statuses = self.fox.run_async(FETCHES, [ask.script() for ask in [*asks, last]])
        said = defaultdict(list)
        for each in self.fox.said(f"{last.url}. (Reason: CORS request did not succeed"):
            if found := re.search(r" remote resource at ‘?(\S+?)’?\. \(Reason: ", each.text):
                said[found[1]].append(f"{each.category}: {each.text}")
        assert len(said[last.url]) == 2
        return [(status, said[ask.url]) for status, ask in zip(statuses[:-1], asks, strict=True)]

    def socket(self, page: str, url: str) -> list[str]:
        self.fox.get(page)
        assert self.fox.run_async(SOCKET, url) == "failed"
        return [each.text for each in self.fox.said(f" {url}.") if each.category == "Web Socket"]

    def allow_storage(self, page: str, embedded: str) -> None:
        self.fox.allow(page, "3rdPartyFrameStorage^" + embedded.rpartition(":")[0])

    def told(self, messages: list[Message]) -> list[str]:
        return [f"{each.name}: {each.text}" for each in messages if each.browser == self.name]


Console = ChromiumConsole | FirefoxConsole
