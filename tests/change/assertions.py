"""Random assertions about the policies of `policies`, and the check of `prove`."""

from typing import Any

from cors_proxy.cors.judge import judge
from cors_proxy.partition.assertion import Assertion, Checker
from cors_proxy.partition.feeds import nothing, with_lists
from cors_proxy.partition.listings import listings
from cors_proxy.partition.outcome import outcome
from cors_proxy.partition.prove import prove
from cors_proxy.partition.side import Side
from cors_proxy.policy.assertions import ASSERTIONS, build_assertions
from cors_proxy.policy.nodes import compose
from cors_proxy.policy.problems import Findings
from cors_proxy.policy.types import Context
from tests.change.harness import sent
from tests.change.policies import HEADERS, HOSTS, METHODS, ORIGINS, PATHS, Dice, Json, policy, valid
from tests.change.requests import request


def conditions(dice: Dice, kind: str) -> Json:
    found: Json = {}
    if dice.maybe(0.8):
        negated = "not " if dice.maybe(0.5) else ""
        origins = [f"{negated}{origin}" for origin in dice.some([*ORIGINS, "null"], 2)]
        found["origin"] = dice.choice(["any", "none"]) if dice.maybe(0.2) else origins
    if dice.maybe(0.7):
        found["path"] = dice.choice([*PATHS, "/**"])
    if dice.maybe(0.6):
        found["method"] = dice.some(METHODS, 2)
    if dice.maybe(0.2):
        found["host"] = dice.some(HOSTS, 2)
    if dice.maybe(0.3):
        found["credentials"] = True
    if dice.maybe(0.25):
        found["headers"] = dice.some(HEADERS, 2)
    if dice.maybe(0.15):
        found["socket"] = True
    return found or {"method": "DELETE"} if kind == "never" else found


def entry(dice: Dice) -> Json:
    kind = dice.choice(["never", "never", "always", "always", "public", "no_credentials_for"])
    if kind == "public":
        return {kind: "none" if dice.maybe(0.5) else dice.some(PATHS, 2)}
    if kind == "no_credentials_for":
        return {kind: dice.some(ORIGINS, 2)}
    return {kind: conditions(dice, kind)}


def built(entries: list[Json]) -> tuple[Assertion, ...]:
    import yaml

    root, _ = compose(yaml.safe_dump({"assert": entries}), "assert.yaml")
    context = Context(Findings(), "")
    sections: Any = ASSERTIONS.decode(root.entries[0][1], "assert", context)
    found = build_assertions(sections, context)
    assert not context.findings.failed, context.findings.found
    return found


def run(seed: int, requests: int) -> tuple[int, int]:
    """A random policy with assertions.  Returns how many hold, and how many do not."""
    dice = Dice(seed)
    _, read = valid(dice, lambda: policy(dice), "policy.yaml")
    assertions = built([entry(dice) for _ in range(8)])
    proofs = prove(read.spec, read.site, assertions)
    checkers = [Checker(assertion) for assertion in assertions]
    side = Side(read.spec, read.site)
    rules = [rule for assertion in assertions for rule in assertion.origins]
    hosts = [host for assertion in assertions for route in assertion.routes() for host in route.hosts or ()]
    sets = [nothing, *(listing.listed for listing in listings([side], rules, hosts))]
    sites = [with_lists(side, listed).site for listed in sets]
    for feed in read.site.feeds:
        read.site.put(feed, sent(feed))
    for proof, checker in zip(proofs, checkers, strict=True):
        assert not proof.gave_up
        if proof.counter_example is not None:
            asked = proof.counter_example.request
            # What a feed lists is not known: one of the sets of feeds must show it
            assert any(
                checker.broken(asked, judgement := judge(site, asked), outcome(site, asked, judgement))
                for site in sites
            ), f"seed {seed}: nothing shows the counter-example of {checker.assertion.text}"
    holding = [checker for proof, checker in zip(proofs, checkers, strict=True) if proof.holds]
    for _ in range(requests):
        asked = request(dice)
        judgement = judge(read.site, asked)
        found = outcome(read.site, asked, judgement)
        for checker in holding:
            assert not checker.broken(asked, judgement, found), (
                f"seed {seed}: {checker.assertion.text} is said to hold: {asked.method!r} {asked.target!r} {asked.judged}"
                f" {judgement.decision.reason} {found.may}"
            )
    return len(holding), len(proofs) - len(holding)
