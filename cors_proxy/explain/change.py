"""The smallest change of a policy that would allow what is asked: found by changing its text, reading it and asking again.

So nothing is proposed that does not help, or that the policy's own reader would refuse."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..cors.escape import shown
from ..cors.fetch import Check
from ..cors.names import AUTHORIZATION, METHODS, SAFE_METHODS, UNCOVERED, grantable_header
from ..cors.path import PATH_VARIANTS, spell
from ..cors.reason import Reason
from ..cors.site import Route
from ..cors.spec import RouteSpec
from ..policy.effective import effective_cors
from ..policy.model import Policy
from ..policy.origins import suggest_origin
from ..policy.problems import PolicyProblems
from ..policy.read import parse_policy
from .browser import Explanation, explain
from .edit import Edit, EditError, apply, flow
from .question import Question

ROUNDS: Final = 40  # one key or one header each


@dataclass(frozen=True, slots=True)
class Change:
    """A unified diff with what it opens beside what was asked, or why there is none; both empty where nothing needs to change."""

    diff: str = ""
    dangers: tuple[str, ...] = ()
    why_none: str = ""
    text: str = ""  # the policy's text after it


class _NoChange(Exception):
    """Why no policy would allow it."""


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy's text with all that its reading depends on."""

    text: str
    name: str
    folder: str
    environ: Mapping[str, str] = field(default_factory=dict)

    def read(self) -> Policy:
        """Raises `PolicyProblems`."""
        return parse_policy(self.text, self.name, self.folder, self.environ)[0]

    def with_text(self, text: str) -> "PolicyText":
        return PolicyText(text, self.name, self.folder, self.environ)


def propose(source: PolicyText, before: Policy, question: Question) -> Change:
    """`before` is the policy that the text says."""
    policy, now = before, source
    seen: set[tuple[str, bytes | None]] = set()
    try:
        while not (explanation := explain(policy, question)).allowed:
            made = explanation.steps[-1].made if explanation.steps else None
            state = (explanation.cause, None if made is None else made.decision.detail)
            if state in seen or len(seen) > ROUNDS:
                raise _NoChange("none that is known here helps")
            seen.add(state)
            for edit in _edits(policy, explanation):
                now = now.with_text(apply(now.text, edit))
            policy = now.read()
    except _NoChange as why:
        return Change(why_none=str(why))
    except EditError:
        return Change(
            why_none="the policy's text is written in a way that a program should not change; see the cause"
        )
    except PolicyProblems as refused:
        first = next(problem for problem in refused.problems if problem.error)
        return Change(why_none=f"the policy would be refused: {first.code} {first.message}")
    if now is source:
        return Change()
    lines = difflib.unified_diff(
        source.text.splitlines(), now.text.splitlines(), source.name, source.name, lineterm="", n=2
    )
    return Change("\n".join(lines), tuple(_dangers(before, policy, question)), "", now.text)


def _edits(policy: Policy, explanation: Explanation) -> Sequence[Edit]:
    """What the first thing that fails asks for."""
    if not explanation.steps:
        raise _NoChange(explanation.cause)
    question, step = explanation.question, explanation.steps[-1]
    reason, route = step.made.decision.reason, step.made.route
    origin = (question.origin or b"").decode("ascii", "replace")
    if reason is Reason.ORIGIN_LOOKS_OWN and question.same_origin:
        return [Edit(("self_origins",), add=(origin,))]
    if reason in (Reason.ORIGIN_NOT_ALLOWED, Reason.ORIGIN_NULL, Reason.ORIGIN_LOOKS_OWN, Reason.ACCEPT_FROM):
        return [Edit(_path(policy, route, "origins"), add=(origin,))]
    if reason is Reason.ORIGIN_MALFORMED:
        right = suggest_origin(origin)
        raise _NoChange(f"no browser sends the origin {origin}" + (f"; ask for {right}" if right else ""))
    if reason is Reason.METHOD_NOT_ALLOWED:
        return [_method(policy, route, shown(step.made.decision.detail or b""))]
    if reason is Reason.HEADER_NOT_ALLOWED:
        return [_header(policy, route, question, step.made.decision.detail or b"")]
    if reason is Reason.HOST_NOT_ALLOWED:
        return [Edit(("hosts",), add=(question.host.decode("ascii"),))]
    if reason is Reason.AMBIGUOUS_PATH:
        spelling = spell(step.made.request.path)
        if spelling is None:
            raise _NoChange("no policy lets such a path pass")
        if not spelling.needs:  # to open that would lead around a route
            raise _NoChange(
                f"it is another spelling of a route's path: write it as the route does; {PATH_VARIANTS} would open it"
            )
        return [Edit(("dangerously_allow",), add=tuple(sorted(spelling.needs)))]
    if reason in _WORDS:
        key, value = _WORDS[reason]
        return [Edit(_path(policy, route, key), put=value)]
    if reason in _ADVICE:
        raise _NoChange(_ADVICE[reason])
    if step.failure is not None and step.failure.check is Check.WILDCARD_ORIGIN:
        put = Edit(_path(policy, route, "origins"), put=flow((origin,)))
        return [put, Edit(_path(policy, route, "credentials"), put="true")]
    if step.failure is not None and step.failure.check is Check.INVALID_ALLOW_CREDENTIALS:
        return [Edit(_path(policy, route, "credentials"), put="true")]
    raise _NoChange("none that is known here helps")


