"""Every way in which a page makes a browser send a request, and what the browser sends for it.

The rows follow Fetch and HTML, and what Chromium and Firefox really send: tests/browser/test_ways.py
compares each row with both."""

import re
from dataclasses import dataclass, field, replace
from typing import Final, Literal

# Whether it carries Origin: https://fetch.spec.whatwg.org/#append-a-request-origin-header
OriginRule = Literal["always", "cross-origin", "never"]
# Which cookies it carries:
#   same-origin   to the page's own origin only (https://fetch.spec.whatwg.org/#concept-request-credentials-mode)
#   embed         all within the site; from other sites those with SameSite=None
#   window        a GET of a whole window: from other sites also those with SameSite=Lax
Cookies = Literal["same-origin", "embed", "window"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A request line and what depends on the way.  `nothing` says why there is no request."""

    method: bytes
    mode: bytes
    destination: bytes
    origin: OriginRule = "never"
    metadata: bool = True  # Sec-Fetch-*
    prefetch: bool = False  # Sec-Purpose
    user: bool = False  # Sec-Fetch-User: the user has clicked
    same_origin_only: bool = False  # the browser sends none to another origin
    nothing: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """`learns` is what a page of another origin learns of the API's response, if it cannot read it;
    `refused` is what it learns of a refusal.  `browsers` has those that send something else."""

    name: str
    code: str
    sent: Sent
    cookies: Cookies
    learns: str
    refused: str
    browsers: dict[str, Sent] = field(default_factory=dict)
    scripted: bool = False  # the page chooses method, headers and credentials


BROWSERS: Final = ("chromium", "firefox")
_FAILS: Final = "only that it failed"
_ERROR: Final = "only an error event"
_FRAMED: Final = "only a load event: the frame shows the refusal"
_SHOWN: Final = "nothing: the new window shows the refusal"
_NOTHING: Final = "nothing"


def _script(name: str, code: str) -> Way:
    sent = Sent(b"GET", b"cors", b"empty", "cross-origin")
    return Way(name, code, sent, "same-origin", _FAILS, _FAILS, scripted=True)


def _cors(name: str, code: str, destination: bytes, chromium_always: bool = False) -> Way:
    sent = Sent(b"GET", b"cors", destination, "cross-origin")
    # Chromium counts Origin among the headers of such a request, to the own origin too
    browsers = {"chromium": replace(sent, origin="always")} if chromium_always else {}
    return Way(name, code, sent, "same-origin", _ERROR, _ERROR, browsers)


def _embed(name: str, code: str, destination: bytes, learns: str) -> Way:
    return Way(name, code, Sent(b"GET", b"no-cors", destination), "embed", learns, _ERROR)


def _frame(name: str, code: str, destination: bytes) -> Way:
    learns = "its load event, and how many frames it has"
    return Way(name, code, Sent(b"GET", b"navigate", destination), "embed", learns, _FRAMED)


def _window(name: str, code: str, learns: str = _NOTHING) -> Way:
    return Way(name, code, Sent(b"GET", b"navigate", b"document", user=True), "window", learns, _SHOWN)


def _post(name: str, code: str, destination: bytes = b"empty") -> Way:
    return Way(name, code, Sent(b"POST", b"no-cors", destination, "always"), "embed", _NOTHING, _NOTHING)


_SOCKET: Final = Sent(b"GET", b"websocket", b"empty", "always")
_PING: Final = _post("ping", "<a ping>")
_WINDOW_OPEN: Final = "how many frames it has, unless Cross-Origin-Opener-Policy cuts the tie"

WAYS: Final = (
    _script("fetch", "fetch()"),
    _script("xhr", "XMLHttpRequest"),
    _embed("image", "<img>", b"image", "whether it is an image, and its size"),
    _embed("script", "<script>", b"script", "what it does: it runs in the page"),
    _cors("module", '<script type="module">', b"script", chromium_always=True),
    _embed("style", '<link rel="stylesheet">', b"style", "what it does to the page"),
    _cors("font", "@font-face", b"font", chromium_always=True),
    _embed("audio", "<audio>", b"audio", "whether it plays, and its length"),
    _embed("video", "<video>", b"video", "whether it plays, its length and its size"),
    Way(
        "track",
        "<track>",
        Sent(b"GET", b"same-origin", b"track", same_origin_only=True),
        "same-origin",
        _ERROR,
        _ERROR,
    ),
    _frame("iframe", "<iframe>", b"iframe"),
    _frame("sandboxed-iframe", "<iframe sandbox>", b"iframe"),
    replace(_frame("object", "<object>", b"object"), refused=_ERROR),
    _frame("embed", "<embed>", b"embed"),
    _window("link", "<a href>"),
    _window("form-get", "<form>"),
    Way(
        "form-post",
        '<form method="post">',
        Sent(b"POST", b"navigate", b"document", "always", user=True),
        "embed",
        _NOTHING,
        _SHOWN,
    ),
    _window("window-open", "window.open()", _WINDOW_OPEN),
    Way(
        "prefetch",
        '<link rel="prefetch">',
        Sent(b"GET", b"no-cors", b"empty", prefetch=True),
        "embed",
        "a load or an error event",
        _ERROR,
    ),
    _embed("preload", '<link rel="preload" as="image">', b"image", "a load or an error event"),
    _post("beacon", "navigator.sendBeacon()"),
    _cors("event-source", "EventSource", b"empty"),
    Way(
        "websocket",
        "WebSocket",
        _SOCKET,
        "embed",
        "every message",
        _ERROR,
        {"chromium": replace(_SOCKET, metadata=False)},
    ),
    _script("service-worker", "fetch() in a service worker of the page's origin"),
    _embed("favicon", '<link rel="icon">', b"image", _NOTHING),
    replace(_PING, browsers={"firefox": replace(_PING.sent, nothing="Firefox sends no pings by default")}),
    replace(_post("csp-report", "Content-Security-Policy: report-uri", b"report"), cookies="same-origin"),
    Way(
        "worker",
        "new Worker()",
        Sent(b"GET", b"same-origin", b"worker", same_origin_only=True),
        "same-origin",
        _ERROR,
        _ERROR,
    ),
)
_BY_LETTERS: Final = {re.sub("[^a-z]", "", way.name): way for way in WAYS}
_OTHER_NAMES: Final = {
    "img": "image",
    "stylesheet": "style",
    "css": "style",
    "modulescript": "module",
    "frame": "iframe",
    "frameinsandbox": "sandboxediframe",
    "sandboxedframe": "sandboxediframe",
    "sandbox": "sandboxediframe",
    "form": "formget",
    "get": "formget",
    "post": "formpost",
    "open": "windowopen",
    "sendbeacon": "beacon",
    "serviceworkerfetch": "serviceworker",
    "icon": "favicon",
    "workerscript": "worker",
    "xmlhttprequest": "xhr",
}


def find_way(text: str) -> Way:
    """The way of a name, in any spelling: `window-open`, `window.open`.

    Raises ValueError."""
    letters = re.sub("[^a-z]", "", text.lower())
    found = _BY_LETTERS.get(_OTHER_NAMES.get(letters, letters))
    if found is None:
        names = ", ".join(way.name for way in WAYS)
        raise ValueError(f"--via: {text!r} is none of all, {names}")
    return found
