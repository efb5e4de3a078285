"""docs/embedding.md: its table is what the code says, and its policies are valid."""

import pytest

from cors_proxy.explain.matrix import table
from cors_proxy.policy.read import parse_policy
from tests.transcripts import Document

GUIDE = Document("docs/embedding.md")


def test_the_table_is_current() -> None:
    assert table() in GUIDE.text, "run: python -m cors_proxy.explain.matrix"


@pytest.mark.parametrize("text", GUIDE.blocks("yaml"))
def test_the_policies_have_no_problems(text: str) -> None:
    assert parse_policy(text, "policy.yaml", "")[1] == []
