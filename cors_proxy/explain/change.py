"""The smallest change of a policy that would allow a question.

It is found by trial: edit the text, read it as a policy, explain the question again.  So every
change that is proposed helps, and the policy reader accepts it.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ..cors.decision import Decision, Refuse
from ..cors.escape import shown
from ..cors.feeds import FeedList
from ..cors.fetch import Check
from ..cors.names import AUTHORIZATION, METHODS, SAFE_METHODS, UNCOVERED, grantable_header
from ..cors.path import PATH_VARIANTS, spell
from ..cors.reason import Reason
from ..cors.site import Route
from ..cors.spec import RouteSpec
from ..policy.effective import effective_cors
from ..policy.model import Policy
from ..policy.origin_hints import suggest_origin
from ..policy.problems import PolicyProblems
from ..policy.read import parse_policy
from .browser import Explanation, explain
from .edit import Edit, EditError, apply, flow
from .question import Question

MAX_EDITS: Final = 40  # each for one key or one header


@dataclass(frozen=True, slots=True)
class Change:
    """A unified diff and what it opens beyond the question, or why there is no change.

    `withheld` says why none is proposed: the record of the request is incomplete.
    All are empty where the policy already allows the question.
    """

    diff: str = ""
    dangers: tuple[str, ...] = ()
    why_none: str = ""
    text: str = ""  # of the policy after the change
    withheld: str = ""


class _NoChange(Exception):
    """The message says why no change of the policy helps."""


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy's text with everything that reading it depends on."""

    text: str
    name: str  # of the file, in places
    folder: str  # where the files are that the policy names
    environ: Mapping[str, str] = field(default_factory=dict)  # for ${VARIABLE}
    lists: Mapping[str, FeedList] = field(default_factory=dict)  # of feeds, by their URL

    def read(self) -> Policy:
        """Raises `PolicyProblems`."""
        policy = parse_policy(self.text, self.name, self.folder, self.environ)[0]
        for feed in policy.site.feeds:
            if feed.url in self.lists:
                policy.site.put(feed, self.lists[feed.url])
        return policy

    def with_text(self, text: str) -> "PolicyText":
        return replace(self, text=text)


def propose(source: PolicyText, before: Policy, question: Question) -> Change:
    """`before` is what `source` reads as."""
    policy, edited = before, source
    seen: set[tuple[str, bytes | None]] = set()
    try:
        while not (explanation := explain(policy, question)).allowed:
            exchange = explanation.steps[-1].exchange if explanation.steps else None
            state = (explanation.cause, None if exchange is None else exchange.decision.detail)
            if state in seen or len(seen) > MAX_EDITS:
                raise _NoChange(_NO_KNOWN_CHANGE)
            seen.add(state)
            for edit in _edits(policy, explanation):
                edited = edited.with_text(apply(edited.text, edit))
            policy = edited.read()
    except _NoChange as why:
        return Change(why_none=str(why))
    except EditError:
        return Change(why_none="this tool cannot edit a policy of this form; the cause says what to change")
    except PolicyProblems as refused:
        first = next(problem for problem in refused.problems if problem.error)
        return Change(why_none=f"the policy would be refused: {first.code} {first.message}")
    if edited is source:
        return Change()
    return Change(diff(source, edited), tuple(_dangers(before, policy, question)), "", edited.text)


def diff(before: PolicyText, after: PolicyText) -> str:
    """A unified diff."""
    lines = difflib.unified_diff(
        before.text.splitlines(), after.text.splitlines(), before.name, after.name, lineterm="", n=2
    )
    return "\n".join(lines)


