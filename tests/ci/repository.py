"""A repository with a base and a change, and an API of comments that a job can call."""

import asyncio
import os
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

ROOT = Path(__file__).parents[2]
BASE = "version: 1\nupstream: http://localhost:3000\ncors: {origins: [https://app.example.com]}\n"
WIDER = BASE.replace("com]", "com, https://b.example.com]")
CASES = "cases: [{origin: https://app.example.com, request: GET /x, expect: allow}]\n"
ASSERTIONS = "assert:\n  - public: none\n"


def lint(schema: str, file: Path) -> None:
    """A file of GitHub Actions: it fits the schema, and has no known weakness."""
    for tool, *words in (
        ["check-jsonschema", "--builtin-schema", schema],
        ["zizmor", "--offline", "--quiet"],
    ):
        done = subprocess.run(
            [str(Path(sys.executable).with_name(tool)), *words, str(file)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def git(folder: Path, *words: str) -> str:
    names = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "protocol.file.allow=always")
    done = subprocess.run(
        ["git", "-C", str(folder), *names, *words], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def merged(folder: Path, before: dict[str, str], after: dict[str, str], depth: int) -> Path:
    """The clone that a job works in: the merge of a change into `main`, this deep."""
    origin = folder / "origin"
    origin.mkdir()
    git(origin, "init", "--quiet", "--initial-branch=main")
    for files, branch in ((before, "main"), (after, "change")):
        if branch != "main":
            git(origin, "checkout", "--quiet", "-b", branch)
        for name, text in files.items():
            (origin / name).write_text(text)
        git(origin, "add", "--all")
        git(origin, "commit", "--quiet", "--allow-empty", "--message", branch)
    git(origin, "checkout", "--quiet", "--detach", "main")
    git(origin, "merge", "--quiet", "--no-ff", "--message", "merge", "change")
    git(origin, "update-ref", "refs/pull/7/merge", "HEAD")
    git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")  # as both hosts do
    clone = folder / "clone"
    clone.mkdir()
    git(clone, "init", "--quiet")
    git(clone, "remote", "add", "origin", origin.as_uri())
    git(clone, "fetch", "--quiet", f"--depth={depth}", "origin", "refs/pull/7/merge")
    git(clone, "checkout", "--quiet", "--detach", "FETCH_HEAD")
    return clone


def programs(folder: Path) -> Path:
    """A folder with `cors-proxy` and `python`, as if the job had installed them."""
    (folder / "bin").mkdir(parents=True)
    python = shlex.quote(sys.executable)
    for name, command in (("python", python), ("cors-proxy", f"{python} -m cors_proxy")):
        (folder / "bin" / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (folder / "bin" / name).chmod(0o755)
    return folder / "bin"


async def bash(script: str, folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """The exit code and the output of a script, with `-eo pipefail` as both hosts run it."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


@dataclass
class Host:
    """The comments of one pull request, in GitHub's and GitLab's shape."""

    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    refuses: int = 0  # writes, with this status
    elsewhere: str = ""  # where it redirects to

    async def answer(self, request: web.Request) -> web.Response:
        self.tokens.add(request.headers.get("Authorization", request.headers.get("PRIVATE-TOKEN", "")))
        if self.elsewhere:
            raise web.HTTPTemporaryRedirect(self.elsewhere + request.path_qs)
        if request.path == "/user":
            if "Bearer t0ken" in self.tokens:  # GitHub's token of a job has no account
                return web.json_response({"message": "no"}, status=403)
            return web.json_response({"id": 1, "login": "person"})
        self.calls.append(f"{request.method} {request.path}")
        if request.method == "GET":
            number, size = int(request.query["page"]), int(request.query["per_page"])
            rest = self.comments[number * size :]
            headers = {"X-Next-Page": str(number + 1) if rest else ""}
            return web.json_response(self.comments[(number - 1) * size : number * size], headers=headers)
        if self.refuses:
            return web.json_response({"message": "no"}, status=self.refuses)
        body = (await request.json())["body"]
        if request.method == "POST":
            self.add(body)
            return web.json_response(self.comments[-1], status=201)
        (comment,) = [each for each in self.comments if str(each["id"]) == request.path.split("/")[-1]]
        comment["body"] = body
        return web.json_response(comment)

    def add(self, body: str, kind: str = "Bot") -> None:
        login = "person" if kind == "User" else "bot"
        own = {"user": {"type": kind, "login": login}, "author": {"id": 1 if kind == "Bot" else 2}}
        self.comments.append({"id": 100 + len(self.comments), "body": body, **own})


@asynccontextmanager
async def host() -> AsyncIterator[Host]:
    found = Host()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.answer)
    async with TestServer(app) as server:
        found.url = str(server.make_url("")).rstrip("/")
        yield found
