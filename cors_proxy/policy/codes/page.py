"""Generates `docs/checks.md`, and the text of `check --explain`.

python -m cors_proxy.policy.codes.page > docs/checks.md
"""

import re
import textwrap
from typing import Final

from ..problems import CODES
from . import files, grants, keys, origins, routes, text
from .about import About, Example

ABOUT: Final[dict[str, About]] = dict(
    sorted(
        {**text.ABOUT, **keys.ABOUT, **origins.ABOUT, **grants.ABOUT, **routes.ABOUT, **files.ABOUT}.items()
    )
)
REQUIRED: Final = "version: 1\nupstream: http://localhost:3000\n"  # before an example that is not whole

HEAD: Final = """# Problems of a policy

`cors-proxy check` prints each problem with its code. An error (`E`) stops the start, and a reload
then keeps the old policy. A warning (`W`) stops nothing. `cors-proxy check --explain E301` prints
one of these sections.

The examples leave out `version` and `upstream` where they do not matter. A test checks that each
wrong example has exactly its problem, and that the right one has none.

This page is generated: `python -m cors_proxy.policy.codes.page > docs/checks.md`.
"""


def reference() -> str:
    """The page."""
    return HEAD + "".join(_section(code, about) for code, about in ABOUT.items())


def _section(code: str, about: About) -> str:
    return (
        f"\n## {code}\n\n**{_sentence(CODES[code])}** {about.meaning}\n\nWrong:\n\n{_block(about.wrong)}"
        f"\nRight:\n\n{_block(about.right)}\n{about.why}\n"
    )


def _sentence(meaning: str) -> str:
    return f"{meaning[0].upper()}{meaning[1:]}."


def _block(example: Example) -> str:
    lines = f"```yaml\n{_lines(example)}```\n" if example.text or not example.command else ""
    return lines + (f"```console\n$ {example.command}\n```\n" if example.command else "")


def _lines(example: Example) -> str:
    """An example as it is shown: with what is beside the policy, and control characters visible."""
    running = textwrap.indent(example.running, "# ") if example.running else ""
    before = f"# in force:\n{running}# after the reload:\n" if running else ""
    beside = "".join(f"# {name}: {content}" for name, content in example.files.items())
    return re.sub(
        r"[\x00-\x08\x0b-\x1f]", lambda match: chr(0x2400 + ord(match[0])), before + example.text + beside
    ).replace("\t", "\u2192")


def explanation(code: str) -> str:
    """The text of `check --explain`: plain text for a terminal.  Raises KeyError."""
    about = ABOUT[code]
    kind = "error" if code.startswith("E") else "warning"
    parts = [f"{code}, {kind}: {_plain(CODES[code])}.\n", _paragraph(about.meaning)]
    for title, example in (("Wrong", about.wrong), ("Right", about.right)):
        shown = _lines(example) if example.text or not example.command else ""
        shown += f"$ {example.command}\n" if example.command else ""
        parts.append(f"{title}:\n\n{textwrap.indent(shown, '    ')}")
    return "\n".join([*parts, _paragraph(about.why)])


def _paragraph(markdown: str) -> str:
    return textwrap.fill(_plain(markdown), 80, break_on_hyphens=False, break_long_words=False) + "\n"


def _plain(markdown: str) -> str:
    """Markdown without the marks of links and of code."""
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"docs/\1", markdown).replace("`", "")


if __name__ == "__main__":
    print(reference(), end="")
