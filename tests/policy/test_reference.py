"""`docs/policy.md` is what the tables say."""

from pathlib import Path

from cors_proxy.policy.problems import CODES
from cors_proxy.policy.reference import reference

FILE = Path(__file__).parents[2] / "docs" / "policy.md"


def test_the_page_is_what_the_tables_say() -> None:
    assert FILE.read_text("utf-8") == reference(), (
        "run: python -m cors_proxy.policy.reference > docs/policy.md"
    )


def test_every_mapping_and_code_has_its_place() -> None:
    page = reference()
    for title in (
        "Top level",
        "A route",
        "`cors` (in a route too)",
        "`cors.preflight`",
        "`a route.amp`",
        "`server.timeouts`",
        "`admin`",
    ):
        assert page.count(f"\n## {title}\n") == 1
    assert all(page.count(f"| {code} |") == 1 for code in CODES)
