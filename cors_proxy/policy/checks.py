"""Checks of keys that are valid alone but not together: what is refused, and what is warned about.

Each route's effective keys are checked.  So `credentials` that a route inherits are checked with
the route's own `origins`.
"""

from collections.abc import Iterable

from ..cors.hosts import WILDCARD, is_loopback
from ..cors.place import Place
from ..cors.spec import CorsSpec, OriginRule, RouteSpec, SiteSpec
from .isolation import check_storage_access
from .mappings import Section
from .model import DEFAULT_LISTEN, Address
from .origin_feeds import check_twice
from .origin_hints import secure_hint, suffix_hint
from .problems import Findings, quote
from .suffixes import wildcard_public_suffix
from .types import Context


def check_route(route: RouteSpec, allowed: frozenset[str], context: Context) -> None:
    """Report everything that is wrong with a route's effective `cors` and `amp`.

    `allowed` are the words of `dangerously_allow` at the top level.
    """
    findings = context.findings
    if route.amp is not None:
        check_duplicates(route.amp.publishers, "publisher", findings)
    cors = route.cors
    if cors is None:
        return
    check_storage_access(cors, findings)
    # Thousands of routes may inherit one long list: check each combination once.
    same = (
        id(cors.origins),
        id(cors.accept_from),
        cors.origin_feeds,
        cors.accept_feeds,
        cors.credentials,
        cors.private_network,
        route.amp is None,
    )
    if same in context.checked:
        return
    context.checked.add(same)
    check = _CorsCheck(cors, allowed, findings)
    for rule in cors.origins:
        check.origin(rule)
    for rule in cors.accept_from:
        check.wildcard(rule, "accept_from")
        if rule.pattern.kind == "null":
            message = "accept_from: any page can send null"
            findings.add(rule.place, "W402", message, "list the origins that send requests here")
    check_duplicates(cors.origins, "origins", findings)
    check_duplicates(cors.accept_from, "accept_from", findings)
    check_twice(cors.origin_feeds, "origins", context)
    check_twice(cors.accept_feeds, "accept_from", context)
    for rule in cors.origins:
        if rule.pattern.kind != "any":
            continue
        check.star(rule)
        if len(cors.origins) + len(cors.origin_feeds) > 1:
            message = 'origins: "*" allows every origin, so the other entries have no effect'
            findings.add(rule.place, "W302", message, "keep one or the other")
        if route.amp is not None:
            message = 'origins: "*" on an AMP route: any page could read what is meant for the publisher'
            findings.add(rule.place, "E506", message, "name the origins, or leave the key out")


