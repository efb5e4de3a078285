"""The action of `action.yml`: its own steps, in a clone of a pull request."""

import json
import re
import shlex
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft4Validator

from .repository import ASSERTIONS, BASE, CASES, ROOT, WIDER, Host, bash, git, host, lint, merged, programs

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = ACTION["runs"]["steps"]
STANDARD = json.loads((ROOT / "tests/change/sarif-2.1.0.json").read_text())
ALL = {"policy.yaml": BASE, "cases.yaml": CASES, "assertions.yaml": ASSERTIONS}
CHECKED = {"cases": "cases.yaml", "assertions": "assertions.yaml"}


class Job:
    """One run of the action for pull request 7."""

    def __init__(self, folder: Path, clone: Path, api: Host, *, fork: bool = False) -> None:
        folder.mkdir()
        programs(folder / "cors-proxy")
        self.clone, self.summary, self.output = clone, folder / "summary", folder / "output"
        self.report = folder / "report.md"
        event = {
            "pull_request": {
                "number": 7,
                "head": {"repo": {"full_name": "other/api" if fork else "own/api"}},
                "base": {"repo": {"full_name": "own/api"}},
            }
        }
        (folder / "event.json").write_text(json.dumps(event))
        self.environment = {
            "RUNNER_TEMP": str(folder),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_API_URL": api.url,
            "GITHUB_BASE_REF": "main",
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_REPOSITORY": "own/api",
            "GITHUB_SHA": git(clone, "rev-parse", "HEAD") if (clone / ".git").exists() else "",
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }

    async def comment(self, report: str, *, quiet: bool = False, **inputs: str) -> str:
        """The log of the step that comments, after one that wrote this report."""
        self.report.write_text(report)
        self.output.write_text(f"report={self.report}\nquiet={str(quiet).lower()}\n")
        code, log = await self.run(3, **inputs)
        assert code == 0, log
        return log

    async def run(self, first: int = 2, /, **inputs: str) -> tuple[int, str]:
        """Without the steps that install the program."""
        values: dict[str, str] = {name: each["default"] for name, each in ACTION["inputs"].items()}
        values |= {"token": "t0ken"} | {name.replace("_", "-"): value for name, value in inputs.items()}
        code, log = 0, ""
        for step in STEPS[first:]:
            outputs = self.outputs()
            if "if" in step and not outputs.get("report"):
                continue
            environment = {name: filled(str(value), values, outputs) for name, value in step["env"].items()}
            failed, text = await bash(step["run"], self.clone, self.environment | environment)
            code, log = code or failed, log + text
        return code, log

    def outputs(self) -> dict[str, str]:
        lines = self.output.read_text().splitlines() if self.output.exists() else []
        return dict(line.split("=", 1) for line in lines)


def filled(value: str, inputs: dict[str, str], outputs: dict[str, str]) -> str:
    names = re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], value)
    names = re.sub(
        r"\$\{\{ steps\.review\.outputs\.(\w+) \}\}", lambda found: outputs.get(found[1], ""), names
    )
    assert "${{" not in names
    return names


async def test_a_pull_request_that_widens(tmp_path: Path) -> None:
    """The clone is so shallow that the base must be fetched.  Its modules are not imported."""
    trap = {"yaml.py": "raise SystemExit", "cors_proxy.py": "raise SystemExit"}
    clone = merged(tmp_path, ALL, {"policy.yaml": WIDER, **trap}, 1)
    async with host() as api:
        job = Job(tmp_path / "job", clone, api)
        code, log = await job.run(**CHECKED)
        assert code == 0, log
    (comment,) = api.comments
    for text in (comment["body"], job.summary.read_text()):
        assert all(f"* {step}: ok" in text for step in ("check", "test", "prove"))
        assert "**danger**: https://b.example.com: may now read" in text
    sarif: dict[str, Any] = json.loads((clone / job.outputs()["sarif"]).read_text())
    Draft4Validator(STANDARD).validate(sarif)
    assert [each["ruleId"] for each in sarif["runs"][0]["results"]] == ["danger"]
    assert re.search(r"^::error file=policy\.yaml,line=3", log, re.M)
    assert api.tokens == {"Bearer t0ken"} and job.outputs()["differs"] == "true"


async def test_one_comment_for_all_pushes(tmp_path: Path) -> None:
    async with host() as api:
        for number in range(100):  # the comment is on the second page
            api.add(f"{number}")
        await Job(tmp_path / "first", tmp_path, api).comment("first")
        marker = api.comments[-1]["body"].splitlines()[0]
        api.comments.insert(0, {"id": 1, "body": marker, "user": {"type": "User"}})  # a copy of it
        await Job(tmp_path / "second", tmp_path, api).comment("second", quiet=True)
    writes = [call for call in api.calls if not call.startswith("GET")]
    assert writes == [
        "POST /repos/own/api/issues/7/comments",
        "PATCH /repos/own/api/issues/comments/200",
    ]
    assert api.comments[-1]["body"] == f"{marker}\nsecond" and api.comments[0]["body"] == marker


