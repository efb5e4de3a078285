"""A comparison as text."""

from cors_proxy.change.text import as_text
from tests.change.comparing import compared

APP = "cors:\n  origins: [https://app.example]\n"


def text(before: str, after: str) -> str:
    return as_text(compared(before, after), "new.yaml", (lambda place: "old line", lambda place: "new line"))


def test_a_finding_with_its_lines_and_its_witness() -> None:
    lines = text("", APP).splitlines()
    assert lines[0].startswith("danger  https://app.example: may now ")
    assert lines[2:4] == ["  old      origins is not set", "  new      new.yaml:4  new line"]
    assert lines[5:7] == [
        "  before   refused with 403: origin-not-allowed (old.yaml:1)",
        "  after    forwarded: origin-allowed (new.yaml:4) [read, send]",
    ]
    assert lines[-1] == "1 danger"


def test_settings_and_nothing() -> None:
    assert (
        text("", "server: {workers: 2}\n") == "other settings\n  server.workers: 1 -> 2\n\n1 other setting\n"
    )
    assert text("", "") == "both policies mean the same\n"
