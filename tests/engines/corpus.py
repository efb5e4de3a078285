"""The corpus and the exchanges through an engine: what fails is what `check --for` names, and nothing
else."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby

from cors_proxy.cors.request import read
from cors_proxy.engines.losses import LISTS, PATHS, REPEATED, Loss, losses
from cors_proxy.engines.names import DIALECTS
from cors_proxy.policy.model import Policy
from tests.casebook import Case, cases
from tests.casebook import Policy as Block
from tests.wire import Upstream

from . import exchanges
from .exchanges import EXCHANGES, Exchange
from .running import Decider, Setup, engine, faults

EXPOSED = b"access-control-expose-headers"
# The cases in which a loss shows, of those on its route.
SHOWS: dict[str, Callable[[Case], bool]] = {
    "cors.expose": lambda case: case.verb == "forward" and EXPOSED in dict(case.expected),
    "cors.preflight.status": lambda case: case.verb != "forward" and case.status == 200,
    "amp.source_origin": lambda case: case.upstream_target != case.target and b"&&" in case.upstream_target,
    PATHS: lambda case: case.verb == "forward" and normalised(case.target) != case.target,
    REPEATED: lambda case: case.mode != "report" and any("," in each for each in listed(case)),
    LISTS: lambda case: case.mode != "report" and any(re.search(",(?! )", each) for each in listed(case)),
}


def normalised(target: bytes) -> bytes:
    """As Traefik does: hex digits in capitals, and no unreserved byte encoded."""
    path, mark, query = target.partition(b"?")
    return re.sub(b"%[0-9a-fA-F]{2}", _spelled, path) + mark + query


def _spelled(found: re.Match[bytes]) -> bytes:
    byte = bytes([int(found[0][1:], 16)])
    return byte if byte.isalnum() or byte in b"-._~" else found[0].upper()


def listed(case: Case) -> list[str]:
    names = b"Origin", b"Access-Control-Request-Method"
    return [value.decode("latin-1") for name, value in case.lines if name in names]


@dataclass
class Result:
    number: int = 0
    failed: dict[str, list[str]] = field(default_factory=dict)  # by case
    named: dict[str, str] = field(
        default_factory=dict
    )  # the key of the loss that `check --for` expects, by case

    @property
    def wrong(self) -> list[str]:
        return [
            *(
                f"{case} fails, and is not named: {self.failed[case]}"
                for case in self.failed.keys() - self.named.keys()
            ),
            *(f"{case} is named, and does not fail" for case in self.named.keys() - self.failed.keys()),
        ]


async def run(name: str, setup: Setup, keys: str) -> Result:
    upstream, result = Upstream(), Result()
    decider = Decider(f"dialect: {DIALECTS[name]}{keys}")
    await upstream.start()
    for block, group in groupby(cases(), key=lambda case: case.policy):
        policy = decider.policy(block, upstream.port)
        await decider.serve(policy)
        lost = losses(name, policy)
        async with engine(setup, policy) as port:
            for case in group:
                result.number += 1
                if found := await faults(case, port, upstream):
                    result.failed[case.id] = found
                if named := expected(lost, case, policy):
                    result.named[case.id] = named
    for text, some in groupby(sorted(EXCHANGES, key=lambda each: each.policy), key=lambda each: each.policy):
        policy = decider.policy(block_of(text), upstream.port)
        await decider.serve(policy)
        lost = losses(name, policy)
        async with engine(setup, policy) as port:
            for each in some:
                result.number += 1
                if found := await exchanges.faults(each, port, upstream):
                    result.failed[each.id] = found
                if named := expected_exchange(lost, each):
                    result.named[each.id] = named
    await decider.stop()
    await upstream.stop()
    return result


def block_of(text: str) -> Block:
    return Block("exchanges", f"version: 1\n{text}", ())


def expected_exchange(lost: list[Loss], exchange: Exchange) -> str:
    return next((loss.key for loss in lost if loss.key in exchange.shows), "")


def expected(lost: list[Loss], case: Case, policy: Policy) -> str:
    """The key of the loss that shows in this case, or ""."""
    return next((loss.key for loss in lost if shows(loss, case, policy)), "")


def shows(loss: Loss, case: Case, policy: Policy) -> bool:
    route, _ = policy.site.match(read(case.method, case.target, case.lines))
    return loss.route in ("", route.name) and loss.key in SHOWS and SHOWS[loss.key](case)
