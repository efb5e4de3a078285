"""Judges what was learned from the traffic of an API against its true policy."""

from dataclasses import dataclass

from cors_proxy.change.compare import compare
from cors_proxy.learn.cases_text import cases_text
from cors_proxy.learn.checked import failing_cases, read_back
from cors_proxy.learn.evidence import Evidence
from cors_proxy.learn.formats import read_line
from cors_proxy.learn.policy_text import policy_text
from cors_proxy.learn.proposal import propose
from cors_proxy.partition.outcome import Ability
from cors_proxy.policy.read import parse_policy

from .apis import Api, policy
from .traffic import HOSTILE, Call, Traffic, passes, site

# Nobody gets it by a grant: requests of an origin that is not listed may pass as if they had none.
WITHOUT_A_GRANT = (Ability.SEND, Ability.SEND_WITHOUT_ORIGIN, Ability.EMBED)


NO_ORIGINS = policy("cors: {websocket: deny}\n")


@dataclass(frozen=True)
class Judged:
    text: str
    cases: tuple[str, ...]  # of its tests: those that fail with the true policy
    good: tuple[Call, ...]  # of the traffic
    refused: tuple[Call, ...]  # of the good ones, by what was proposed
    granted: tuple[Call, ...]  # by what was proposed, of all origins, methods and paths
    wrong: tuple[Call, ...]  # of the granted ones, by the true policy

    @property
    def hostile(self) -> list[Call]:
        return [call for call in self.granted if call.origin in HOSTILE]


def learned(api: Api, log: list[str]) -> tuple[str, str]:
    """The text of the proposal, whose own tests pass, and those tests."""
    evidence = Evidence([403] if api.style == "403" else [])
    for line in log:
        seen = read_line(line)
        if seen is not None:
            evidence.add(seen)
    proposal = propose(evidence)
    text = policy_text(proposal, "http://api:3000")
    cases = cases_text(proposal)
    assert not failing_cases(read_back(text), cases)
    return text, cases


def judged(api: Api, count: int, seed: int) -> Judged:
    traffic = Traffic(api, count, seed)
    text, cases = learned(api, traffic.log)
    proposed, true = site(text), site(api.policy)
    granted = tuple(call for call in _asked(traffic) if passes(proposed, call))
    return Judged(
        text,
        tuple(failing_cases(parse_policy(api.policy, "true.yaml", "")[0], cases)),
        tuple(traffic.good),
        tuple(call for call in traffic.good if not passes(proposed, call)),
        granted,
        tuple(call for call in granted if not passes(true, call)),
    )


def beyond(api: Api, text: str) -> list[str]:
    """What `diff` says that the proposal grants beyond the true policy."""
    return _gained(api.policy, text)


def all_granted(text: str) -> list[str]:
    """What `diff` says that the proposal grants beyond a policy without origins."""
    return _gained(NO_ORIGINS, text)


def _gained(old: str, new: str) -> list[str]:
    found = compare(parse_policy(old, "old.yaml", "")[0], parse_policy(new, "learned.yaml", "")[0])
    assert not found.gave_up
    return [
        str(part)
        for finding in found.findings
        if finding.gained
        for part in finding.parts
        if part.ability not in WITHOUT_A_GRANT
    ]


def _asked(traffic: Traffic) -> set[Call]:
    """Requests of every origin, with each method, of known paths and of others."""
    paths = [path for path, _ in traffic.api.calls] + ["/other", "/admin/x", "/orders/{id}/secret", "/users"]
    return {
        Call(origin, host, method, traffic.fill(path), headers, credentials)
        for origin in (*HOSTILE, *traffic.api.origins, "https://new.example.com")
        for host in traffic.api.hosts
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        for path in paths
        for headers in ((), ("Content-Type",), ("X-Other",))
        for credentials in (False, True)
    }
