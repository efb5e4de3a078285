"""The right key for an unknown one: other products' names, misplaced keys, and typing errors.

A hint must never widen what a policy allows.  So keys of response headers lead to `expose` only,
and names for the origins of other sites never lead to `self_origins`.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

ANY_ORIGIN: Final = 'origins: "*"'
ANY_METHOD: Final = 'methods: "*"'
ANY_HEADER: Final = 'headers: "*"'
ALL_EXPOSED: Final = 'expose: "*"'
ANSWERED: Final = "remove it: the proxy answers every preflight itself"
VARIED: Final = "remove it: the proxy sets Vary itself"
WRITTEN: Final = "remove it: the proxy writes the CORS headers itself, from the keys of cors"
# Folded names (`fold`) of other products, by the key that has the same meaning here.
SPELLINGS: Final[dict[str, tuple[str, ...]]] = {
    # Express, Fastify, hapi, Flask-CORS, FastAPI, Django, Rails, Spring, ASP.NET, Go, Envoy, Istio,
    # Kong, Traefik, Caddy, nginx (ingress too), HAProxy, Tyk, APISIX, KrakenD, S3, Azure
    "origins": (
        "origin", "origins", "alloworigin", "alloworigins", "allowedorigin", "allowedorigins",
        "alloworiginlist", "alloworiginlistregex", "alloworiginregex", "alloworiginregexes",
        "allowedoriginregexes", "alloworiginsregex", "alloworiginsbyregex",
        "alloworiginsbymetadata", "allowedoriginpattern", "allowedoriginpatterns",
        "alloworiginpatterns", "alloworiginstringmatch", "alloworiginstringmatcher",
        "alloworiginfunc", "alloworiginfunction", "alloworiginwithcontextfunc",
        "alloworiginrequestfunc", "originwhitelist", "originregexwhitelist", "withorigins",
        "setisoriginallowed", "allowdomains", "allowdomain", "alloweddomains", "domains",
        "whitelist", "allowlist", "foreignorigins",
    ),
    ANY_ORIGIN: (
        "allowallorigins", "allowanyorigin", "originallowall", "alloworiginall", "anyorigin",
        "allorigins",
    ),
    "methods": (
        "methods", "allowmethod", "allowmethods", "allowedmethod", "allowedmethods",
        "methodsallowed", "allowedhttpmethods", "allowhttpmethods", "withmethods", "verbs",
    ),
    ANY_METHOD: ("allowanymethod", "allowallmethods", "anymethod", "allmethods"),
    "headers": (
        "headers", "allowheader", "allowheaders", "allowedheader", "allowedheaders",
        "headersallowed", "allowedrequestheaders", "allowrequestheaders", "requestheaders",
        "withheaders", "additionalheaders",
    ),
    ANY_HEADER: ("allowanyheader", "allowallheaders", "anyheader", "allheaders"),
    "expose": (
        "expose", "exposed", "exposeheader", "exposeheaders", "exposedheader", "exposedheaders",
        "exposes", "exposeresponseheaders", "exposedresponseheaders",
        "additionalexposedheaders", "withexposedheaders", "headersexposed", "headerstoexpose",
        "responseheaders", "allowresponseheaders", "allowedresponseheaders",
        "exposeheaderslist", "readableheaders",
    ),
    ALL_EXPOSED: ("exposeallheaders", "exposeall"),
    "credentials": (
        "credentials", "credential", "allowcredentials", "allowcredential",
        "allowedcredentials", "supportscredentials", "supportcredentials", "withcredentials",
        "credentialsallowed", "allowcookies",
    ),
    "max_age": (
        "maxage", "maxages", "maxageseconds", "maxageinseconds", "preflightmaxage",
        "setpreflightmaxage", "optionmaxage", "optionsmaxage", "preflightcachemaxage",
        "preflightcache", "preflightttl", "cachettl",
    ),
    "private_network": (
        "privatenetwork", "allowprivatenetwork", "allowprivatenetworkaccess",
        "requestprivatenetwork", "localnetwork", "allowlocalnetwork",
    ),
    "preflight: {status: 200}": (
        "optionssuccessstatus", "optionsstatus", "optionsresponsestatus", "preflightstatus",
        "optionsstatuscode",
    ),
    ANSWERED: (
        "preflightcontinue", "optionspassthrough", "preflightpassthrough", "handlepreflight",
        "automaticoptions", "interceptoptions", "strictpreflight",
    ),
    VARIED: ("varyheader", "addvaryheader", "vary"),
    WRITTEN: (
        "addheader", "addheaders", "setheader", "setheaders", "moresetheaders", "proxyhideheader",
        "addresponseheader", "setresponseheader", "customresponseheaders", "headeralwaysset",
    ),
    "timing": ("timingalloworigin", "timingalloworigins", "timingorigins"),
    "resource_policy": ("crossoriginresourcepolicy", "resourcepolicy", "corp"),
    "accept_from": ("trustedorigins", "formorigins"),
    "hosts": ("allowedhosts", "trustedhosts", "allowedhostnames", "servernames"),
    "cors": (
        "corsconfig", "corsconfiguration", "corsconfigurations", "corspolicy", "globalcors",
        "crossorigin",
    ),
    "routes": (
        "paths", "locations", "location", "resources", "resource", "mappings", "rules",
        "urlpatterns",
    ),
    "path": ("pathprefix", "pathpattern", "mapping", "match", "url", "uri", "pathregex", "urlsregex"),
    "upstream": (
        "backend", "backends", "target", "proxypass", "service", "apiurl", "upstreams",
        "forwardto",
    ),
    "rewrite_location": (
        "proxyredirect", "rewriteredirects", "rewriteredirect", "autorewrite", "rewritelocations",
        "locationrewrite",
    ),
    "listen": ("bind", "port", "listenaddress", "addr", "entrypoint", "listener"),
    "trusted_proxies": (
        "trustproxy", "trustforwardheader", "trustedips", "realipfrom", "setrealipfrom",
    ),
}  # fmt: skip
_BY_NAME: Final = {name: key for key, names in SPELLINGS.items() for name in names}
_PREFIXES: Final = ("accesscontrol", "cors", "csrf")
# Ratios of difflib: `hosts` for `host`, `path` for `pth`, `origins` for `alow_origins`
_NEARLY: Final = 0.85
_CLOSE: Final = 0.74
_CLOSE_HERE: Final = 0.6
_REQUEST_HINTS: Final = ("headers", ANY_HEADER)
_TYPING_ERROR: Final = 2  # letters that may be missing or too many in a name for request headers


def fold(key: str) -> str:
    """A key without case and separators, and without a prefix that says CORS."""
    text = _letters(key)
    rests = (text.removeprefix(prefix) for prefix in _PREFIXES)
    return next((rest for rest in rests if rest != text and rest in _BY_NAME), text)


def _letters(key: str) -> str:
    return "".join(character for character in key.lower() if character.isalnum())


def meant_key(key: str, here: Iterable[str], anywhere: Iterable[str]) -> str:
    """What an unknown `key` probably means: a key, or a whole hint; "" if nothing is close.

    `here` are the keys of its mapping, `anywhere` those of the whole grammar.
    """
    found = _meant(fold(key), {_letters(name): name for name in here}, anywhere)
    if found == "self_origins" and "self" not in key.lower() and "own" not in key.lower():
        return "origins"
    return found


def _meant(folded: str, own: dict[str, str], anywhere: Iterable[str]) -> str:
    if exact := own.get(folded) or _BY_NAME.get(folded):
        return exact
    near, score = _nearest(folded, own)
    if score >= _NEARLY:
        return own[near]
    if misplaced := next((name for name in anywhere if _letters(name) == folded), ""):
        return misplaced
    other, other_score = _nearest(folded, _BY_NAME)
    if other_score >= max(_CLOSE, score):
        meant = _BY_NAME[other]
        # `allowed_epose_headers` has most letters of `allowed_headers`, and means something else.
        slip = other_score >= _NEARLY and abs(len(folded) - len(other)) <= _TYPING_ERROR
        return "" if meant in _REQUEST_HINTS and not slip else meant
    return own[near] if score >= _CLOSE_HERE else ""


def _nearest(folded: str, names: Iterable[str]) -> tuple[str, float]:
    scored = [(SequenceMatcher(None, folded, name).ratio(), name) for name in names]
    score, name = max(scored, default=(0.0, ""))
    return name, score
