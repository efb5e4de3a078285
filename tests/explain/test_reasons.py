"""Every reason is explained, and the page is what the table says."""

from pathlib import Path

from cors_proxy.cors.reason import Reason
from cors_proxy.explain.reasons import ABOUT, reference

PAGE = Path(__file__).parents[2] / "docs" / "reasons.md"


def test_every_reason_has_a_meaning_and_a_remedy() -> None:
    assert list(ABOUT) == list(Reason)
    assert all(
        about.status and about.meaning.endswith(".") and about.remedy[-1] in ".?" for about in ABOUT.values()
    )


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == reference(), (
        "run: python -m cors_proxy.explain.reasons > docs/reasons.md"
    )
