"""The form as it comes from a page, and what is said to one that was not filled in."""

from typing import Any

import pytest

from cors_proxy.operate.page.explainer import answer, to_question
from cors_proxy.policy.read import parse_policy

from .test_routes import ASKED, TEXT

POLICY = parse_policy(TEXT, "CORS_PROXY_POLICY", "")[0]


@pytest.mark.parametrize(
    "asked",
    [
        [], "x", {}, ASKED | {"headers": "X"}, ASKED | {"headers": [1]}, ASKED | {"headers": ["X"] * 129}, ASKED | {"where": "r"},
        ASKED | {"method": "G T"}, ASKED | {"headers": ["A B"]}, ASKED | {"credentials": "yes"}, ASKED | {"origin": "https://a\r\nb"},
    ],
)  # fmt: skip
def test_a_form_that_was_not_filled_in(asked: Any) -> None:
    with pytest.raises(ValueError, match="."):
        to_question(POLICY, asked)


def test_an_explanation_of_a_policy_that_is_no_file() -> None:
    told = answer(POLICY, to_question(POLICY, ASKED), None)
    assert (told["verdict"], told["change"], told["lines"]["CORS_PROXY_POLICY:4"]) == ("blocked", None, "")
