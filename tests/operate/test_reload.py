"""Validated first, swapped second, the old policy kept on any error."""

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cors_proxy.operate import reload
from cors_proxy.operate.events import Events
from cors_proxy.operate.reload import Reloader, content_digest
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import read_policy

TEXT = """
version: 1
upstream: http://127.0.0.1:3000
cors:
  origins: [https://{name}.example.com]
"""


class Held:
    """A reloader over a file, and what it applied."""

    def __init__(self, path: Path, events: Events) -> None:
        self.path = path
        self.applied: list[Policy] = []
        self.changed = asyncio.Event()
        self.fault: Exception | None = None
        source = partial(read_policy, str(path))
        self.reloader = Reloader(source, source()[0], self.apply, events)

    async def apply(self, policy: Policy) -> None:
        if self.fault:
            raise self.fault
        self.applied.append(policy)
        self.changed.set()

    @property
    def origin(self) -> str:
        cors = self.reloader.policy.spec.default.cors
        assert cors is not None
        return str(cors.origins[0].pattern)


@pytest.fixture
def out(lines: Callable[[], Any]) -> Any:
    return lines()


@pytest.fixture
async def held(tmp_path: Path, out: Any) -> Any:
    path = tmp_path / "policy.yaml"
    path.write_text(TEXT.format(name="one"))
    held = Held(path, Events(out))
    yield held
    held.reloader.close()


async def test_a_good_policy_is_swapped_in(held: Held, out: Any) -> None:
    before = held.reloader.reloads.last_success
    held.path.write_text("")
    assert await held.reloader.reload("SIGHUP") and held.reloader.reloads.refused
    held.path.write_text(TEXT.format(name="two"))
    assert await held.reloader.reload("SIGHUP") == [] and not held.reloader.reloads.refused
    assert held.applied == [held.reloader.policy] and held.origin == "https://two.example.com"
    assert (held.reloader.reloads.succeeded, held.reloader.reloads.failed) == (1, 1)
    assert held.reloader.reloads.last_success >= before
    assert out.objects[-1]["event.name"] == "policy-reloaded" and out.objects[-1]["cause"] == "SIGHUP"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT.format(name="two").replace("origins", "origns"), "origns"),
        ("version: 1\n  upstream: [\n", "policy.yaml"),
        ("", "policy.yaml"),
        (TEXT.format(name="two") + "listen: 127.0.0.1:1\n", "E701"),
        (TEXT.format(name="two") + "server: {workers: 2}\n", "server.workers"),
        (TEXT.format(name="two") + "admin: off\n", "admin"),
    ],
)
async def test_a_bad_one_leaves_the_old_in_force(held: Held, out: Any, text: str, said: str) -> None:
    held.path.write_text(text)
    problems = await held.reloader.reload("SIGHUP")
    assert said in "".join(problems)
    assert not held.applied and held.origin == "https://one.example.com"
    assert (held.reloader.reloads.succeeded, held.reloader.reloads.failed) == (0, 1)
    assert out.objects[-1]["event.name"] == "policy-refused" and said in "".join(out.objects[-1]["problems"])


async def test_a_file_that_is_gone(held: Held) -> None:
    held.path.unlink()
    assert "E101" in (await held.reloader.reload("SIGHUP"))[0]
    assert held.origin == "https://one.example.com"


async def test_what_cannot_be_applied_is_a_failure(held: Held) -> None:
    held.path.write_text(TEXT.format(name="two"))
    held.fault = OSError("no certificate")
    assert await held.reloader.reload("SIGHUP") == ["cannot be applied: no certificate"]
    assert held.origin == "https://one.example.com" and held.reloader.reloads.failed == 1


async def test_a_bug_is_a_failure_and_told(held: Held, out: Any) -> None:
    held.path.write_text(TEXT.format(name="two"))
    held.fault = RuntimeError("odd")
    assert await held.reloader.reload("SIGHUP") == ["a bug in the proxy: RuntimeError"]
    assert held.origin == "https://one.example.com" and held.reloader.reloads.failed == 1
    assert [each["event.name"] for each in out.objects] == ["internal-error", "policy-refused"]


async def test_many_problems_are_a_bounded_line(held: Held, out: Any) -> None:
    held.path.write_text(TEXT.format(name="two") + "".join(f"k{n}: 1\n" for n in range(500)))
    assert len(await held.reloader.reload("SIGHUP")) >= 500
    assert len(out.objects[-1]["problems"]) == reload.MAX_LISTED and out.objects[-1]["problems.count"] >= 500


@pytest.fixture
async def watched(held: Held, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(reload, "POLL_INTERVAL", 0.01)
    task = asyncio.create_task(held.reloader.watch())
    yield held
    task.cancel()


async def changed(held: Held) -> None:
    async with asyncio.timeout(10):
        await held.changed.wait()
    held.changed.clear()


async def test_changed_content_is_noticed(watched: Held) -> None:
    watched.path.write_text(TEXT.format(name="two"))
    await changed(watched)
    assert watched.origin == "https://two.example.com"


async def test_a_list_of_origins_is_watched_too(watched: Held, tmp_path: Path) -> None:
    origins = tmp_path / "tenants.txt"
    origins.write_text("https://a.example.com\n")
    watched.path.write_text(
        TEXT.format(name="two").replace("[https://two.example.com]", "[{file: tenants.txt}]")
    )
    await changed(watched)
    origins.write_text("https://b.example.com\n")
    await changed(watched)
    assert watched.origin == "https://b.example.com"


async def test_a_file_that_was_missing_is_watched_too(watched: Held, tmp_path: Path) -> None:
    watched.path.write_text(
        TEXT.format(name="two").replace("[https://two.example.com]", "[{file: tenants.txt}]")
    )
    async with asyncio.timeout(10):
        while not watched.reloader.reloads.failed:
            await asyncio.sleep(0.01)
    (tmp_path / "tenants.txt").write_text("https://b.example.com\n")
    await changed(watched)
    assert watched.origin == "https://b.example.com"


async def test_a_bad_file_is_tried_once_and_not_at_every_look(watched: Held) -> None:
    watched.path.write_text("nonsense")
    async with asyncio.timeout(10):
        while not watched.reloader.reloads.failed:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
    assert watched.reloader.reloads.failed == 1
    watched.path.write_text(TEXT.format(name="two"))
    await changed(watched)


async def test_the_swap_of_a_config_map(tmp_path: Path, out: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        (tmp_path / f"..{name}").mkdir()
        (tmp_path / f"..{name}" / "policy.yaml").write_text(TEXT.format(name=name))
    (tmp_path / "..data").symlink_to("..one")
    (tmp_path / "policy.yaml").symlink_to("..data/policy.yaml")
    held = Held(tmp_path / "policy.yaml", Events(out))
    monkeypatch.setattr(reload, "POLL_INTERVAL", 0.01)
    task = asyncio.create_task(held.reloader.watch())
    (tmp_path / "..tmp").symlink_to("..two")
    os.rename(tmp_path / "..tmp", tmp_path / "..data")
    await changed(held)
    assert held.origin == "https://two.example.com"
    task.cancel()
    held.reloader.close()


def test_digest_is_of_content(tmp_path: Path) -> None:
    path = tmp_path / "a"
    missing = content_digest([str(path)])
    path.write_text("x")
    first = content_digest([str(path)])
    os.utime(path, (1, 1))
    assert content_digest([str(path)]) == first != missing
    path.write_text("y")
    assert content_digest([str(path)]) != first
