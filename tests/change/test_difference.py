"""What differs about one request."""

from cors_proxy.change.difference import difference_of
from cors_proxy.partition.cases import Case
from cors_proxy.partition.outcome import Ability
from cors_proxy.partition.side import Side
from cors_proxy.policy.read import parse_policy
from tests.change.comparing import HEAD
from tests.cors.sites import request


def test_gained_and_lost() -> None:
    read = [parse_policy(HEAD + text, "p", "")[0] for text in ("", "cors: {origins: [https://a.example]}\n")]
    old, new = (Side(policy.spec, policy.site) for policy in read)
    case = Case(request(Origin="https://a.example"), (), ())
    gained, lost = difference_of((old, new), case), difference_of((new, old), case)
    assert gained is not None and lost is not None
    assert (Ability.READ, "") in gained.gained and not gained.lost
    assert gained.gained == lost.lost
    assert difference_of((old, old), case) is None
