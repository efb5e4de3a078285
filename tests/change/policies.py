"""Random policies, and edits of them: small ones that people make, and unrelated pairs."""

import random
from pathlib import Path
from typing import Any

import yaml

from cors_proxy.policy.model import Policy
from cors_proxy.policy.problems import PolicyProblems
from cors_proxy.policy.read import parse_policy

Json = dict[str, Any]
ORIGINS = [
    "https://app.example.com", "https://b.example.com", "http://localhost:3000", "https://api.example.com",
    "https://*.example.com", "https://*.a.example.com", "https://pr-*.example.com", "https://*-x.example.com",
    "https://pr-a*x.example.com", "https://app.example.com:*", "https://*.example.com:*", "https://*.example.com:8443",
    "https://app.example.com:8443", "capacitor://localhost", "https://shop.example",
    "https://evil.a.example.com", "https://pr-ab.example.com", "https://*a-x.example.com",
]  # fmt: skip
OPEN = [*ORIGINS, "null", "moz-extension://*", "http://localhost:*", "http://app.example.com"]
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
HEADERS = ["Content-Type", "Authorization", "X-A", "X-B", "X-HTTP-Method-Override"]
HOSTS = [
    "api.example.com",
    "*.example.com",
    "api.example.com:8443",
    "b.example",
    "*.a.example.com",
    "localhost",
]
PATHS = [
    "/api/**",
    "/api/users",
    "/api/*",
    "/API/users",
    "/a@b/**",
    "/a%40b/x",
    "/*/users",
    "/",
    "/pub/**",
    "/x/",
    "/caf%C3%A9",
]
EMBEDS = ["image", "script", "iframe", "frame", "video"]
# Of feeds: what each of them lists.  They share origins with each other and with the policies; a
# feed sends of these what it may
FEEDS = {
    "http://feed-a/origins": [
        "https://a.tenant.invalid", "https://both.tenant.invalid", "https://app.example.com", "https://api.example.com",
        "http://localhost:3000", "https://a.b.tenant.invalid", "https://*.a.tenant.invalid", "https://*.a.example.com",
    ],
    "http://feed-b/origins": [
        "https://b.tenant.invalid:8443", "https://both.tenant.invalid", "https://app.example.com",
        "https://b.example.com", "https://shop.example", "http://app.example.com", "https://pr-*.b.tenant.invalid",
        "https://*.tenant.invalid", "https://pr-*.example.com",
    ],
}  # fmt: skip
ENVIRON = {"APPS": "https://app.example.com https://*.a.example.com", "ONE": "https://zz.example.com:9"}
WORDS = ["encoded-slashes", "empty-segments", "path-variants"]


class Dice(random.Random):
    def some(self, values: list[str], most: int) -> list[str]:
        return self.sample(values, self.randint(1, min(most, len(values))))

    def maybe(self, likely: float) -> bool:
        return self.random() < likely


def cors(dice: Dice, likely: float) -> Json:
    """Each key with the probability `likely`."""
    found: Json = {}
    for key in KEYS:
        if dice.maybe(likely):
            found[key] = KEYS[key](dice)
    return found


def _origins(dice: Dice) -> Any:
    if dice.maybe(0.1):
        return "*"
    return [*dice.some(OPEN if dice.maybe(0.3) else ORIGINS, 4), *_sources(dice)]


def _sources(dice: Dice) -> list[Json]:
    """Mappings that stand for origins."""
    found: list[Json] = []
    if dice.maybe(0.1):
        found.append({"file": str(Path(__file__).with_name("origins.txt"))})
    if dice.maybe(0.1):
        found.append({"env": dice.choice(list(ENVIRON))})
    for url in FEEDS:
        if dice.maybe(0.1):
            found.append({"url": url, **({"patterns": True} if dice.maybe(0.5) else {})})
    return found


