"""Random requests, near the borders of the policies in `policies`."""

from cors_proxy.cors.request import Request, read
from tests.change.policies import Dice

ORIGINS = [
    "https://app.example.com", "https://b.example.com", "http://localhost:3000", "https://api.example.com", "https://zz.example.com",
    "https://x.y.example.com", "https://x.a.example.com", "https://evil.a.example.com", "https://pr-1.example.com",
    "https://pr-a-x.example.com", "https://pr-ax.example.com", "https://pr-abx.example.com", "https://q-x.example.com",
    "https://pr-.example.com", "https://-x.example.com", "https://pr-q_1.example.com", "https://pr-ab.example.com", "https://ba-x.example.com",
    "https://app.example.com:8443", "https://app.example.com:9", "https://zz.example.com:8443", "https://zz.example.com:9",
    "https://pr-1.example.com:8443", "https://pr-1.x.example.com", "https://example.com", "https://a.example.com", "http://app.example.com",
    "http://localhost", "http://localhost:9", "capacitor://localhost", "capacitor://x", "moz-extension://abc", "moz-extension://abc:1",
    "null",
    "https://evil.example", "https://app.example.com.evil.example", "https://app.example.com.", "https://APP.example.com",
    "https://app.example.com/", "", "*", "https://*.example.com", "https://shop.example", "https://b.example",
    "https://shop-example.cdn.ampproject.org", "https://b-example-com.cdn.ampproject.org", "https://shop-example.www.bing-amp.com",
    "https://app.example.com https://b.example.com", "https://127.0.0.1", "https://localhost", "https://zz.example.com:8444",
    "https://a.tenant.invalid", "https://x.a.tenant.invalid", "https://x.a.tenant.invalid:8443", "https://b.tenant.invalid:8443",
    "https://b.tenant.invalid", "https://pr-1.b.tenant.invalid", "https://pr-.b.tenant.invalid", "https://api.example.com:8443",
    "https://both.tenant.invalid", "https://both.tenant.invalid", "https://x.tenant.invalid", "https://a.b.tenant.invalid",
]  # fmt: skip
HOSTS = ["api.example.com", "API.example.com", "zz.example.com", "api.example.com:8443", "api.example.com:1", "b.example", "x.b.example",
    "a.example.com", "x.a.example.com", "localhost", "127.0.0.1",
    "other.example", "app.example.com", "pr-1.example.com", "shop.example"]  # fmt: skip
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "LOCK"]
ASKED = [*METHODS, "get", "FOO", "TRACE", "a b", ""]
NAMES = ["content-type", "authorization", "x-a", "x-b", "x-c", "x-http-method-override", "x-original-url", "*", "cookie", "sec-x",
    "access-control-x", "amp-same-origin"]  # fmt: skip
SEGMENTS = ["api", "API", "users", "Users", "x", "X", "a@b", "a%40b", "A%40b", "pub", "caf%C3%A9", "caf%c3%a9", "CAF%C3%89", "me", "%61pi",
    "api.",
    "api%20", "api;x", "users;y", "", ";z", "..", "api%2Fusers", "api%2fx", "%2e", "...", "users%2F", "pub%2F%2F"]  # fmt: skip
SITES = ["same-origin", "none", "same-site", "cross-site", "odd"]
MODES = ["navigate", "no-cors", "cors", "same-origin"]
DESTS = ["document", "empty", "image", "script", "iframe", "frame", "video", "object", "font"]
SENDERS = [
    "news@shop.example",
    "x@shop.example",
    "a@b.example",
    "x@b.example",
    "x@evil.example",
    "*@shop.example",
    "news@SHOP.example",
]
SOURCES = [
    "https://shop.example",
    "https%3A%2F%2Fshop.example",
    "https://b.example.com",
    "https://evil.example",
    *SENDERS,
]


def request(dice: Dice) -> Request:
    """A request that the edge could pass on."""
    target = "/" + "/".join(
        dice.choice(SEGMENTS[:6] if dice.maybe(0.6) else SEGMENTS) for _ in range(dice.randint(1, 3))
    )
    if dice.maybe(0.15):
        target += "?a=1&__amp_source_origin=" + dice.choice(SOURCES)
        if dice.maybe(0.1):
            target += "&__amp_source_origin=" + dice.choice(SOURCES)
    host = dice.choice(HOSTS[:3] if dice.maybe(0.5) else HOSTS)
    lines: list[tuple[str, str]] = [("Host", host)]
    method = dice.choice(METHODS)
    if dice.maybe(0.75):
        lines.append(
            (
                "Origin",
                dice.choice(("https://", "http://")) + host if dice.maybe(0.1) else dice.choice(ORIGINS),
            )
        )
    if dice.maybe(0.3):
        method = "OPTIONS"
        lines.append(("Access-Control-Request-Method", dice.choice(ASKED)))
        if dice.maybe(0.6):
            lines.append(("Access-Control-Request-Headers", ", ".join(dice.some(NAMES, 3))))
        if dice.maybe(0.1):
            lines.append(("Access-Control-Request-Headers", dice.choice(["x y", "", "X-A"])))
        if dice.maybe(0.2):
            lines.append(("Access-Control-Request-Private-Network", dice.choice(["true", "false"])))
    for name, values, likely in (
        ("Sec-Fetch-Site", SITES, 0.6),
        ("Sec-Fetch-Mode", MODES, 0.5),
        ("Sec-Fetch-Dest", DESTS, 0.5),
        ("Sec-Purpose", ["prefetch"], 0.1),
        ("Sec-Fetch-Storage-Access", ["inactive", "inactive", "active", "none"], 0.25),
        ("Upgrade", ["websocket", "h2c", "WebSocket, x"], 0.12),
        ("AMP-Same-Origin", ["true", "false"], 0.12),
        ("AMP-Email-Sender", SENDERS, 0.08),
        ("Cookie", ["a=b"], 0.3),
    ):
        if dice.maybe(likely):
            lines.append((name, dice.choice(values)))
            if dice.maybe(0.01):
                lines.append((name, dice.choice(values)))
    return read(method.encode(), target.encode(), [(name.encode(), value.encode()) for name, value in lines])
