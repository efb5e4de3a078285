"""A comparison as Markdown, for a comment on a pull request."""

from collections.abc import Iterator
from typing import Final

from . import phrases
from .compare import Comparison
from .findings import Finding, Level
from .witness import witness_of

_MARKS: Final = {Level.DANGER: "🔴", Level.ACCESS: "🟠", Level.LOSS: "🔵", Level.OTHER: "⚪"}
_SPECIAL: Final = "\\`*_{}[]<>()#+!|~@&"


def as_markdown(comparison: Comparison, name: str) -> str:
    """`name` is the new policy's file."""
    lines = ["### What this change of the CORS policy does", ""]
    if comparison.equal:
        lines += ["Both policies mean the same.", ""]
    if comparison.gave_up:
        lines += [f"**Gave up: {escape(comparison.gave_up)}.** There may be more differences.", ""]
    for finding in comparison.findings:
        lines += _finding(comparison, finding, name)
    if comparison.settings:
        lines += ["<details><summary>Other settings</summary>", ""]
        lines += [f"* {escape(phrases.setting_line(setting))}" for setting in comparison.settings]
        lines += ["", "</details>", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _finding(comparison: Comparison, finding: Finding, name: str) -> Iterator[str]:
    yield f"{_MARKS[finding.level]} **{finding.level.value}**: {escape(phrases.title(finding))}"
    yield ""
    yield f"* routes: {escape(phrases.routes(finding.routes))}"
    for line in phrases.changes(finding):
        yield f"* differs: {escape(line)}"
    for side, places in zip(("old", "new"), finding.lines, strict=True):
        where = phrases.listed(map(str, places)) if places else f"{finding.cause.key} is not set"
        yield f"* {side}: {escape(where)}"
    if finding.witness is not None:
        witness = witness_of(finding.witness, comparison.new, name)
        yield f"* before: {escape(witness.before)}"
        yield f"* after: {escape(witness.after)}"
        yield ""
        yield "<details><summary>Try it</summary>"
        yield ""
        yield from _fenced(witness.explain, witness.curl)
        yield ""
        yield "</details>"
    yield ""


def _fenced(*commands: str) -> Iterator[str]:
    """A code block.  A command may hold back-quotes, so the fence is longer than any of them."""
    fence = "```"
    while any(fence in command for command in commands):
        fence += "`"
    return iter((f"{fence}sh", *commands, fence))


def escape(text: str) -> str:
    """Text that no character of it makes Markdown or HTML."""
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in text)
