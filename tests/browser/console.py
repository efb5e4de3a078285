"""What Chromium writes on its console."""

from typing import TypedDict

from selenium.webdriver import Chrome


class _Entry(TypedDict):
    message: str


def console(chromium: Chrome) -> list[str]:
    """The messages since the last call."""
    entries: list[_Entry] = chromium.get_log("browser")  # type: ignore[no-untyped-call]
    return [entry["message"] for entry in entries]
