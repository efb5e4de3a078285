"""A policy made of an effective one means the same."""

import pytest

from cors_proxy.change.compare import compare
from cors_proxy.policy.effective import effective
from cors_proxy.policy.from_effective import policy_text
from cors_proxy.policy.read import parse_policy
from tests.change.policies import Dice, policy, valid


@pytest.mark.parametrize("seed", range(6))
def test_it_means_the_same(seed: int) -> None:
    dice = Dice(seed)
    _, read = valid(dice, lambda: policy(dice), "policy.yaml")
    again = parse_policy(policy_text(effective(read)), "again.yaml", "")[0]
    assert compare(read, again).equal


@pytest.mark.parametrize("other", [{}, {"routes": []}, {"routes": [{}]}, {"routes": [1]}])
def test_what_is_none(other: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        policy_text(other)
