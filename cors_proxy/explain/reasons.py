"""`docs/reasons.md`: what each reason means, and what to do about it.

python -m cors_proxy.explain.reasons > docs/reasons.md
"""

from typing import Final, NamedTuple

from ..cors.reason import Reason


class About(NamedTuple):
    """`row`: of the decision table, "" for what happens outside it; `status`: what the client gets."""

    row: str
    status: str
    meaning: str
    remedy: str


_UPSTREAM: Final = "The API's status"
_NOTHING: Final = "None: it passed."
_ROUTE_LIST: Final = "If it should be allowed, add it to `origins` of the route that the log names."

ABOUT: Final[dict[Reason, About]] = {
    Reason.CORS_OFF: About("0", _UPSTREAM, "The route has `cors: off`. Nothing was judged.", _NOTHING),
    Reason.PREFLIGHT_ALLOWED: About(
        "2", "`preflight.status`", "The preflight was answered with a grant.", _NOTHING
    ),
    Reason.ORIGIN_ALLOWED: About(
        "3, 5", _UPSTREAM, "The origin is in `origins`. The answer carries the grant.", _NOTHING
    ),
    Reason.OWN_ORIGIN: About("4", _UPSTREAM, "The request comes from the API's own pages.", _NOTHING),
    Reason.ACCEPT_FROM: About(
        "7", _UPSTREAM, "The origin may send here, and may not read the answer.", _NOTHING
    ),
    Reason.NO_ORIGIN: About(
        "8, 11", _UPSTREAM, "The request has no Origin, and `without_origin` lets it pass.", _NOTHING
    ),
    Reason.AMP_SAME_ORIGIN: About(
        "10", _UPSTREAM, "An AMP page of the publisher sent `AMP-Same-Origin: true`.", _NOTHING
    ),
    Reason.AMP_EMAIL_SENDER: About(
        "3b", _UPSTREAM, "The e-mail's sender is in `amp.email.senders`.", _NOTHING
    ),
    Reason.REPEATED_HEADER: About(
        "1",
        "400",
        "A header that decides stands there twice: proxy and API could read different ones.",
        "Look for the client or the proxy in front that adds a second line.",
    ),
    Reason.HEADER_BYTES: About(
        "1",
        "400",
        "A header that decides holds bytes outside printable ASCII.",
        "Browsers never send that. Look for the client.",
    ),
    Reason.AMBIGUOUS_PATH: About(
        "1",
        "400",
        "The API could read this path as another one, or as another route's.",
        "Send the path in its plain form. `dangerously_allow` opens encoded slashes, empty segments or other spellings, on a route.",
    ),
    Reason.HOST_NOT_ALLOWED: About(
        "1", "421", "Host is not in `hosts`.", "Add the name to `hosts`, if clients may use it."
    ),
    Reason.ORIGIN_NOT_ALLOWED: About("2, 9", "403", "The origin is not in `origins`.", _ROUTE_LIST),
    Reason.ORIGIN_NULL: About(
        "2, 9",
        "403",
        "Origin is `null`: a sandboxed frame, a file, a redirect, or `Referrer-Policy: no-referrer`.",
        "Serve the page from an origin. `null` in `origins` lets every sandbox in.",
    ),
    Reason.ORIGIN_MALFORMED: About(
        "2, 9",
        "403",
        "Origin is not one that a browser sends: a list, a path, upper case, a default port.",
        "Correct the client. The log shows what it sent.",
    ),
    Reason.ORIGIN_LOOKS_OWN: About(
        "9",
        "403",
        "The origin looks like the API's own, and nothing in the policy says so.",
        "Set `self_origins` (or `hosts`).",
    ),
    Reason.METHOD_NOT_ALLOWED: About(
        "2, 6",
        "`preflight.status`, or 403",
        "The origin is allowed, the method is not. The page can read why.",
        "Add the method to `methods` of that route.",
    ),
    Reason.HEADER_NOT_ALLOWED: About(
        "2",
        "`preflight.status`",
        "The origin is allowed, a request header that the page sets is not.",
        "Add the header to `headers` of that route. Authorization and headers that change method or path are never part of `*`.",
    ),
    Reason.REQUEST_HEADERS_MALFORMED: About(
        "2",
        "403",
        "Access-Control-Request-Headers is not a list of names, or is too long.",
        "Browsers never send that. Look for the client.",
    ),
    Reason.REQUEST_METHOD_MALFORMED: About(
        "2",
        "403",
        "Access-Control-Request-Method is not a method.",
        "Browsers never send that. Look for the client.",
    ),
    Reason.PRIVATE_NETWORK: About(
        "2",
        "403",
        "The page asks from a public network for a private one.",
        "Set `private_network: true` on that route.",
    ),
    Reason.MISSING_ORIGIN: About(
        "11",
        "403",
        "The request has no Origin, and the route has `without_origin: deny`.",
        "Send Origin, or change `without_origin`.",
    ),
    Reason.CROSS_SITE: About(
        "11",
        "403",
        "Another site's page sent a request that changes something, without Origin (fetch metadata).",
        "If the site may send forms here, add its origin to `accept_from`.",
    ),
    Reason.AMP_SAME_ORIGIN_MISSING: About(
        "10",
        "403",
        "An AMP route got a request without Origin and without `AMP-Same-Origin: true`.",
        "Call it from an AMP page.",
    ),
    Reason.AMP_SOURCE_ORIGIN: About(
        "2c",
        "403",
        "`__amp_source_origin` is not the publisher.",
        "Correct `amp.publisher`, or the page that calls.",
    ),
    Reason.AMP_SENDER_NOT_ALLOWED: About(
        "3b", "403", "The e-mail's sender is not in `amp.email.senders`.", "Add the sender."
    ),
    Reason.WEBSOCKET_DENIED: About(
        "12", "403", "The route has `websocket: deny`.", "Set `websocket: allow` on that route."
    ),
    Reason.WEBSOCKET_BODY: About(
        "12",
        "400",
        "A WebSocket handshake announces a body: one reader sees a body, another frames.",
        "Correct the client.",
    ),
    Reason.MALFORMED_REQUEST: About(
        "",
        "400",
        "The bytes are no sound HTTP/1.1 request. `error.detail` says what is wrong with them.",
        "Correct the client, or what stands in between.",
    ),
    Reason.MALFORMED_BODY: About(
        "", "400", "The chunks or the trailers of the body are broken.", "Correct the client."
    ),
    Reason.VERSION_NOT_SUPPORTED: About(
        "", "505", "The request is neither HTTP/1.0 nor HTTP/1.1.", "Speak HTTP/2 to something in front."
    ),
    Reason.METHOD_NOT_SUPPORTED: About("", "405", "CONNECT or TRACE.", "None: neither is ever carried."),
    Reason.ASTERISK_FORM: About("", "400", "`OPTIONS *`.", "Ask for a path."),
    Reason.HEAD_TOO_LARGE: About(
        "",
        "431",
        "The head is larger than `limits.header_bytes`, or has more lines than `limits.header_count`.",
        "Send fewer cookies, or raise the limit.",
    ),
    Reason.BODY_TOO_LARGE: About(
        "",
        "413",
        "The body is larger than `limits.body_bytes`.",
        "Raise the limit, for that route alone if it can be.",
    ),
    Reason.REQUEST_TIMEOUT: About(
        "",
        "408",
        "The head or the body stopped coming (`request_header`, `body_idle`).",
        "Look at the client's network.",
    ),
    Reason.BODY_TOO_SLOW: About(
        "",
        "408",
        "The body came slower than `limits.minimum_rate` while it held a place at the API.",
        "Lower the rate for that route, if such uploads are meant.",
    ),
    Reason.EXPECTATION_FAILED: About(
        "", "417", "Expect is something else than `100-continue`.", "Correct the client."
    ),
    Reason.CLIENT_GONE: About(
        "", "none", "The client left before the answer was whole.", "None, if it happens now and then."
    ),
    Reason.CLIENT_STALLED: About(
        "",
        "none",
        "The client took nothing of the answer for `write_idle`.",
        "None, if it happens now and then.",
    ),
    Reason.INTERNAL_ERROR: About(
        "", "none", "A bug in the proxy. The event `internal-error` has its trace.", "Report it."
    ),
    Reason.UPSTREAM_UNREACHABLE: About(
        "", "502", "No connection to the API could be made.", "Is it running, and is `upstream` its address?"
    ),
    Reason.UPSTREAM_BUSY: About(
        "",
        "503",
        "All `upstream_connections` were taken for as long as `timeouts.connect`.",
        "Look at what the API does so long, or raise the limit.",
    ),
    Reason.UPSTREAM_TIMEOUT: About(
        "",
        "504",
        "The API did not accept a connection, or did not answer in time.",
        "Raise `connect`, `response` or `response_idle` for that route, or mend the API.",
    ),
    Reason.UPSTREAM_INVALID: About(
        "", "502", "The API's answer is no HTTP that has one reading.", "Mend the API."
    ),
    Reason.UPSTREAM_BROKE_OFF: About(
        "",
        "502, or a cut answer",
        "The API ended the connection before its answer was whole.",
        "Look at the API's log. Is its keep-alive shorter than `upstream_keep_alive`?",
    ),
}

HEAD: Final = """# Reasons

Each decision and each fault has one reason. It stands in the access log (`cors.reason`, `error.type`), in the metrics,
in the body of an error, and in what `explain` says. Row is the row of the decision table: 1 ambiguous, 2 preflight, 3 AMP,
4 own origin, 5 and 6 allowed, 7 `accept_from`, 8 `null` from the own site, 9 foreign, 10 and 11 no Origin, 12 WebSocket.

This page is generated from the code.

| reason | row | status | what it means | what to do |
|--|--|--|--|--|
"""


def reference() -> str:
    rows = (" | ".join((f"| `{reason.value}`", *about)) + " |\n" for reason, about in ABOUT.items())
    return HEAD + "".join(rows)


if __name__ == "__main__":
    print(reference(), end="")
