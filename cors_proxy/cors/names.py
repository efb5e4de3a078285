"""Methods and header names: which exist, which a page cannot send, which the proxy can carry.

Names of headers are in lower case."""

from typing import Final

from .byte_set import byte_set, within

# RFC 9110 §5.6.2
TCHAR: Final = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TOKEN: Final = byte_set(TCHAR)
PRINTABLE: Final = byte_set(bytes(range(0x20, 0x7F)))

# https://fetch.spec.whatwg.org/#cors-safelisted-method
SAFELISTED_METHODS: Final = frozenset({b"GET", b"HEAD", b"POST"})
# RFC 9110 §9.2.1, as Go's CrossOriginProtection counts them
SAFE_METHODS: Final = frozenset({b"GET", b"HEAD", b"OPTIONS"})
# https://fetch.spec.whatwg.org/#forbidden-method
FORBIDDEN_METHODS: Final = frozenset({"CONNECT", "TRACE", "TRACK"})
# The methods that llhttp reads, without the forbidden ones.  A preflight must not allow any other:
# the request behind it could not be carried
METHODS: Final = frozenset(
    {
        "ACL", "BIND", "CHECKOUT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK", "M-SEARCH", "MERGE",
        "MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE", "NOTIFY", "OPTIONS", "PATCH", "POST", "PROPFIND",
        "PROPPATCH", "PURGE", "PUT", "QUERY", "REBIND", "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE", "UNBIND",
        "UNLINK", "UNLOCK", "UNSUBSCRIBE",
    }
)  # fmt: skip
CARRIED: Final = frozenset(method.encode("ascii") for method in METHODS)

# Fields for one connection (RFC 9110 §7.6.1), and Trailer: the fields that it announces are
# dropped.
HOP_BY_HOP: Final = frozenset(
    b"connection keep-alive proxy-connection te trailer transfer-encoding upgrade".split()
)

AMP_SAME_ORIGIN: Final = b"amp-same-origin"
# https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
AUTHORIZATION: Final = b"authorization"
# What `headers: "*"` does not cover: the standard's one; names that frameworks take the path or the
# method from, so that they serve another request than the one that was judged; and the star itself,
# which would be any name in an answer
UNCOVERED: Final = frozenset(
    (
        AUTHORIZATION,
        b"x-original-url",
        b"x-rewrite-url",
        b"x-http-method-override",
        b"x-http-method",
        b"x-method-override",
        b"*",
    )
)

# https://fetch.spec.whatwg.org/#forbidden-request-header
FORBIDDEN_HEADERS: Final = frozenset(
    b"accept-charset accept-encoding access-control-request-headers access-control-request-method"
    b" access-control-request-private-network connection content-length cookie cookie2 date dnt expect"
    b" host keep-alive origin referer set-cookie te trailer transfer-encoding upgrade via".split()
)
# https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name: readable without being
# exposed
READABLE_ANYWAY: Final = frozenset(
    b"cache-control content-language content-length content-type expires last-modified pragma".split()
)
# https://fetch.spec.whatwg.org/#forbidden-response-header-name: never readable
UNREADABLE: Final = frozenset((b"set-cookie", b"set-cookie2"))


def is_token(value: bytes) -> bool:
    """RFC 9110 §5.6.2: one or more tchar."""
    return value != b"" and within(value, _TOKEN)


def forbidden_header(name: bytes) -> bool:
    """Whether no page can set this request header (`name` in lower case).

    https://fetch.spec.whatwg.org/#forbidden-request-header"""
    return name in FORBIDDEN_HEADERS or name.startswith((b"proxy-", b"sec-"))


def grantable_header(name: bytes) -> bool:
    """Whether a preflight may ever allow this request header (`name` in lower case).

    AMP-Same-Origin proves a same-origin page only while no other page can send it."""
    return name != AMP_SAME_ORIGIN and not name.startswith(b"access-control-") and not forbidden_header(name)
