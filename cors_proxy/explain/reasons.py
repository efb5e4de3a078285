"""Generates `docs/reasons.md`: what each reason means, and what to do about it.

python -m cors_proxy.explain.reasons > docs/reasons.md
"""

from typing import Final, NamedTuple

from ..cors.reason import Reason


class About(NamedTuple):
    """One row of the page, in Markdown.

    `row` is of the decision table, "" for a fault outside it; `status` is what the client gets.
    """

    row: str
    status: str
    meaning: str
    remedy: str


_API_STATUS: Final = "The API's status"
_NOTHING: Final = "Nothing: the request passed."
_ADD_ORIGIN: Final = "If it should be allowed, add it to `origins` of the route that the log names."

ABOUT: Final[dict[Reason, About]] = {
    Reason.CORS_OFF: About(
        "0", _API_STATUS, "The route has `cors: off`, so the proxy checked nothing.", _NOTHING
    ),
    Reason.PREFLIGHT_ALLOWED: About(
        "2", "`preflight.status`", "The proxy answered the preflight with a grant.", _NOTHING
    ),
    Reason.ORIGIN_ALLOWED: About(
        "3, 5", _API_STATUS, "The origin is in `origins`. The response carries the grant.", _NOTHING
    ),
    Reason.OWN_ORIGIN: About("2, 4", _API_STATUS, "The request comes from the API's own pages.", _NOTHING),
    Reason.ACCEPT_FROM: About(
        "7",
        _API_STATUS,
        "The origin is in `accept_from`: it may send requests, and may not read the response.",
        _NOTHING,
    ),
    Reason.NO_ORIGIN: About(
        "8, 8b, 11", _API_STATUS, "The request has no Origin, and `without_origin` lets it pass.", _NOTHING
    ),
    Reason.CROSS_SITE_REPORTED: About(
        "8b, 11",
        _API_STATUS,
        "Another site made the request. `isolate` would refuse it, but has `report: true`.",
        "Allow it in `isolate`, or remove `report: true` to refuse it.",
    ),
    Reason.AMP_SAME_ORIGIN: About(
        "8, 10", _API_STATUS, "An AMP page of the publisher sent `AMP-Same-Origin: true`.", _NOTHING
    ),
    Reason.AMP_EMAIL_SENDER: About(
        "3b", _API_STATUS, "The sender of the email is in `amp.email.senders`.", _NOTHING
    ),
    Reason.REPEATED_HEADER: About(
        "1",
        "400",
        "The request repeats a header that the decision depends on."
        " Proxy and API could read different values.",
        "Find the client, or the proxy in front, that adds the second line.",
    ),
    Reason.HEADER_BYTES: About(
        "1",
        "400",
        "A header that the decision depends on holds bytes outside printable ASCII.",
        "Browsers never send that. Find the client.",
    ),
    Reason.AMBIGUOUS_PATH: About(
        "1",
        "400",
        "The API could read this path as another one, or as another route's.",
        "Send the path in its normal form. `dangerously_allow` lets encoded slashes, empty segments"
        " or other spellings pass.",
    ),
    Reason.HOST_NOT_ALLOWED: About(
        "421", "421", "The Host is not in `hosts`.", "Add the name to `hosts` if clients may use it."
    ),
    Reason.ORIGIN_NOT_ALLOWED: About("2, 9", "403", "The origin is not in `origins`.", _ADD_ORIGIN),
    Reason.ORIGIN_NULL: About(
        "2, 9",
        "403",
        "The Origin is `null`: a sandboxed frame, a file, a redirect, or `Referrer-Policy: no-referrer`.",
        "Serve the page from an origin. `null` in `origins` would allow every sandboxed frame.",
    ),
    Reason.ORIGIN_MALFORMED: About(
        "2, 3b, 9",
        "403",
        "No browser sends such an Origin: a list, a path, upper case, a default port.",
        "Correct the client. The log shows the Origin.",
    ),
    Reason.ORIGIN_LOOKS_OWN: About(
        "2, 9",
        "403",
        "The origin looks like the API's own, and nothing in the policy says so.",
        "Set `self_origins` (or `hosts`).",
    ),
    Reason.METHOD_NOT_ALLOWED: About(
        "2, 2b, 3, 6",
        "`preflight.status`, or 403",
        "The origin is allowed, the method is not. The page can read the reason.",
        "Add the method to `methods` of that route.",
    ),
    Reason.HEADER_NOT_ALLOWED: About(
        "2, 2b",
        "`preflight.status`",
        "The origin is allowed, but a request header that the page sets is not.",
        "Add the header to `headers` of that route. `*` does not cover Authorization and headers"
        " that change method or path.",
    ),
    Reason.REQUEST_HEADERS_MALFORMED: About(
        "2",
        "403",
        "Access-Control-Request-Headers is not a list of names, or is too long.",
        "Browsers never send that. Find the client.",
    ),
    Reason.REQUEST_METHOD_MALFORMED: About(
        "2",
        "403",
        "Access-Control-Request-Method is not a method.",
        "Browsers never send that. Find the client.",
    ),
    Reason.PRIVATE_NETWORK: About(
        "2",
        "403",
        "A page of a public network sends a request to a private network.",
        "Set `private_network: true` on that route.",
    ),
    Reason.MISSING_ORIGIN: About(
        "8, 8b, 11",
        "403",
        "The request has no Origin, and the route has `without_origin: deny`.",
        "Send Origin, or change `without_origin`.",
    ),
    Reason.CROSS_SITE: About(
        "8b, 11",
        "403",
        "A page of another site sent a request that changes something, without Origin; or any request,"
        " under `isolate` (fetch metadata).",
        "Add its origin to `accept_from` if that site may send forms to the API, or what it embeds to"
        " `isolate`.",
    ),
    Reason.AMP_SAME_ORIGIN_MISSING: About(
        "8, 10",
        "403",
        "A request to an AMP route has neither Origin nor `AMP-Same-Origin: true`.",
        "Call the route from an AMP page.",
    ),
    Reason.AMP_SOURCE_ORIGIN: About(
        "2c",
        "403",
        "`__amp_source_origin` is not the publisher.",
        "Correct `amp.publisher`, or the page that sends the request.",
    ),
    Reason.AMP_SENDER_NOT_ALLOWED: About(
        "3b", "403", "The sender of the email is not in `amp.email.senders`.", "Add the sender."
    ),
    Reason.WEBSOCKET_DENIED: About(
        "3b, 12", "403", "The route has `websocket: deny`.", "Set `websocket: allow` on that route."
    ),
    Reason.ASK_NOT_TRUSTED: About(
        "",
        "403",
        "An ask of the decision listener came from an address that is not in `decide.trust`.",
        "Add the engine's address to `decide.trust`, and let nobody else reach this listener.",
    ),
    Reason.ASK_MALFORMED: About(
        "",
        "400",
        "With `dialect: forwarded` an ask lacks one of the headers that describe the request, or has it"
        " twice.",
        "Let the engine set each of them, and replace what the client sent. `error.detail` names it.",
    ),
    Reason.WEBSOCKET_BODY: About(
        "12",
        "400",
        "A WebSocket handshake announces a body. Proxy and API could disagree"
        " whether a body or frames follow.",
        "Correct the client.",
    ),
    Reason.MALFORMED_REQUEST: About(
        "",
        "400",
        "The bytes are not a valid HTTP/1.1 request. `error.detail` says what is wrong.",
        "Correct the client, or the proxy between.",
    ),
    Reason.MALFORMED_BODY: About(
        "", "400", "The chunks or the trailers of the body are malformed.", "Correct the client."
    ),
    Reason.VERSION_NOT_SUPPORTED: About(
        "",
        "505",
        "The request is neither HTTP/1.0 nor HTTP/1.1.",
        "Put a server in front that translates HTTP/2.",
    ),
    Reason.METHOD_NOT_SUPPORTED: About(
        "", "405", "The method is CONNECT or TRACE.", "Nothing: the proxy never forwards them."
    ),
    Reason.ASTERISK_FORM: About("", "400", "The request is `OPTIONS *`.", "Name a path."),
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
        "Raise the limit, if possible for that route only.",
    ),
    Reason.REQUEST_TIMEOUT: About(
        "",
        "408",
        "The head or the body did not arrive in time (`request_header`, `body_idle`).",
        "Check the client's network.",
    ),
    Reason.BODY_TOO_SLOW: About(
        "",
        "408",
        "The body came slower than `limits.minimum_rate` while it held a connection to the API.",
        "Lower the rate for that route if such uploads are intended.",
    ),
    Reason.EXPECTATION_FAILED: About(
        "", "417", "Expect has a value other than `100-continue`.", "Correct the client."
    ),
    Reason.CLIENT_GONE: About(
        "", "none", "The client left before the response was complete.", "Nothing, if it is rare."
    ),
    Reason.CLIENT_STALLED: About(
        "",
        "none",
        "The client read nothing of the response for `write_idle`.",
        "Nothing, if it is rare.",
    ),
    Reason.INTERNAL_ERROR: About(
        "", "none", "A bug in the proxy. The event `internal-error` has its trace.", "Report it."
    ),
    Reason.UPSTREAM_UNREACHABLE: About(
        "",
        "502",
        "The proxy cannot connect to the API.",
        "Read `error.detail` in the access log. Is the API running, and is `upstream` its address?",
    ),
    Reason.UPSTREAM_BUSY: About(
        "",
        "503",
        "All `upstream_connections` were in use for as long as `timeouts.connect`.",
        "Find out why the API is slow, or raise the limit.",
    ),
    Reason.UPSTREAM_TIMEOUT: About(
        "",
        "504",
        "The API did not accept a connection, or did not answer in time.",
        "Raise `connect`, `response` or `response_idle` for that route, or correct the API.",
    ),
    Reason.UPSTREAM_INVALID: About(
        "",
        "502",
        "The response of the API is malformed or ambiguous HTTP.",
        "`error.detail` says what is wrong.",
    ),
    Reason.UPSTREAM_BROKE_OFF: About(
        "",
        "502, or a truncated response",
        "The API closed the connection before its response was complete.",
        "Read the API's log. Is its keep-alive shorter than `upstream_keep_alive`?",
    ),
}

HEAD: Final = """# Reasons

Each decision and each fault has one reason. The access log has it (`cors.reason`, `error.type`),
and so have the metrics, the body of an error, and `explain`. Row is the row of the
[decision table](decision-table.md); a fault outside it has none.

This page is generated: `python -m cors_proxy.explain.reasons > docs/reasons.md`.

| reason | row | status | what it means | what to do |
|--|--|--|--|--|
"""


def reference() -> str:
    """The page."""
    rows = (" | ".join((f"| `{reason.value}`", *about)) + " |\n" for reason, about in ABOUT.items())
    return HEAD + "".join(rows)


if __name__ == "__main__":
    print(reference(), end="")