_WORDS: Final = {
    Reason.MISSING_ORIGIN: ("without_origin", "fetch-metadata"),
    Reason.CROSS_SITE: ("without_origin", "allow"),
    Reason.WEBSOCKET_DENIED: ("websocket", "allow"),
}
_ADVICE: Final = {
    Reason.OWN_ORIGIN: "an own origin gets no grant: the page has to call the API by its own name, or is to leave self_origins for origins",
    Reason.REPEATED_HEADER: "no policy lets ambiguous requests pass; the client has to send the header once",
    Reason.HEADER_BYTES: "no policy lets such bytes pass",
    Reason.AMP_SAME_ORIGIN_MISSING: "the page has to send AMP-Same-Origin: true",
    Reason.AMP_SOURCE_ORIGIN: "the page has to name a publisher in __amp_source_origin; or add it to amp.publisher",
    Reason.AMP_SENDER_NOT_ALLOWED: "the sender has to be one of amp.email.senders",
    Reason.REQUEST_HEADERS_MALFORMED: "the list of headers is too long, or malformed",
}


def _method(policy: Policy, route: Route, method: str) -> Edit:
    if method not in METHODS:
        upper = f"; write {method.upper()} in the page" if method.upper() in METHODS else ""
        raise _NoChange(f"the proxy cannot carry the method {method}{upper}")
    return Edit(_path(policy, route, "methods"), add=(method,), instead=route.cors.methods or ())


def _header(policy: Policy, route: Route, question: Question, name: bytes) -> Edit:
    if name == b"*":
        raise _NoChange("a header that is named * is never granted: in an answer that would be any header")
    if not grantable_header(name):
        raise _NoChange(f"the header {shown(name)} is never granted to a page")
    spelled = next((shown(each) for each, _ in question.headers if each.lower() == name), shown(name))
    if spelled.islower():
        spelled = "-".join(word.capitalize() for word in spelled.split("-"))
    return Edit(_path(policy, route, "headers"), add=(spelled,), instead=route.cors.headers)


def _path(policy: Policy, route: Route, key: str) -> tuple[str | int, ...]:
    """Where the key is set that holds for this route, or would be."""
    default = policy.spec.default.cors
    here = route.cors.places.get(key)
    if route.index == len(policy.spec.routes) or (
        here is not None and default is not None and here == default.places.get(key)
    ):
        return "cors", key
    return "routes", route.index, "cors", key


def _dangers(before: Policy, after: Policy, question: Question) -> list[str]:
    """What the change opens beside what was asked for, by the keys in which the routes differ."""
    changed: dict[str, list[RouteSpec]] = {}
    for old, new in zip(
        (*before.spec.routes, before.spec.default), (*after.spec.routes, after.spec.default), strict=True
    ):
        if old.cors is None or new.cors is None:
            continue
        were, are = effective_cors(old.cors), effective_cors(new.cors)
        for key in were:
            if were[key] != are[key]:
                changed.setdefault(key, []).append(new)
        if old.path_words != new.path_words:
            changed.setdefault("dangerously_allow", []).append(new)
    told = [_danger(key, routes, before, question) for key, routes in changed.items()]
    if before.spec.self_origins != after.spec.self_origins:
        told.append(
            f"{shown(question.origin or b'')} then passes everywhere as the API's own, with every method"
        )
        if before.spec.self_origins is None:
            told.append("own origins are then no longer derived from Host: name every one of them")
    if before.spec.hosts != after.spec.hosts:
        told.append(f"requests for the Host {shown(question.host)} are then served on every route")
    return told


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
        lost = (
            "; every other origin loses its access"
            if any(_everyone(before, route.index) for route in after)
            else ""
        )
        return f"{origin} may then send{cookies} and read everything that the policy allows on {routes}{lost}"
    if key == "methods":
        state = "" if question.method in SAFE_METHODS else ", which changes things"
        return f"every origin allowed on {routes} may then send {method}{state}"
    if key == "headers":
        named = [
            shown(name)
            for name, _ in question.headers
            if name.lower() in UNCOVERED and name.lower() != AUTHORIZATION
        ]
        heeded = (
            f": an API that heeds {', '.join(named)} serves another path or method than the one that is judged"
            if named
            else ""
        )
        return f"every origin allowed on {routes} may then send these headers{heeded}"
    if key == "credentials":
        return f"every origin allowed on {routes} may then act with its user's cookies: a hole in any of their pages is one here"
    if key == "without_origin":
        return f"requests without Origin then reach {routes}: links, images, forms of other sites"
    if key == "websocket":
        return f"every origin allowed on {routes} may then open WebSockets"
    return f"paths that an API may read as another path then reach {routes}"


def _everyone(policy: Policy, index: int) -> bool:
    return (*policy.site.routes, policy.site.default)[index].everyone is not None