class _CorsCheck:
    """Checks the entries of one route's effective `cors`."""

    def __init__(self, cors: CorsSpec, allowed: frozenset[str], findings: Findings) -> None:
        self.cors, self.allowed, self.findings = cors, allowed, findings
        place = cors.places.get("credentials")
        self.credentials = f"credentials: true ({place})" if place else "credentials"

    def origin(self, rule: OriginRule) -> None:
        """One entry of `origins`, without regard to the others."""
        pattern, add = rule.pattern, self.findings.add
        text = quote(str(pattern))
        self.wildcard(rule, "origins")
        if pattern.kind == "null":
            if self.cors.credentials:
                message = (
                    f"origins: null with {self.credentials}: any page can send null and the user's cookies"
                )
                add(rule.place, "E402", message, "remove null, or write credentials: false")
            else:
                message = "origins: any page can send null"
                add(rule.place, "W402", message, "list the origins that read responses")
        elif (
            pattern.scheme == b"http"
            and self.cors.credentials
            and not is_loopback(pattern.host.decode("ascii"))
        ):
            # Nobody else can change a page that the user's own machine serves.
            danger = "an attacker in the network can change an http page"
            if "insecure-origins" in self.allowed:
                message = f"origins: {text} with credentials: {danger} (insecure-origins permits it)"
                add(rule.place, "W403", message)
            else:
                message = f"origins: {text} with {self.credentials}: {danger}"
                add(rule.place, "E403", message, secure_hint(pattern))
        elif pattern.kind == "scheme":
            product = "VS Code" if pattern.scheme == b"vscode-webview" else "that browser"
            if self.cors.credentials:
                message = (
                    f"origins: {text} with {self.credentials}:"
                    f" every extension of {product} could read the user's data"
                )
                add(
                    rule.place,
                    "E404",
                    message,
                    "write credentials: false, or list the origin of one installation",
                )
            else:
                message = f"origins: {text} matches every extension of {product}"
                add(rule.place, "W404", message, "list the extension's own origin if you know it")

    def wildcard(self, rule: OriginRule, key: str) -> None:
        """A wildcard below a public suffix matches names that anybody can register."""
        suffix = wildcard_public_suffix(rule.pattern)
        if not suffix:
            return
        text = str(rule.pattern)
        message = f"{key}: {quote(text)} is a wildcard over the public suffix {suffix}"
        if "public-suffix-wildcards" in self.allowed:
            self.findings.add(rule.place, "W303", f"{message} (public-suffix-wildcards permits it)")
        else:
            hint = suffix_hint(rule.pattern, suffix)
            self.findings.add(rule.place, "E304", f"{message}: anybody can register a name there", hint)

    def star(self, rule: OriginRule) -> None:
        """What `origins: "*"` excludes."""
        if self.cors.credentials:
            message = f'origins: "*" with {self.credentials}: browsers refuse it (Fetch, CORS check)'
            self.findings.add(rule.place, "E401", message, "name the origins, or write credentials: false")
        if self.cors.private_network:
            place = self.cors.places.get("private_network")
            key = f"private_network: true{f' ({place})' if place else ''}"
            message = f'origins: "*" with {key}: every web page could call the private network'
            hint = "name the origins, or write private_network: false"
            self.findings.add(rule.place, "E405", message, hint)


def check_own_origin(policy: Section, spec: SiteSpec, tls: bool, context: Context) -> None:
    """Warn where the proxy cannot tell the API's own pages from others (`cors.own_origin`).

    Over plain HTTP browsers send no Sec-Fetch-Site except to loopback, and Chromium sends none on
    WebSocket handshakes.  So a listener on loopback concerns only sockets, which are then mentioned
    only where the policy sets `websocket: allow`.
    """
    hosts = policy.items("hosts")
    wildcards = bool(hosts) and all(item.value.startswith(WILDCARD) for item in hosts)
    named = "hosts" in policy.key_places and not wildcards
    if "self_origins" in policy.key_places or named:
        return
    enforced = [r for r in (*spec.routes, spec.default) if r.mode == "enforce" and r.cors is not None]
    sockets = [route.cors for route in enforced if route.cors is not None and route.cors.websocket]
    asked = next((cors.places["websocket"] for cors in sockets if "websocket" in cors.places), None)
    if "upstream" not in policy.key_places and "decide" in policy.key_places:
        return  # where browsers connect is the engine's to know
    listen: Address = policy.value("listen", DEFAULT_LISTEN)
    public = bool(listen.path) or not is_loopback(listen.host)
    what = []
    if enforced and public and not tls:
        what.append("POST from the API's own pages over plain HTTP")
    if sockets and (public or asked):
        what.append(f"{'their' if what else 'own'} WebSockets in Chromium")
    if what:
        place = policy.value_places["listen"] if public else asked
        which = "a full name in hosts" if wildcards else "hosts"
        message = f"neither self_origins nor {which} is set: the proxy refuses {', and '.join(what)}"
        assert place is not None  # a listener beyond loopback is set, and so is a socket that is asked for
        hint = "if the API has pages of its own, add self_origins: [https://api.example.com]"
        context.findings.add(place, "W201", message, hint)


def check_duplicates(rules: Iterable[OriginRule], key: str, findings: Findings) -> None:
    """Report each rule that an earlier one repeats."""
    places: dict[str, Place] = {}
    for rule in rules:
        text = str(rule.pattern)
        first = places.setdefault(text, rule.place)
        if first != rule.place:
            message = f"{key}: {text} is listed twice, first at {first}"
            findings.add(rule.place, "W301", message, "keep one of the two")