async def test_a_token_of_a_person_has_one_comment_too(tmp_path: Path) -> None:
    async with host() as api:
        for number in range(2):
            await Job(tmp_path / f"{number}", tmp_path, api).comment(f"{number}", token="personal")
            api.comments[0]["user"] = {"type": "User", "login": "person"}
        marker = api.comments[0]["body"].splitlines()[0]
        assert [comment["body"] for comment in api.comments] == [f"{marker}\n1"]
        api.comments[0]["user"] = {"type": "Bot", "login": "another"}
        await Job(tmp_path / "3", tmp_path, api).comment("3", token="personal")
    assert len(api.comments) == 2 and api.comments[0]["body"] == f"{marker}\n1"


async def test_a_redirection_has_no_token(tmp_path: Path) -> None:
    async with host() as api, host() as other:
        api.elsewhere = other.url
        await Job(tmp_path / "job", tmp_path, api).comment("report")
    assert api.tokens == {"Bearer t0ken"} and other.tokens == {""}


async def test_nothing_to_say_is_no_comment(tmp_path: Path) -> None:
    clone = merged(tmp_path, ALL, {"other": ""}, 2)
    async with host() as api:
        job = Job(tmp_path / "job", clone, api)
        assert (await job.run())[0] == 0
    assert api.comments == [] and job.outputs()["differs"] == "false"
    assert "Both policies mean the same" in job.summary.read_text()


@pytest.mark.parametrize(
    ("fork", "line"),
    [
        (True, "::notice::cors-proxy: a pull request from a fork may not write comments"),
        (False, "::warning::cors-proxy: no comment (403): the job needs 'permissions: pull-requests: write'"),
    ],
)
async def test_a_token_that_may_not_write(tmp_path: Path, fork: bool, line: str) -> None:
    async with host() as api:
        api.refuses = 403
        assert line in await Job(tmp_path / "job", tmp_path, api, fork=fork).comment("report")
    assert api.comments == []


async def test_failures_are_reported_and_fail(tmp_path: Path) -> None:
    after = {"policy.yaml": BASE.replace("[https://app.example.com]", "['*']")}
    clone = merged(tmp_path, ALL, after, 2)
    async with host() as api:
        code, log = await Job(tmp_path / "job", clone, api).run(**CHECKED, fail_on="new-access")
    assert code == 1 and "::error::cors-proxy: failed: prove diff" in log
    body = api.comments[0]["body"]
    assert "**prove failed**" in body and "FAIL  public: none" in body and "**danger**" in body


async def test_a_policy_that_does_not_read(tmp_path: Path) -> None:
    """What it says is no command of the workflow, and no Markdown."""
    bad = BASE.replace("https://app.example.com", '"```\\n::set-output name=x::y"')
    clone = merged(tmp_path, ALL, {"policy.yaml": bad}, 2)
    async with host() as api:
        code, log = await Job(tmp_path / "job", clone, api).run()
    assert code == 1 and "**check failed**" in api.comments[0]["body"]
    quiet = re.sub(r"^::stop-commands::(\w+)\n.*?^::\1::\n", "", log, flags=re.M | re.S)
    assert {line.split("::")[1].split()[0] for line in quiet.splitlines() if line.startswith("::")} == {
        "error"
    }
    assert not re.search("^::set-output", quiet, re.M)


async def test_a_new_policy(tmp_path: Path) -> None:
    clone = merged(tmp_path, {"other": ""}, {"policy.yaml": BASE}, 1)
    async with host() as api:
        job = Job(tmp_path / "job", clone, api)
        code, log = await job.run()
    assert code == 0, log
    assert "all that it allows is new" in api.comments[0]["body"] and "sarif" not in job.outputs()


async def test_a_base_that_cannot_be_fetched(tmp_path: Path) -> None:
    clone = merged(tmp_path, ALL, {"policy.yaml": WIDER}, 1)
    git(clone, "remote", "set-url", "origin", "/nowhere")
    async with host() as api:
        code, log = await Job(tmp_path / "job", clone, api).run()
    assert code == 1 and "give actions/checkout 'fetch-depth: 2'" in log