def _edits(policy: Policy, explanation: Explanation) -> Sequence[Edit]:
    """The edits that the first failure calls for."""
    if not explanation.steps:
        raise _NoChange(explanation.cause)
    question, step = explanation.question, explanation.steps[-1]
    reason, route = step.exchange.decision.reason, step.exchange.route
    origin = (question.origin or b"").decode("ascii", "replace")
    if reason is Reason.ORIGIN_LOOKS_OWN and question.same_origin:
        return [Edit(("self_origins",), add=(origin,))]
    if reason in (Reason.ORIGIN_NOT_ALLOWED, Reason.ORIGIN_NULL, Reason.ORIGIN_LOOKS_OWN, Reason.ACCEPT_FROM):
        return [Edit(_path(policy, route, "origins"), add=(origin,))]
    if reason is Reason.ORIGIN_MALFORMED:
        corrected = suggest_origin(origin)
        suffix = f"; ask for {corrected}" if corrected else ""
        raise _NoChange(f"no browser sends the origin {origin}{suffix}")
    if reason is Reason.METHOD_NOT_ALLOWED:
        return [_method(policy, route, shown(step.exchange.decision.detail or b""))]
    if reason is Reason.HEADER_NOT_ALLOWED:
        return [_headers(policy, route, question, _refused_headers(step.exchange.decision))]
    if reason is Reason.HOST_NOT_ALLOWED:
        return [Edit(("hosts",), add=(question.host.decode("ascii"),))]
    if reason is Reason.AMBIGUOUS_PATH:
        spelling = spell(step.exchange.request.path)
        if spelling is None:
            raise _NoChange("no policy forwards such a path")
        # Only `path-variants` would allow it, and that may bypass a route: a person must decide.
        if not spelling.needs:
            raise _NoChange(
                "the path is another spelling of a route's path: write it as the route does;"
                f" {PATH_VARIANTS} would open it"
            )
        return [Edit(("dangerously_allow",), add=tuple(sorted(spelling.needs)))]
    if reason in _VALUES:
        key, value = _VALUES[reason]
        return [Edit(_path(policy, route, key), put=value)]
    if reason in ADVICE:
        raise _NoChange(ADVICE[reason])
    if step.failure is not None and step.failure.check is Check.WILDCARD_ORIGIN:
        put = Edit(_path(policy, route, "origins"), put=flow((origin,)))
        return [put, Edit(_path(policy, route, "credentials"), put="true")]
    if step.failure is not None and step.failure.check is Check.INVALID_ALLOW_CREDENTIALS:
        return [Edit(_path(policy, route, "credentials"), put="true")]
    raise _NoChange(_NO_KNOWN_CHANGE)


_NO_KNOWN_CHANGE: Final = "no known change of the policy helps"

_VALUES: Final = {
    Reason.MISSING_ORIGIN: ("without_origin", "fetch-metadata"),
    Reason.CROSS_SITE: ("without_origin", "allow"),
    Reason.WEBSOCKET_DENIED: ("websocket", "allow"),
    Reason.PRIVATE_NETWORK: ("private_network", "true"),
}
ADVICE: Final = {
    Reason.OWN_ORIGIN: (
        "an own origin gets no grant: call the API by the page's own origin,"
        " or move that origin from self_origins to origins"
    ),
    Reason.REPEATED_HEADER: "no policy forwards an ambiguous request: the client has to send the header once",
    Reason.HEADER_BYTES: "no policy forwards such bytes",
    Reason.AMP_SAME_ORIGIN_MISSING: "the page has to send AMP-Same-Origin: true",
    Reason.AMP_SOURCE_ORIGIN: "name a publisher in __amp_source_origin, or add that one to amp.publisher",
    Reason.AMP_SENDER_NOT_ALLOWED: "the sender has to be one of amp.email.senders",
    Reason.REQUEST_METHOD_MALFORMED: "the requested method is malformed",
    Reason.REQUEST_HEADERS_MALFORMED: "the list of headers is too long or malformed",
}


def _method(policy: Policy, route: Route, method: str) -> Edit:
    if method not in METHODS:
        upper = f"; write {method.upper()} in the page" if method.upper() in METHODS else ""
        raise _NoChange(f"the proxy cannot carry the method {method}{upper}")
    return Edit(_path(policy, route, "methods"), add=(method,), inherited=route.cors.methods or ())


def _refused_headers(decision: Decision) -> tuple[bytes, ...]:
    """All of them, so that one edit adds them, and not one for each."""
    return decision.refused if isinstance(decision, Refuse) else ()


