"""The blocks of docs/ci.md."""

import re
from pathlib import Path

import yaml

from cors_proxy import __version__
from tests.names import NAMES
from tests.transcripts import Document

from .repository import ROOT, lint

GUIDE = Document("docs/ci.md")
WORKFLOW, GITLAB, PRE_COMMIT = GUIDE.blocks("yaml")


def test_the_workflow_is_valid_and_uses_inputs_of_the_action(tmp_path: Path) -> None:
    file = tmp_path / ".github/workflows/cors.yaml"
    file.parent.mkdir(parents=True)
    # Zizmor asks for the commit, which no tag has yet.
    action = f"{NAMES['REPOSITORY']}@v{__version__} #"
    file.write_text(WORKFLOW.replace(action, f"{NAMES['REPOSITORY']}@{'1' * 40} #"))
    lint("vendor.github-workflows", file)
    others = [each for each in re.findall(r"uses: (.*)", WORKFLOW) if not each.startswith(action)]
    assert all(re.fullmatch(r"\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each) for each in others)
    (step,) = [each for each in yaml.safe_load(WORKFLOW)["jobs"]["policy"]["steps"] if each["uses"] in action]
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    assert set(step["with"]) <= set(inputs) and inputs["sarif"]["default"] in WORKFLOW


def test_the_gitlab_block_sets_variables_of_the_job() -> None:
    own = yaml.safe_load((ROOT / "deploy/ci/gitlab.yaml").read_text())["cors-proxy"]["variables"]
    assert set(yaml.safe_load(GITLAB)["cors-proxy"]["variables"]) <= set(own)


def test_the_hook_of_the_block_exists() -> None:
    (repository,) = yaml.safe_load(PRE_COMMIT)["repos"]
    assert repository["repo"].endswith(f"/{NAMES['REPOSITORY']}") and repository["rev"] == f"v{__version__}"
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [each["id"] for each in repository["hooks"]] == [each["id"] for each in hooks]
