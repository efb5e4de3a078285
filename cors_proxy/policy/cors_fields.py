"""The keys of `cors` and `amp`."""

from typing import get_args

from ..cors.literals import (
    Embed,
    PreflightList,
    PreflightRefusal,
    ResourcePolicy,
    SourceOrigin,
    StorageAccess,
    WithoutOrigin,
)
from ..cors.spec import AmpSpec, CorsSpec, Isolation
from . import schema_patterns
from .addresses import parse_domain, parse_sender
from .isolation import parse_embed
from .mappings import Field, MappingOf, ScalarOr
from .origins import OriginList
from .scalars import DAY, join_choices, parse_whole_seconds, show_duration
from .tokens import parse_method_or_any, parse_request_header, parse_response_header
from .types import ListOf, Scalar, one_of
from .values import BOOLEAN, DURATION_PATTERN, EMPTY_LIST, HEADERS, integer

_DEFAULTS = CorsSpec()
_ISOLATION = Isolation()
STAR_METHODS = ("GET", "HEAD")  # the default beside `origins: "*"`
CREDENTIALS = str(_DEFAULTS.credentials).lower()
PREFLIGHT_STATUS = str(_DEFAULTS.preflight_status)
PREFLIGHT_LIST = _DEFAULTS.preflight_list
PREFLIGHT_REFUSAL = _DEFAULTS.preflight_refusal

ISOLATE = MappingOf(
    (
        Field(
            "navigate",
            one_of("allow", "deny"),
            f"`{'allow' if _ISOLATION.navigate else 'deny'}`",
            "Whether links of other sites lead here: a GET or HEAD with `Sec-Fetch-Mode: navigate` in a"
            " whole window. A prefetch is refused.",
        ),
        Field(
            "same_site",
            one_of("allow", "deny"),
            f"`{'allow' if _ISOLATION.same_site else 'deny'}`",
            "Whether pages of the same site count as the API's own. Unsafe methods are refused anyway.",
        ),
        Field(
            "embed",
            ListOf(
                Scalar(
                    parse_embed,
                    join_choices(tuple(f"`{word}`" for word in get_args(Embed))),
                    {"enum": list(get_args(Embed))},
                ),
                "a list of destinations such as [image, script]",
                empty="would allow nothing, which is the default",
            ),
            "none",
            "What pages of other sites may embed, by `Sec-Fetch-Dest`. Fonts, module scripts and"
            " manifests carry Origin: list the origin in `origins` instead.",
        ),
        Field(
            "report",
            BOOLEAN,
            str(_ISOLATION.report).lower(),
            "Only count and log what `isolate` would refuse (`cross-site-reported`). The rule of"
            " `fetch-metadata` holds all the same.",
        ),
    ),
    "a mapping such as {navigate: deny}",
)

ISOLATE_FORM = MappingOf(
    (Field("isolate", ISOLATE, "{embed: [image]}", "What `isolate` lets pass.", required=True),),
    "a mapping such as {isolate: {embed: [image]}}",
)

PREFLIGHT = MappingOf(
    (
        Field("status", integer(200, 299), PREFLIGHT_STATUS, "The status of an allowed preflight."),
        Field(
            "list",
            one_of(*get_args(PreflightList)),
            f"`{PREFLIGHT_LIST}`",
            "What the response to a preflight lists: `asked` lists what was asked for, and so discloses"
            ' little; `full` lists everything that is allowed, and so saves preflights. Under `"*"`,'
            " `full` also lists what was asked for.",
        ),
        Field(
            "refusal",
            one_of(*get_args(PreflightRefusal)),
            f"`{PREFLIGHT_REFUSAL}`",
            "What an allowed origin gets if it asks for a method or header that is not allowed."
            " `readable`: `CORS-Proxy-Reason` and `status`, with what is allowed and without what is not,"
            " so that the browser's console names it. `bare`: 403 without a reason, also under"
            " `server.debug`. The browser does not send the request itself in either case. Other origins"
            " always get 403.",
        ),
    ),
    "a mapping such as {status: 204, list: asked, refusal: readable}",
)