def _headers(policy: Policy, route: Route, question: Question, names: tuple[bytes, ...]) -> Edit:
    if b"*" in names:
        raise _NoChange("a header named * is never granted: in a response it would stand for every header")
    for name in names:
        if not grantable_header(name):
            raise _NoChange(f"the header {shown(name)} is never granted to a page")
    spelled = tuple(_spelled(question, name) for name in names)
    return Edit(_path(policy, route, "headers"), add=spelled, inherited=route.cors.headers)


def _spelled(question: Question, name: bytes) -> str:
    """As the page spells it, or in the usual form."""
    spelled = next((shown(asked) for asked, _ in question.headers if asked.lower() == name), shown(name))
    return "-".join(word.capitalize() for word in spelled.split("-")) if spelled.islower() else spelled


def _path(policy: Policy, route: Route, key: str) -> tuple[str | int, ...]:
    """The path of the key that applies to a route: in the default where it is inherited."""
    default = policy.spec.default.cors
    here = route.cors.places.get(key)
    if route.index == len(policy.spec.routes) or (
        here is not None and default is not None and here == default.places.get(key)
    ):
        return "cors", key
    return "routes", route.index, "cors", key


def _dangers(before: Policy, after: Policy, question: Question) -> list[str]:
    """What the change opens beyond the question, by the keys in which the routes differ."""
    changed: dict[str, list[RouteSpec]] = {}
    for old, new in zip(
        (*before.spec.routes, before.spec.default), (*after.spec.routes, after.spec.default), strict=True
    ):
        if old.cors is None or new.cors is None:
            continue
        old_keys, new_keys = effective_cors(old.cors), effective_cors(new.cors)
        for key in old_keys:
            if old_keys[key] != new_keys[key]:
                changed.setdefault(key, []).append(new)
        if old.path_words != new.path_words:
            changed.setdefault("dangerously_allow", []).append(new)
    dangers = [_danger(key, routes, before, question) for key, routes in changed.items()]
    if before.spec.self_origins != after.spec.self_origins:
        dangers.append(
            f"{shown(question.origin or b'')} then passes everywhere as the API's own, with every method"
        )
        if before.spec.self_origins is None:
            dangers.append("own origins are then no longer derived from Host: list all of them")
    if before.spec.hosts != after.spec.hosts:
        dangers.append(f"requests for the Host {shown(question.host)} are then served on every route")
    return dangers


def _danger(key: str, after: Sequence[RouteSpec], before: Policy, question: Question) -> str:
    origin, method, routes = (
        shown(question.origin or b""),
        shown(question.method),
        ", ".join(route.name for route in after),
    )
    if key == "origins":
        cookies = (
            ", with its user's cookies,"
            if any(route.cors is not None and route.cors.credentials for route in after)
            else ""
        )
        if origin == "null":
            origin = "any page at all, in a sandboxed frame,"
        suffix = (
            "; every other origin loses its access"
            if any(_allows_everyone(before, route.index) for route in after)
            else ""
        )
        return (
            f"{origin} may then send{cookies} and read everything that the policy allows on {routes}{suffix}"
        )
    if key == "methods":
        effect = "" if question.method in SAFE_METHODS else ", which changes things"
        return f"every origin allowed on {routes} may then send {method}{effect}"
    if key == "headers":
        unguarded = [
            shown(name)
            for name, _ in question.headers
            if name.lower() in UNCOVERED and name.lower() != AUTHORIZATION
        ]
        effect = (
            f": an API that obeys {', '.join(unguarded)} serves another path or method than the one that"
            " was checked"
            if unguarded
            else ""
        )
        return f"every origin allowed on {routes} may then send these headers{effect}"
    if key == "credentials":
        return (
            f"every origin allowed on {routes} may then act with its user's cookies:"
            " a vulnerability in any of their pages becomes one of the API"
        )
    if key == "without_origin":
        return f"requests without Origin then reach {routes}: links, images and forms of other sites"
    if key == "private_network":
        return f"pages of every origin allowed on {routes} may then reach the API in a private network"
    if key == "websocket":
        return f"every origin allowed on {routes} may then open WebSockets"
    return f"paths that an API may read as another path then reach {routes}"


def _allows_everyone(policy: Policy, index: int) -> bool:
    return (*policy.site.routes, policy.site.default)[index].any_origin is not None
