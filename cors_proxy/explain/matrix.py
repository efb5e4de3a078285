"""The table of docs/embedding.md: every way, from every page, under four policies.

python -m cors_proxy.explain.matrix

tests/browser/test_ways.py runs every cell in Chromium and Firefox."""

from typing import Final

from ..policy.model import Policy
from ..policy.read import parse_policy
from .question import parse_question
from .via import Via, explain_via
from .ways import BROWSERS, WAYS, Way

# The first segment of a path, and what `without_origin` is there
POLICIES: Final = {
    "metadata": "fetch-metadata",
    "isolate": "isolate",
    "images": "{isolate: {navigate: deny, embed: [image]}}",
    "site": "{isolate: {same_site: allow, embed: [iframe, script]}}",
}
PAGES: Final = {"same-site": "https://www.shop.test", "cross-site": "https://other.test"}
_OWN: Final = "https://api.shop.test"
_SYMBOLS: Final = {True: "yes", False: "–"}


def policy_text(upstream: str = "http://localhost:3000") -> str:
    """No origin is listed, so whatever has Origin is refused."""
    routes = "".join(
        f"  - {{path: /{name}/**, cors: {{without_origin: {rule}}}}}\n" for name, rule in POLICIES.items()
    )
    return f"version: 1\nupstream: {upstream}\nhosts: [api.shop.test, localhost]\nroutes:\n{routes}"


def table() -> str:
    """Whether the request reaches the API, for same-site and cross-site pages.

    The API's own pages reach it by each way."""
    policy = parse_policy(policy_text(), "policy.yaml", "")[0]
    head = ["way", *(f"`{rule}`" for rule in POLICIES.values())]
    rows = [head, ["--"] * len(head)]
    for way in WAYS:
        assert all(
            reached for name in POLICIES for reached in _reached(cell(policy, way, name, _OWN)).values()
        ) or any(sent.nothing for sent in way.browsers.values())
        rows.append([f"`{way.name}`", *(_shown(policy, way, name) for name in POLICIES)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def cell(policy: Policy, way: Way, name: str, page: str) -> Via:
    return explain_via(policy, way, parse_question(policy, f"{_OWN}/{name}/r", page))


def _shown(policy: Policy, way: Way, name: str) -> str:
    """`yes`, `–`, or both where the pages differ: same-site first."""
    found = [_reached(cell(policy, way, name, page)) for page in PAGES.values()]
    shown = []
    for reached in found:
        words = {browser: _SYMBOLS[reached[browser]] for browser in BROWSERS}
        assert len(set(words.values())) == 1, (way.name, words)
        shown.append(words[BROWSERS[0]])
    return shown[0] if len(set(shown)) == 1 else f"same-site: {shown[0]}, cross-site: {shown[1]}"


def _reached(via: Via) -> dict[str, bool]:
    return {browser: request.reaches_api for request in via.requests for browser in request.browsers}


if __name__ == "__main__":
    print(table(), end="")