# Keys that decide about no request, each with values of which the first one is the default
SETTINGS: dict[str, list[Any]] = {
    "listen": ["127.0.0.1:8080", "127.0.0.1:8081"],
    "admin": [None, {"listen": "127.0.0.1:9902"}],
    "upstream": ["http://127.0.0.1:1", "http://127.0.0.1:2"],
    "upstream_host": ["client", "upstream"],
    "upstream_origin": ["send", "remove"],
    "rewrite_location": [False, True],
    "decide": [None, {"listen": "127.0.0.1:9000"}],
    "server.workers": [None, 2],
    "server.access_log": [None, "text"],
    "server.trusted_proxies": [[], ["private"], ["192.0.2.0/24"]],
    "server.proxy_protocol": [[], ["private"]],
    "server.limits": [None, {"header_count": 50}],
    "server.timeouts": [None, {"connect": 3}],
    "server.drain": [None, {"delay": 1}],
}


def _settings(dice: Dice, found: Json) -> None:
    """Sets a few of them, or leaves them out."""
    for key in dice.some(list(SETTINGS), 3):
        outer, dot, inner = key.partition(".")
        home = found.setdefault(outer, {}) if dot else found
        home.pop(inner or outer, None)
        value = dice.choice(SETTINGS[key])
        if value is not None:
            home[inner or outer] = value


def setting(text: Json, key: str) -> Any:
    """The value of a key of `SETTINGS` in a policy."""
    outer, dot, inner = key.partition(".")
    return (text.get(outer, {}) if dot else text).get(inner or outer, SETTINGS[key][0])


def _without_origin(dice: Dice) -> Any:
    if dice.maybe(0.5):
        return dice.choice(["allow", "fetch-metadata", "isolate", "deny"])
    isolate: Json = {}
    for key in ("navigate", "same_site"):
        if dice.maybe(0.5):
            isolate[key] = dice.choice(["allow", "deny"])
    if dice.maybe(0.5):
        isolate["embed"] = dice.some(EMBEDS, 3)
    if dice.maybe(0.2):
        isolate["report"] = True
    return {"isolate": isolate or {"navigate": "deny"}}


def _star_or(values: list[str]) -> Any:
    return lambda dice: "*" if dice.maybe(0.15) else dice.some(values, 4)


KEYS: dict[str, Any] = {
    "origins": _origins,
    "accept_from": lambda dice: [*dice.some(ORIGINS, 2), *_sources(dice)],
    "methods": _star_or(METHODS),
    "headers": lambda dice: (
        ["*", *dice.some(["Authorization", "X-HTTP-Method-Override"], 1)]
        if dice.maybe(0.2)
        else dice.some(HEADERS, 3)
    ),
    "expose": _star_or(["X-Total", "X-Other", "ETag"]),
    "credentials": lambda dice: dice.maybe(0.5),
    "max_age": lambda dice: dice.choice([0, 60, 600]),
    "preflight": lambda dice: {
        "status": dice.choice([200, 204]),
        "list": dice.choice(["asked", "full"]),
        "refusal": dice.choice(["readable", "bare"]),
    },
    "private_network": lambda dice: dice.maybe(0.5),
    "timing": lambda dice: (
        "*" if dice.maybe(0.3) else ["https://app.example.com", "https://b.example.com"][: dice.randint(1, 2)]
    ),
    "resource_policy": lambda dice: dice.choice(["same-origin", "same-site", "cross-origin"]),
    "without_origin": _without_origin,
    "storage_access": lambda dice: dice.choice(["none", "retry"]),
    "websocket": lambda dice: dice.choice(["allow", "deny"]),
}


def _amp(dice: Dice) -> Json:
    if dice.maybe(0.3):
        return {
            "email": {
                "senders": dice.some(["news@shop.example", "*@shop.example", "a@b.example", "*@b.example"], 2)
            }
        }
    found: Json = {
        "publisher": dice.some(
            ["https://shop.example", "https://b.example.com", "https://app.example.com"], 2
        )
    }
    if dice.maybe(0.6):
        found["source_origin"] = dice.choice(["strip", "keep", "check"])
    if dice.maybe(0.3):
        found["caches"] = dice.some(["cdn.ampproject.org", "www.bing-amp.com"], 2)
    return found


