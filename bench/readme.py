"""Puts the figures of a run into bench/README.md, and two of them into README.md."""

import re

from bench.figures import Figures
from bench.peers import ROOT

BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"
FRONT, HERE = ROOT / "README.md", ROOT / "bench" / "README.md"
# Works whose ratio to Envoy stands on the front page: our access log is on and Envoy's off, as is
# the default of both.
QUOTED = {
    "varied-get": re.compile(r"(GET\s+takes\s+about\s+)\d+\.\d+"),
    "varied-preflight": re.compile(r"(preflight\s+about\s+)\d+\.\d+"),
}


def write(figures: Figures, table: str) -> None:
    HERE.write_text(in_readme(HERE.read_text(), table))
    FRONT.write_text(in_front(FRONT.read_text(), figures))


def in_readme(text: str, table: str) -> str:
    """The text with its figures replaced."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}"


def in_front(text: str, figures: Figures) -> str:
    """The text with each quoted ratio that this run has measured."""
    for work, place in QUOTED.items():
        ratio = figures.ratio((work, "ours-log"), (work, "envoy"))
        if ratio is not None:
            text = place.sub(rf"\g<1>{ratio.median:.1f}", text)
    return text