CORS = MappingOf(
    (
        Field(
            "origins",
            OriginList('`"*"`, or a list of origins and patterns', star=True, sources=True, empty=EMPTY_LIST),
            "nobody",
            'Who may read responses: `"*"`, or a list of origins, patterns, `null`, `{file: path}`,'
            " `{env: NAME}` and `{url: …}`. A file has one entry per line; blank lines and lines that begin"
            " with `#` are ignored. A variable has commas or white space between its entries, and is read"
            " at the start. Behind a URL is a list that the proxy fetches again and again.",
        ),
        Field(
            "accept_from",
            OriginList("a list of origins and patterns", sources=True),
            "none",
            "Origins and patterns, with the same mappings as in `origins`, that may send requests but never"
            " read responses, such as a `form_post` from a login page or a return from a payment page. Their"
            " requests are forwarded, with any method, and get no CORS headers. Their preflights and"
            " WebSockets are refused.",
        ),
        Field(
            "methods",
            ListOf(
                Scalar(parse_method_or_any, "methods", schema_patterns.METHOD_OR_ANY),
                "a list of methods",
                empty="would allow no request",
            ),
            f'{", ".join(_DEFAULTS.methods or ())}; under `origins: "*"` {", ".join(STAR_METHODS)}',
            "All methods that are allowed, for preflights and for every request with an Origin."
            ' `"*"` is every method that the proxy can forward.',
        ),
        Field(
            "headers",
            ListOf(Scalar(parse_request_header, "header names", schema_patterns.REQUEST_HEADER), HEADERS),
            "none",
            'Request headers that are allowed beside the safelisted ones. `"*"` allows any, except those'
            " that must be listed by name: `Authorization`; and those by which frameworks change the path"
            " or method after the proxy's decision: `X-Original-URL`, `X-Rewrite-URL`,"
            " `X-HTTP-Method-Override`, `X-HTTP-Method`, `X-Method-Override`.",
        ),
        Field(
            "expose",
            ListOf(Scalar(parse_response_header, "header names", schema_patterns.RESPONSE_HEADER), HEADERS),
            "none",
            'Response headers that a page may read. `"*"` is all; with credentials, the proxy lists the'
            " names of each response instead, because browsers then ignore `*`.",
        ),
        Field("credentials", BOOLEAN, CREDENTIALS, "Whether pages may send cookies and HTTP authentication."),
        Field(
            "max_age",
            Scalar(
                lambda text: parse_whole_seconds(text, 0, DAY),
                "a duration such as 30s, 10m or 2h, up to 24h",
                {
                    "anyOf": [
                        {"type": "integer", "minimum": 0, "maximum": DAY},
                        {"type": "string", "pattern": DURATION_PATTERN},
                    ]
                },
            ),
            show_duration(_DEFAULTS.max_age),
            "How long a browser may cache the response to a preflight, up to 24h; 0 sends"
            " `Access-Control-Max-Age: 0`.",
        ),
        Field(
            "preflight",
            PREFLIGHT,
            f"{{status: {PREFLIGHT_STATUS}, list: {PREFLIGHT_LIST}, refusal: {PREFLIGHT_REFUSAL}}}",
            "The form of responses to preflights. A route inherits or replaces this key as a whole.",
        ),
        Field(
            "private_network",
            BOOLEAN,
            str(_DEFAULTS.private_network).lower(),
            "`Access-Control-Allow-Private-Network: true`, if a preflight asks for it. Older versions of"
            " Chromium asked this before a page of a public network could call an API in a private one."
            " Current browsers ask their user instead (Local Network Access), and no header helps.",
        ),
        Field(
            "timing",
            OriginList('`"*"`, or a list of exact origins', star=True, patterns=False),
            "none",
            '`Timing-Allow-Origin`: `"*"` or a list of origins.',
        ),
        Field(
            "resource_policy",
            one_of(*get_args(ResourcePolicy)),
            "none",
            "`Cross-Origin-Resource-Policy`, where the upstream sends none.",
        ),
        Field(
            "without_origin",
            ScalarOr(one_of(*get_args(WithoutOrigin)), ISOLATE_FORM),
            f"`{_DEFAULTS.without_origin}`",
            "Requests without Origin. `allow` forwards all; `fetch-metadata` refuses those that have an"
            " unsafe method and are cross-site by `Sec-Fetch-Site`; `isolate` refuses all that are"
            " cross-site, but for what its mapping lets pass; `deny` refuses all.",
        ),
        Field(
            "storage_access",
            one_of(*get_args(StorageAccess)),
            f"`{_DEFAULTS.storage_access}`",
            "What a page of a listed origin gets that embeds the API without its cookies"
            " (`Sec-Fetch-Storage-Access: inactive`). `retry`: the response to a GET or HEAD has"
            " `Activate-Storage-Access`, so the browser asks again with cookies, if its user has allowed"
            " them. The API then gets such a request twice. Needs `credentials: true`; has no effect on AMP"
            " routes. The API's own `Activate-Storage-Access` is then removed.",
        ),
        Field(
            "websocket",
            one_of("allow", "deny"),
            f"`{'allow' if _DEFAULTS.websocket else 'deny'}`",
            "WebSocket handshakes: `allow` checks their Origin, `deny` refuses all.",
        ),
    ),
    "a mapping of cors keys",
    refused={  # E401
        "required": ["origins", "credentials"],
        "properties": {
            "origins": {"anyOf": [{"const": "*"}, {"type": "array", "contains": {"const": "*"}}]},
            "credentials": {"const": True},
        },
    },
)

EMAIL = MappingOf(
    (
        Field(
            "senders",
            ListOf(
                Scalar(
                    parse_sender,
                    "an address such as news@shop.example, or *@shop.example",
                    schema_patterns.SENDER,
                ),
                "a list of addresses",
                empty="would allow no sender",
            ),
            "[news@shop.example]",
            "Addresses, or `*@example.com`. The domain matches in any letter case, the rest exactly.",
            required=True,
        ),
    ),
    "a mapping such as {senders: [news@shop.example]}",
)

AMP = MappingOf(
    (
        Field(
            "publisher",
            OriginList("a list of https origins", patterns=False, https=True, empty=EMPTY_LIST),
            "this or `email`, not both",
            "An https origin, or a list of them. The proxy derives the origins of their pages in the AMP"
            " caches. A request without Origin is granted to the first publisher.",
        ),
        Field(
            "caches",
            ListOf(
                Scalar(parse_domain, "a domain such as cdn.ampproject.org", schema_patterns.DOMAIN),
                "a list of cache domains",
            ),
            "the included copy of caches.json, and `bing-amp.com`",
            "The domains of the AMP caches.",
        ),
        Field(
            "source_origin",
            one_of(*get_args(SourceOrigin)),
            f"`{AmpSpec().source_origin}`",
            "`__amp_source_origin` in the query: `strip` removes it before forwarding, `keep` keeps it,"
            " `check` compares it with the publishers and keeps it.",
        ),
        Field("email", EMAIL, "none", "AMP for Email, both versions."),
    ),
    "a mapping such as {publisher: https://example.com}",
)
