"""The sections of docs/recipes.md, and their parts."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/recipes.md").read_text()


class Recipe(NamedTuple):
    blocks: dict[str, str]  # by the language: the policy is `yaml`
    packages: list[str]  # that it is run with; none if it is not run

    @property
    def policy(self) -> str:
        return self.blocks["yaml"]


def _recipe(section: str) -> Recipe:
    blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))
    with_ = re.findall(r"^Run with: (.*)$", section, re.MULTILINE)
    return Recipe(blocks, with_[0].split(", ") if with_ else [])


RECIPES = {
    title: _recipe(section)
    for title, _, section in (part.partition("\n") for part in re.split("\n###? ", TEXT)[1:])
}
