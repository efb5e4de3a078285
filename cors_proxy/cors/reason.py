"""Why a request was answered, refused or forwarded: the words of log, metrics, problem bodies and
`explain`.  docs/reasons.md explains each."""

from enum import Enum


class Reason(Enum):
    """One member for each way in which an exchange is decided or ends; the value is what users
    see."""

    # forwarded or answered
    CORS_OFF = "cors-off"
    PREFLIGHT_ALLOWED = "preflight-allowed"
    ORIGIN_ALLOWED = "origin-allowed"
    OWN_ORIGIN = "own-origin"
    ACCEPT_FROM = "accept-from"
    NO_ORIGIN = "no-origin"
    CROSS_SITE_REPORTED = "cross-site-reported"
    AMP_SAME_ORIGIN = "amp-same-origin"
    AMP_EMAIL_SENDER = "amp-email-sender"

    # row 1: ambiguous, 400; and 421
    REPEATED_HEADER = "repeated-header"
    HEADER_BYTES = "header-bytes"
    AMBIGUOUS_PATH = "ambiguous-path"
    HOST_NOT_ALLOWED = "host-not-allowed"

    # refused by the policy, 403
    ORIGIN_NOT_ALLOWED = "origin-not-allowed"
    ORIGIN_NULL = "origin-null"
    ORIGIN_MALFORMED = "origin-malformed"
    ORIGIN_LOOKS_OWN = (
        "origin-looks-own"  # not allowed, but equals Host or came with Sec-Fetch-Site: same-origin
    )
    METHOD_NOT_ALLOWED = "method-not-allowed"
    HEADER_NOT_ALLOWED = "header-not-allowed"
    REQUEST_HEADERS_MALFORMED = "request-headers-malformed"
    REQUEST_METHOD_MALFORMED = "request-method-malformed"
    PRIVATE_NETWORK = "private-network-not-allowed"
    MISSING_ORIGIN = "missing-origin"
    CROSS_SITE = "cross-site"
    AMP_SAME_ORIGIN_MISSING = "amp-same-origin-missing"
    AMP_SOURCE_ORIGIN = "amp-source-origin-not-allowed"
    AMP_SENDER_NOT_ALLOWED = "amp-sender-not-allowed"
    WEBSOCKET_DENIED = "websocket-denied"

    # refused by the decision listener
    ASK_NOT_TRUSTED = "ask-not-trusted"
    ASK_MALFORMED = "ask-malformed"

    # refused by the edge
    WEBSOCKET_BODY = "websocket-with-body"
    MALFORMED_REQUEST = "malformed-request"
    MALFORMED_BODY = "malformed-body"
    VERSION_NOT_SUPPORTED = "version-not-supported"
    METHOD_NOT_SUPPORTED = "method-not-supported"
    ASTERISK_FORM = "asterisk-form"
    HEAD_TOO_LARGE = "head-too-large"
    BODY_TOO_LARGE = "body-too-large"
    REQUEST_TIMEOUT = "request-timeout"
    BODY_TOO_SLOW = "body-too-slow"
    EXPECTATION_FAILED = "expectation-failed"
    CLIENT_GONE = "client-gone"
    CLIENT_STALLED = "client-stalled"
    INTERNAL_ERROR = "internal-error"

    # faults of the upstream
    UPSTREAM_UNREACHABLE = "upstream-unreachable"
    UPSTREAM_BUSY = "upstream-busy"
    UPSTREAM_TIMEOUT = "upstream-timeout"
    UPSTREAM_INVALID = "upstream-invalid"
    UPSTREAM_BROKE_OFF = "upstream-broke-off"
