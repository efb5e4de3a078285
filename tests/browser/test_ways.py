"""Every way of a page in both browsers, from pages of the same origin, the same site and another site,
over HTTPS and on localhost, under four policies: what is allowed reaches the API, what is refused
does not, and `explain --via` says so in every cell."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cors_proxy.explain.matrix import POLICIES, policy_text
from cors_proxy.explain.question import parse_question
from cors_proxy.explain.via import Request, explain_via
from cors_proxy.explain.ways import WAYS
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy
from tests.browser.conftest import NAMES
from tests.browser.consoles import Console
from tests.browser.pages import Server, certificate, proxy, serving
from tests.browser.ways import SCRIPTS
from tests.processes import until

pytestmark = pytest.mark.browser

API, SAME_SITE, OTHER = NAMES
TOLD = ("Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Purpose")
WINDOWS = ("link", "form-get", "form-post", "window-open")  # hide the page, and media wait until it shows
LAST = ("favicon",)  # a page has one at a time


class Setup:
    """Proxies over HTTPS and HTTP in front of one API, and servers of foreign pages."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        secure, tls, self.authority = certificate(folder)
        self.api = Server()
        text = policy_text(f"http://127.0.0.1:{stack.enter_context(serving(self.api))}")
        self.policy: Policy = parse_policy(text, "policy.yaml", "")[0]
        self.logs = [folder / name / "log" for name in ("https", "http")]
        self.allowed: set[str] = set()
        https, http = (
            stack.enter_context(proxy(folder / name, more))
            for name, more in (("https", text + tls), ("http", text))
        )
        foreign = stack.enter_context(serving(Server(secure)))
        plain = stack.enter_context(serving(Server()))
        # By name: the API, and a page
        self.pages = {
            "https same-origin": (f"https://{API}:{https}", f"https://{API}:{https}"),
            "https same-site": (f"https://{API}:{https}", f"https://{SAME_SITE}:{foreign}"),
            "https cross-site": (f"https://{API}:{https}", f"https://{OTHER}:{foreign}"),
            "localhost same-origin": (f"http://localhost:{http}", f"http://localhost:{http}"),
            "localhost same-site": (f"http://localhost:{http}", f"http://localhost:{plain}"),
            "localhost cross-site": (f"http://localhost:{http}", f"http://127.0.0.1:{plain}"),
        }

    def seen(self) -> set[str]:
        """The paths that came to a proxy, refused ones too."""
        lines = b"".join(log.read_bytes() for log in self.logs).splitlines(keepends=True)
        return {str(json.loads(line)["url.path"]) for line in lines if line.endswith(b"\n")}


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    with ExitStack() as stack:
        yield Setup(stack, tmp_path_factory.mktemp("ways"))


def expected(setup: Setup, browser: str, page: str, api: str, run: str) -> dict[str, Request]:
    """What `explain --via` says, by path."""
    found = {}
    for name in POLICIES:
        for way in WAYS:
            path = f"/{name}/{run}/{way.name}"
            via = explain_via(setup.policy, way, parse_question(setup.policy, api + path, page))
            (found[path],) = (each for each in via.requests if browser in each.browsers)
    return found


@pytest.mark.parametrize("kind", ["same-origin", "same-site", "cross-site"])
@pytest.mark.parametrize("scheme", ["https", "localhost"])
def test_every_way(console: Console, setup: Setup, scheme: str, kind: str) -> None:
    console.trust(setup.authority)
    api, page = setup.pages[f"{scheme} {kind}"]
    run = f"{console.name}-{scheme}-{kind}"
    wanted = expected(setup, console.name, page, api, run)
    setup.allowed |= {path for path, request in wanted.items() if request.reaches_api}
    sent = {path for path, request in wanted.items() if request.exchange is not None}

    def ask(names: list[str], policies: list[str]) -> None:
        paths = [f"/{name}/{run}/{way}" for name in policies for way in names]
        script = "".join(
            f"{{ const u = {json.dumps(api + path)}; {SCRIPTS[path.rpartition('/')[2]]} }}" for path in paths
        )
        console.run(script)
        due = sent & set(paths)
        until(lambda: due <= setup.seen(), f"{due - setup.seen()}")

    console.get(f"{page}/page/")
    ask([way for way in SCRIPTS if way not in (*WINDOWS, *LAST)], list(POLICIES))
    ask(list(WINDOWS), list(POLICIES))
    console.close_others()
    for name in POLICIES:
        ask(list(LAST), [name])
    mine = {path for path in setup.seen() if f"/{run}/" in path}
    assert mine == sent
    until(lambda: setup.allowed <= setup.api.arrived.keys(), "the API gets all that is allowed")
    assert {path for path in setup.api.arrived if f"/{run}/" in path} == setup.allowed & mine
    for path in setup.allowed & mine:
        exchange = wanted[path].exchange
        assert exchange is not None
        lines = {name.decode(): value.decode() for name, value in exchange.request_lines}
        for method, headers in setup.api.arrived[path]:
            assert method == exchange.request.method.decode(), path
            assert [headers[name] for name in TOLD] == [lines.get(name) for name in TOLD], path


def test_nothing_came_late(setup: Setup) -> None:
    """Runs last: no refused request has reached the API since."""
    arrived = {path for path in setup.api.arrived if path.split("/")[1] in POLICIES}
    assert arrived == setup.allowed
