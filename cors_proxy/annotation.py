"""Annotations of a GitHub workflow, one command a line.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions"""

from typing import Literal

from .cors.place import Place

Severity = Literal["error", "warning", "notice"]


def annotation(severity: Severity, place: Place | None, title: str, text: str) -> str:
    """A line that shows `text` at a place of a file, or for the whole run."""
    where = f"file={_property(place.file)},line={place.line},col={place.column}," if place else ""
    return f"::{severity} {where}title={_property(title)}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
