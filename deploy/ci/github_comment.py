#!/usr/bin/env python3
"""Writes the report into one comment on the pull request, and updates it at the next push.

It reads REPORT, POLICY, QUIET and TOKEN, and what GitHub sets. `action.yml` runs it."""

import json
import os
import sys
import urllib.error
import urllib.request
from hashlib import sha256
from pathlib import Path
from typing import Any

LIMIT = 60_000  # GitHub takes 65,536 characters
PAGE = 100
CUT = "\n\nThe rest is in the summary of the job.\n"
STARTS = ("\n🔴", "\n🟠", "\n🔵", "\n⚪", "\n### ", "\n\n**")  # of findings and parts


def main() -> int:
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text("utf-8"))
    if "pull_request" not in event:
        return 0
    pull = event["pull_request"]
    issues = f"/repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    # A repository may have several policies, and each of them a comment.
    marker = f"<!-- cors-proxy {sha256(os.environ['POLICY'].encode()).hexdigest()[:16]} -->"
    try:
        present = _present(f"{issues}/{pull['number']}/comments", marker)
        body = {"body": f"{marker}\n{_cut(Path(os.environ['REPORT']).read_text('utf-8'))}"}
        if present is not None:
            _call("PATCH", f"{issues}/comments/{present}", body)
        elif os.environ["QUIET"] != "true":  # nothing to say, and nothing that was said before
            _call("POST", f"{issues}/{pull['number']}/comments", body)
    except urllib.error.HTTPError as error:
        return _refused(error.code, pull)
    except OSError as error:
        print(f"::warning::cors-proxy: no comment, the summary has the report: {type(error).__name__}")
    return 0


def _present(path: str, marker: str) -> int | None:
    """The comment that this action wrote before.  Anybody can copy the marker, so only our own counts."""
    login = _login()
    number = 1
    while True:
        comments = _call("GET", f"{path}?per_page={PAGE}&page={number}")
        for comment in comments:
            user = comment.get("user") or {}
            own = user.get("login") == login if login else user.get("type") == "Bot"
            if own and comment["body"].startswith(marker):
                return int(comment["id"])
        if len(comments) < PAGE:
            return None
        number += 1


def _login() -> str:
    """Whose token it is.  That of a job has no account to ask for: what it writes is by a bot."""
    try:
        return str(_call("GET", "/user")["login"])
    except urllib.error.HTTPError as error:
        if error.code != 403:
            raise
        return ""


def _call(method: str, path: str, body: object = None) -> Any:
    request = urllib.request.Request(
        os.environ["GITHUB_API_URL"] + path,
        None if body is None else json.dumps(body).encode(),
        {
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        method=method,
    )
    # A redirection to another host must not take it along.
    request.add_unredirected_header("Authorization", f"Bearer {os.environ['TOKEN']}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def _cut(report: str) -> str:
    if len(report) <= LIMIT:
        return report
    return report[: max(report.rfind(start, 1, LIMIT) for start in STARTS)] + CUT


def _refused(code: int, pull: dict[str, Any]) -> int:
    """A job that may not comment is no failure of the change: the summary has the report."""
    fork = (pull["head"]["repo"] or {}).get("full_name") != pull["base"]["repo"]["full_name"]
    if code in (401, 403, 404) and fork:
        text = "a pull request from a fork may not write comments: the summary has the report"
        print(f"::notice::cors-proxy: {text}")
    elif code in (401, 403, 404):
        text = f"no comment ({code}): the job needs 'permissions: pull-requests: write'"
        print(f"::warning::cors-proxy: {text}")
    else:
        print(f"::warning::cors-proxy: no comment ({code}): the summary has the report")
    return 0


if __name__ == "__main__":
    sys.exit(main())
