"""The table in docs/fleet.md agrees with `check --for`, and covers each engine that the tests can run."""

from functools import cache
from pathlib import Path

from cors_proxy.engines.losses import losses
from cors_proxy.engines.names import DIALECTS
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy
from tests.casebook import Policy as Block
from tests.casebook import cases

from .corpus import SHOWS, block_of, expected, expected_exchange
from .exchanges import EXCHANGES, SMALL
from .table import BEGIN, END, Row, read, write

FLEET = Path(__file__).parents[2] / "docs" / "fleet.md"
OF_KUBERNETES = {"istio", "envoy-gateway"}


def asked(engine: str, block: Block) -> Policy:
    return read_policy(block, DIALECTS[engine])


@cache
def read_policy(block: Block, dialect: str) -> Policy:
    decide = f"decide: {{listen: 127.0.0.1:1, dialect: {dialect}}}\n"
    return parse_policy(f"{block.text}upstream: http://a\n{decide}", block.name, "")[0]


def named(engine: str) -> dict[str, str]:
    """The key of the loss that `check --for` names, by case and exchange."""
    found = {}
    for case in cases():
        policy = asked(engine, case.policy)
        if key := expected(losses(engine, policy), case, policy):
            found[case.id] = key
    for each in EXCHANGES:
        if key := expected_exchange(losses(engine, asked(engine, block_of(each.policy))), each):
            found[each.id] = key
    return found


def test_each_loss_about_requests_is_shown() -> None:
    """Those without it are about forwarding, and about `decide` itself."""
    shown = {*SHOWS, *(key for each in EXCHANGES for key in each.shows)}
    policy = f"{SMALL}routes: [{{path: /a, mode: report}}]\n"
    for engine in DIALECTS:
        lost = losses(engine, asked(engine, block_of(policy)))
        assert {loss.key for loss in lost} <= shown
        assert not any(loss.refusal for loss in lost)


def test_its_cases_exist_and_fail_by_losses_that_check_names() -> None:
    rows, known = (
        read(FLEET.read_text("utf-8")),
        {*(case.id for case in cases()), *(each.id for each in EXCHANGES)},
    )
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
