"""The table in docs/fleet.md agrees with `check --for`, and covers each engine that the tests can run."""

from pathlib import Path

from cors_proxy.engines.losses import DIALECTS, losses
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy
from tests.casebook import Policy as Block
from tests.casebook import cases

from .corpus import expected
from .table import BEGIN, END, Row, read, write

FLEET = Path(__file__).parents[2] / "docs" / "fleet.md"
OF_KUBERNETES = {"istio", "envoy-gateway"}


def named(engine: str) -> dict[str, str]:
    """The key of the loss that `check --for` names, by case."""
    policies: dict[Block, Policy] = {}
    found = {}
    for case in cases():
        if case.policy not in policies:
            decide = f"decide: {{listen: 127.0.0.1:1, dialect: {DIALECTS[engine]}}}\n"
            text = f"{case.policy.text}upstream: http://a\n{decide}"
            policies[case.policy] = parse_policy(text, case.policy.name, "")[0]
        policy = policies[case.policy]
        if key := expected(losses(engine, policy), case, policy):
            found[case.id] = key
    return found


def test_its_cases_exist_and_fail_by_losses_that_check_names() -> None:
    rows, known = read(FLEET.read_text("utf-8")), {case.id for case in cases()}
    assert rows.keys() == DIALECTS.keys() - OF_KUBERNETES
    for engine, row in rows.items():
        assert row.failed.keys() <= known
        assert (row.number, row.passed) == (len(known), len(known) - len(row.failed)), engine
        assert row.failed == named(engine), engine


def test_it_is_written_as_it_is_read() -> None:
    rows = {"a": Row(2, 2), "b": Row(1, 2, {"p-1/a case, with: marks": "cors.expose"})}
    text = write(f"before\n{BEGIN}old\n{END}after\n", rows)
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert read(text) == rows and "`cors.expose` (1)" in text
    assert write(text, read(text)) == text