def route(dice: Dice) -> Json:
    found: Json = {"path": dice.choice(PATHS)}
    if dice.maybe(0.3):
        found["method"] = dice.some(METHODS, 3)
    if dice.maybe(0.2):
        found["host"] = dice.some(HOSTS, 2)
    if dice.maybe(0.2):
        found["mode"] = dice.choice(["enforce", "headers", "report"])
    if dice.maybe(0.15):
        found["dangerously_allow"] = dice.some(WORDS, 2)
    if dice.maybe(0.08):
        found["cors"] = "off"
        found.pop("mode", None)
        return found
    found["cors"] = cors(dice, 0.25)
    if dice.maybe(0.15):
        found["amp"] = _amp(dice)
    return {key: value for key, value in found.items() if value != {}}


def policy(dice: Dice) -> Json:
    found: Json = {
        "version": 1,
        "upstream": "http://127.0.0.1:1",
        "dangerously_allow": ["insecure-origins", *(dice.some(WORDS, 2) if dice.maybe(0.1) else [])],
    }
    if dice.maybe(0.5):
        found["hosts"] = dice.some(HOSTS, 3)
    if dice.maybe(0.3):
        found["self_origins"] = dice.some(
            ["https://api.example.com", "https://b.example.com", "http://localhost:3000"], 2
        )
    if dice.maybe(0.15):
        found["mode"] = dice.choice(["headers", "report"])
    if dice.maybe(0.1):
        found["server"] = {"debug": True}
    if dice.maybe(0.2):
        _settings(dice, found)
    found["cors"] = cors(dice, 0.5)
    found["routes"] = [route(dice) for _ in range(dice.choice([0, 1, 2, 3, 4]))]
    return {key: value for key, value in found.items() if value not in ({}, [])}


def edited(dice: Dice, old: Json) -> Json:
    """A copy with one or a few changes."""
    new: Json = yaml.safe_load(yaml.safe_dump(old))
    for _ in range(dice.choice([1, 1, 1, 2, 4])):
        routes: list[Json] = new.setdefault("routes", [])
        kind = dice.randrange(7)
        if kind == 0:
            routes.insert(dice.randint(0, len(routes)), route(dice))
        elif kind == 1 and routes:
            del routes[dice.randrange(len(routes))]
        elif kind == 2 and len(routes) > 1:
            dice.shuffle(routes)
        elif kind == 3:
            fresh = policy(dice)
            key = dice.choice(["hosts", "self_origins", "mode", "server", "dangerously_allow"])
            new.pop(key, None)
            if key in fresh:
                new[key] = fresh[key]
        elif kind == 4:
            _settings(dice, new)
        else:
            places = [
                new.setdefault("cors", {}),
                *(each["cors"] for each in routes if isinstance(each.get("cors"), dict)),
            ]
            section, key = dice.choice(places), dice.choice(list(KEYS))
            if key in section and dice.maybe(0.3):
                del section[key]
            else:
                section[key] = KEYS[key](dice)
    return {key: value for key, value in new.items() if value not in ({}, [])}


def read(text: Json, name: str = "policy.yaml") -> Policy | None:
    try:
        return parse_policy(yaml.safe_dump(text), name, "", ENVIRON)[0]
    except PolicyProblems:
        return None


def valid(dice: Dice, make: Any, name: str) -> tuple[Json, Policy]:
    while True:
        text = make()
        found = read(text, name)
        if found is not None:
            return text, found


def pair(dice: Dice) -> tuple[Json, Json, Policy, Policy]:
    """Two policies that the reader accepts."""
    first, old = valid(dice, lambda: policy(dice), "old.yaml")
    make = (lambda: policy(dice)) if dice.maybe(0.2) else (lambda: edited(dice, first))
    second, new = valid(dice, make, "new.yaml")
    return first, second, old, new
