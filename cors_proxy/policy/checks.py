"""What a policy must not say although each value is well formed, and what it should not: DESIGN section 3, refused and warned.

Judged on each route's effective keys, so that inherited credentials meet a route's own origins."""

from collections.abc import Iterable

from ..cors.place import Place
from ..cors.spec import CorsSpec, OriginRule, RouteSpec
from .addresses import split_port
from .problems import Findings, quote
from .suffixes import over_public_suffix
from .types import Reader


def check_route(route: RouteSpec, dangers: frozenset[str], reader: Reader) -> None:
    """Everything that the effective `cors` and `amp` of one route can have wrong between them."""
    found = reader.found
    if route.amp is not None:
        duplicates(route.amp.publishers, "publisher", found)
    cors = route.cors
    if cors is None:
        return
    same = (id(cors.origins), id(cors.accept_from), cors.credentials, cors.private_network, route.amp is None)
    if same in reader.checked:
        return
    reader.checked.add(same)
    check = _Check(cors, dangers, found)
    for rule in cors.origins:
        check.origin(rule)
    for rule in cors.accept_from:
        check.pattern(rule, "accept_from")
        if str(rule.pattern) == "null":
            found.add(
                rule.place,
                "W402",
                "accept_from: null is anybody's: any page can send as null",
                "name the origins that send here",
            )
    duplicates(cors.origins, "origins", found)
    duplicates(cors.accept_from, "accept_from", found)
    stars = [rule for rule in cors.origins if str(rule.pattern) == "*"]
    for star in stars:
        check.star(star)
        if len(cors.origins) > 1:
            found.add(
                star.place,
                "W302",
                'origins: "*" allows all, the others beside it are idle',
                "keep one or the other",
            )
        if route.amp is not None:
            found.add(
                star.place,
                "E506",
                'origins: "*" on an AMP route: it would let any page read what is the publisher\'s',
                "name the origins, or leave the key out",
            )


class _Check:
    def __init__(self, cors: CorsSpec, dangers: frozenset[str], found: Findings) -> None:
        self.cors, self.dangers, self.found = cors, dangers, found
        place = cors.places.get("credentials")
        self.credentials = f"credentials: true ({place})" if place else "credentials"

    def origin(self, rule: OriginRule) -> None:
        text, credentials = str(rule.pattern), self.cors.credentials
        self.pattern(rule, "origins")
        if text == "null" and credentials:
            self.found.add(
                rule.place,
                "E402",
                f"origins: null with {self.credentials}: any page can send as null, with the user's cookies",
                "remove null, or write credentials: false",
            )
        elif text == "null":
            self.found.add(
                rule.place,
                "W402",
                "origins: null is anybody's: any page can send as null",
                "name the origins that read",
            )
        elif text.startswith("http://") and credentials and not loopback(text):
            if "insecure-origins" in self.dangers:
                self.found.add(
                    rule.place,
                    "W403",
                    f"origins: {quote(text)} with credentials, over a network that can change what it says (insecure-origins allows it)",
                )
            else:
                self.found.add(
                    rule.place,
                    "E403",
                    f"origins: {quote(text)} with {self.credentials}: http can be changed on the way",
                    f"write https://{text.removeprefix('http://')}",
                )
        elif text.endswith("://*"):
            if credentials:
                self.found.add(
                    rule.place,
                    "E404",
                    f"origins: {quote(text)} with {self.credentials}: any extension would get the user's data",
                    "name the extension's own origin, or write credentials: false",
                )
            else:
                self.found.add(
                    rule.place,
                    "W404",
                    f"origins: {quote(text)} is any extension of that browser",
                    "name the extension's own origin where it is known",
                )

    def pattern(self, rule: OriginRule, key: str) -> None:
        suffix = over_public_suffix(str(rule.pattern)) if "*" in str(rule.pattern) else ""
        if suffix and "public-suffix-wildcards" in self.dangers:
            self.found.add(
                rule.place,
                "W303",
                f"{key}: {quote(str(rule.pattern))} is a wildcard over the public suffix {suffix} (public-suffix-wildcards allows it)",
            )
        elif suffix:
            self.found.add(
                rule.place,
                "E304",
                f"{key}: {quote(str(rule.pattern))} is a wildcard over the public suffix {suffix}: anybody can register a name there",
                f"write {str(rule.pattern).replace(suffix, 'your-name.' + suffix)}",
            )

    def star(self, rule: OriginRule) -> None:
        if self.cors.credentials:
            self.found.add(
                rule.place,
                "E401",
                f'origins: "*" with {self.credentials}: no browser takes it (Fetch, CORS check)',
                "name the origins, or write credentials: false",
            )
        if self.cors.private_network:
            place = self.cors.places.get("private_network")
            self.found.add(
                rule.place,
                "E405",
                f'origins: "*" with private_network: true{f" ({place})" if place else ""}: a private network is never open to all',
                "name the origins, or write private_network: false",
            )


def loopback(text: str) -> bool:
    """Whether an http origin never leaves the machine: localhost and names below it, 127.0.0.0/8, [::1] (Secure Contexts, 3.1)."""
    host, _ = split_port(text.partition("://")[2])
    number = host.replace(".", "").isdigit()
    return (
        host in ("localhost", "[::1]") or host.endswith(".localhost") or (number and host.startswith("127."))
    )


def duplicates(rules: Iterable[OriginRule], key: str, found: Findings) -> None:
    seen: dict[str, Place] = {}
    for rule in rules:
        text = str(rule.pattern)
        first = seen.setdefault(text, rule.place)
        if first != rule.place:
            found.add(
                rule.place, "W301", f"{key}: {text} stands twice, first at {first}", "keep one of the two"
            )