async def test_the_head_alone_is_checked_out(tmp_path: Path) -> None:
    """Even if it is a merge of its own, as after an update from `main`: neither parent is the base."""
    clone = merged(tmp_path, ALL, {"policy.yaml": WIDER}, 2)
    origin = tmp_path / "origin"
    git(origin, "switch", "--quiet", "main")
    git(origin, "commit", "--quiet", "--allow-empty", "--message", "later")
    git(origin, "switch", "--quiet", "change")
    git(origin, "merge", "--quiet", "--no-ff", "--message", "update", "main")
    (origin / "policy.yaml").write_text(BASE)
    git(origin, "switch", "--quiet", "--force", "main")
    later = WIDER.replace("b.example", "c.example")
    (origin / "policy.yaml").write_text(later)  # what others change is not of this pull request
    git(origin, "commit", "--quiet", "--all", "--message", "of others")
    async with host() as api:
        for depth, code in (("--depth=1", 1), ("--unshallow", 0)):
            git(clone, "fetch", "--quiet", depth, "origin", "change", *(["main"] if code == 0 else []))
            git(clone, "checkout", "--quiet", "--detach", git(origin, "rev-parse", "change"))
            job = Job(tmp_path / f"job{depth}", clone, api)
            job.environment["GITHUB_SHA"] = "1" * 40
            found, log = await job.run()
            assert found == code, log
            assert (code == 0) is ("may now read" in job.summary.read_text()), log
            assert (code == 1) is ("'fetch-depth: 0'" in log), log
    assert "b.example" in api.comments[0]["body"] and "c.example" not in api.comments[0]["body"]


@pytest.mark.parametrize(("fail_on", "code"), [("none", 0), ("new-access", 1)])
async def test_a_base_that_does_not_read_can_be_mended(tmp_path: Path, fail_on: str, code: int) -> None:
    old = {"policy.yaml": "version: 2\n", "cors-proxy.sarif": "of somebody"}
    clone = merged(tmp_path, old, {"policy.yaml": BASE}, 2)
    async with host() as api:
        found, log = await Job(tmp_path / "job", clone, api).run(fail_on=fail_on)
    assert found == code, log
    assert "**The change was not compared:**" in api.comments[0]["body"]
    assert not (clone / "cors-proxy.sarif").exists()


async def test_no_input_is_a_script(tmp_path: Path) -> None:
    evil = 'a $(touch pwned) `touch pwned`; touch pwned; "; touch pwned #.yaml'
    clone = merged(tmp_path, {evil: BASE}, {f"c{evil}": CASES, f"p{evil}": ASSERTIONS}, 2)
    inputs = {"policy": evil, "cases": f"c{evil}", "assertions": f"p{evil}", "base": evil}
    async with host() as api:
        job = Job(tmp_path / "job", clone, api)
        code, log = await job.run(**inputs, sarif=f"s{evil}")
    assert code == 1 and "it cannot be fetched" in log
    assert all(f"* {step}: ok" in job.summary.read_text() for step in ("check", "test", "prove"))
    assert list(tmp_path.rglob("pwned")) == []


async def test_what_it_installs(tmp_path: Path) -> None:
    """By a Python that gives it the packages of the tests: nothing is downloaded."""
    python, site = tmp_path / "python", sysconfig.get_path("purelib")
    python.write_text(
        f'#!/bin/sh\n{shlex.quote(sys.executable)} "$1" "$2" --without-pip "$3"\n'
        f'for made in "$3"/lib/python*/site-packages; do echo {shlex.quote(site)} > "$made/tests.pth"; done\n'
    )
    python.chmod(0o755)
    given = {"RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(ROOT), "PIP_NO_INDEX": "1"}
    code, log = await bash(STEPS[1]["run"], tmp_path, {"PYTHON": str(python), **given})
    assert code == 0, log
    assert "--require-hashes" in STEPS[1]["run"] and "--only-binary :all:" in STEPS[1]["run"]


async def test_a_long_report_is_cut_between_findings(tmp_path: Path) -> None:
    finding = "🔴 **danger**: https://b.example.com\n\n<details><summary>Try it</summary>\n\n</details>\n\n"
    async with host() as api:
        await Job(tmp_path / "job", tmp_path, api).comment(finding * 1000)
    body = api.comments[0]["body"]
    assert 55_000 < len(body) < 65_536
    assert body.endswith("</details>\n\n\nThe rest is in the summary of the job.\n")
    assert body.count("<details>") == body.count("</details>")


async def test_names_that_are_options_are_refused(tmp_path: Path) -> None:
    clone = merged(tmp_path, ALL, {}, 1)
    async with host() as api:
        code, log = await Job(tmp_path / "job", clone, api).run(policy="--show")
    assert code == 2 and "not the name of a file" in log


def test_it_is_valid_pinned_and_without_injection() -> None:
    action = ROOT / "action.yml"
    lint("vendor.github-actions", action)
    for step in STEPS:
        assert "${{" not in step.get("run", "")
    pinned = re.findall(r"uses: (.*)", action.read_text())
    assert pinned and all(re.fullmatch(r"\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each) for each in pinned)
    # The token is in no step that reads the policy.
    assert [step["name"] for step in STEPS if "token" in str(step.get("env"))] == [
        "Comment on the pull request"
    ]
