"""Every link within the repository has a target, and the index leads to every document."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOP = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "bench/README.md")
ELSEWHERE = [ROOT / name for name in TOP]
PAGES = [*ELSEWHERE, *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FILE = re.compile(r"`([\w./-]+\.(?:py|yaml|md))\b")
# What is named without a link describes the code of today; the changelog describes the past.
NAMING = [page for page in PAGES if page.name != "CHANGELOG.md" and page.parent.name != "bench"]
PARTS = (
    "*.*",
    ".github/**/*.*",
    "cors_proxy/**/*.*",
    "tests/**/*.*",
    "docs/**/*.*",
    "config/*",
    "deploy/**/*.*",
    "bench/*",
)
TEXT = (".py", ".yaml", ".html", ".md")
EXAMPLES = {
    "old.yaml",
    "new.yaml",
    "assertions.yaml",
    "policy.yaml",
    "./policy.yaml",
    "cases.yaml",
    "api.yaml",
}  # the reader's own


def anchors(page: Path) -> set[str]:
    """The anchors of headings: their words in lower case, joined by hyphens."""
    titles = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text("utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_document_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    linked = {(ROOT / "docs" / link).resolve() for link in LINK.findall(index)}
    assert {page for page in (ROOT / "docs").rglob("*.md") if page.name != "README.md"} <= linked
    assert "docs/README.md" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", NAMING, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_document_names_are_there(page: Path) -> None:
    """By their path, or by the end of it: `heads.py` stands for `cors_proxy/proxy/heads.py`."""
    there = [f"/{path.relative_to(ROOT)}" for part in PARTS for path in ROOT.glob(part)]
    for name in set(FILE.findall(page.read_text("utf-8"))) - EXAMPLES:
        assert name.startswith("/") or any(path.endswith(f"/{name}") for path in there), name


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_names_of_code_that_a_document_names_are_there(page: str) -> None:
    """`handle`, `Site.match`, `_private`: each part is a word of some source."""
    folders = ("cors_proxy", "tests")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.*") if path.suffix in TEXT]
    sources += [ROOT / "setup.py", ROOT / "config" / "full.yaml", *(ROOT / ".github").rglob("*.yaml")]
    words = set(re.findall(r"\w+", "\n".join(path.read_text("utf-8") for path in sources)))
    for name in re.findall(r"`([A-Za-z_][\w.]*)[`(]", (ROOT / page).read_text("utf-8")):
        if not name.endswith(TEXT):  # the test above has these
            assert set(name.split(".")) <= words, name


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_make_has_the_targets_that_a_document_names(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for words in re.findall(r"\bmake ([a-z ]+)[`\n]", (ROOT / page).read_text("utf-8")):
        assert set(words.split()) <= targets, words
