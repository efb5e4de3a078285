"""The job of `deploy/ci/gitlab.yaml`, in a clone of a merge request."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft4Validator

from cors_proxy import __version__

from .repository import ASSERTIONS, BASE, CASES, ROOT, WIDER, Host, bash, git, host, merged, programs

FILE = ROOT / "deploy/ci/gitlab.yaml"
JOB = yaml.safe_load(FILE.read_text())["cors-proxy"]
STANDARD = json.loads((ROOT / "tests/change/sarif-2.1.0.json").read_text())
ALL = {"policy.yaml": BASE, "cases.yaml": CASES, "assertions.yaml": ASSERTIONS}


async def run(folder: Path, clone: Path, api: Host, **variables: str) -> tuple[int, str]:
    path = f"{programs(folder)}:/usr/bin:/bin"
    base = git(clone, "rev-parse", "--verify", "HEAD^1") if variables.pop("deep", "") else ""
    environment = {
        **{name: str(value) for name, value in JOB["variables"].items()},
        "PATH": path,
        "CI_API_V4_URL": api.url,
        "CI_MERGE_REQUEST_PROJECT_ID": "5",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
        **variables,
    }
    return await bash("\n".join(JOB["script"]), clone, environment)


async def test_a_merge_request_that_widens(tmp_path: Path) -> None:
    clone = merged(tmp_path, ALL, {"policy.yaml": WIDER}, 1)
    base = git(tmp_path / "origin", "rev-parse", "main")  # not in the clone
    async with host() as api:
        given = {"CORS_PROXY_TOKEN": "t0ken", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
        files = {"CASES": "cases.yaml", "ASSERTIONS": "assertions.yaml"}
        code, log = await run(tmp_path / "first", clone, api, **given, **files)
        assert code == 0, log
        body = api.comments[0]["body"]
        api.comments.insert(0, {"id": 1, "body": body, "author": {"id": 2}})  # somebody's copy
        # As in a pipeline for merged results
        given |= {"CI_MERGE_REQUEST_TARGET_BRANCH_SHA": base, "CI_MERGE_REQUEST_DIFF_BASE_SHA": "1" * 40}
        code, log = await run(tmp_path / "second", clone, api, **given, FAIL_ON="new-access")
    assert "**danger**" in api.comments[1]["body"]
    assert code == 1 and log.endswith("failed: diff\n")
    assert all(f"* {step}: ok" in body for step in ("check", "test", "prove")) and "**danger**" in body
    writes = [call for call in api.calls if not call.startswith("GET")]
    notes = "/projects/5/merge_requests/7/notes"
    assert writes == [f"POST {notes}", f"PUT {notes}/100"] and api.tokens == {"t0ken"}
    Draft4Validator(STANDARD).validate(json.loads((clone / "cors-proxy.sarif").read_text()))
    assert all((clone / name).exists() for name in JOB["artifacts"]["paths"])


async def test_a_policy_that_does_not_read_and_a_base_that_is_not_there(tmp_path: Path) -> None:
    """And which names the variable of the token."""
    bad = BASE.replace("https://app.example.com", '"${CORS_PROXY_TOKEN}"')
    clone = merged(tmp_path, ALL, {"policy.yaml": bad}, 1)
    git(clone, "remote", "set-url", "origin", "/nowhere")
    async with host() as api:
        given = {"CORS_PROXY_TOKEN": "t0ken", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "1" * 40}
        code, log = await run(tmp_path / "job", clone, api, **given)
    assert (
        code == 1 and log.endswith("failed: check diff\n") and "**check failed**" in api.comments[0]["body"]
    )
    assert "t0ken" not in log + api.comments[0]["body"]
    assert "cannot fetch the base: set GIT_DEPTH to 0" in (clone / "cors-proxy.md").read_text()


async def test_a_new_policy_and_an_api_that_redirects(tmp_path: Path) -> None:
    clone = merged(tmp_path, {"cors-proxy.sarif": "of somebody"}, {"policy.yaml": BASE}, 2)
    async with host() as api, host() as other:
        api.elsewhere = other.url
        code, log = await run(tmp_path / "job", clone, api, CORS_PROXY_TOKEN="t0ken", deep="yes")
    assert code == 0 and "all that it allows is new" in (clone / "cors-proxy.md").read_text()
    assert "no note on the merge request: the artifacts have the report" in log
    assert api.tokens == {"t0ken"} and other.tokens == {""}
    assert not (clone / "cors-proxy.sarif").exists()


@pytest.mark.parametrize(("fail_on", "code"), [("none", 0), ("any", 1)])
async def test_a_base_that_does_not_read_can_be_mended(tmp_path: Path, fail_on: str, code: int) -> None:
    clone = merged(tmp_path, {"policy.yaml": "version: 2\n"}, {"policy.yaml": BASE}, 2)
    async with host() as api:
        found, log = await run(tmp_path / "job", clone, api, FAIL_ON=fail_on, deep="yes")
    assert found == code and "**The change was not compared:**" in (clone / "cors-proxy.md").read_text(), log


def test_it_is_valid_and_of_this_version() -> None:
    tool = Path(sys.executable).parent / "check-jsonschema"
    command = [str(tool), "--builtin-schema", "vendor.gitlab-ci", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert JOB["variables"]["CORS_PROXY_VERSION"] == __version__
