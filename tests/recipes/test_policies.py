"""Each policy of docs/recipes.md grants its pages what the section says, and others nothing.

`make recipes` runs them with the real packages."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from cors_proxy.cors.decision import Answer, Decision, Forward, Refuse
from cors_proxy.cors.judge import judge
from cors_proxy.cors.request import read
from cors_proxy.policy.model import Policy
from cors_proxy.policy.problems import PolicyProblems
from cors_proxy.policy.read import parse_policy
from tests.recipes.document import RECIPES, ROOT

FOLDER = Path(__file__).parent
LISTS = "Origins of many tenants"  # tests/test_recipes.py
WITH_POLICY = [title for title, recipe in RECIPES.items() if "yaml" in recipe.blocks and title != LISTS]
PUBLIC = "Fonts and modules"  # whose policy allows every page
EVIL = b"https://evil.example"
TENANT = b"https://one.tenant.example"


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "tenants.txt").write_text(f"{TENANT.decode()}\n")
    return str(tmp_path)


def policy_of(title: str, folder: str) -> Policy:
    policy, warnings = parse_policy(RECIPES[title].policy, "recipes.md", folder)
    assert warnings == []
    return policy


def own_origin(title: str) -> str:
    (own,) = re.findall(r"^self_origins: \[(.*?)\]", RECIPES[title].policy, re.M)
    return str(own)


def host_of(title: str) -> bytes:
    return own_origin(title).partition("://")[2].encode()


def preflight(
    policy: Policy, origin: bytes, method: bytes, path: bytes = b"/items", host: bytes = b"localhost:8080"
) -> Decision:
    head = [(b"Host", host), (b"Origin", origin), (b"Access-Control-Request-Method", method)]
    return judge(policy.site, read(b"OPTIONS", path, head)).decision


def granted(decision: Decision) -> bool:
    return isinstance(decision, Answer) and any(
        name == b"Access-Control-Allow-Origin" for name, _ in decision.grant.lines
    )


@pytest.mark.parametrize("title", WITH_POLICY)
def test_the_pages_may_call_and_no_others(title: str, folder: str) -> None:
    policy = policy_of(title, folder)
    cors = policy.spec.default.cors
    if title == PUBLIC:
        assert granted(preflight(policy, EVIL, b"GET", b"/assets/a.js"))
    else:
        assert cors is not None and cors.methods is not None
        (origin,) = re.findall(r"^ .*\b(https?://(?:app|localhost:5173)[\w.]*)", RECIPES[title].policy, re.M)
        for method in cors.methods:
            decision = preflight(policy, origin.encode(), method.encode(), host=host_of(title))
            assert granted(decision), (origin, method)
    assert isinstance(preflight(policy, EVIL, b"POST", host=host_of(title)), Refuse)
    request = read(b"POST", b"/items", [(b"Host", host_of(title)), (b"Origin", EVIL)])
    assert isinstance(judge(policy.site, request).decision, Refuse)


def test_a_tenant_of_the_file(folder: str) -> None:
    policy = policy_of("Several tenants, from a file", folder)
    assert granted(preflight(policy, TENANT, b"PUT"))
    assert not granted(preflight(policy, b"https://two.tenant.example", b"PUT"))


def test_previews(folder: str) -> None:
    policy = policy_of("Preview deployments", folder)
    assert granted(preflight(policy, b"https://pr-7.preview.example.com", b"PUT"))
    for origin in (b"https://preview.example.com", b"https://pr-7.preview.example.com.evil.example"):
        assert not granted(preflight(policy, origin, b"PUT"))
    text = RECIPES["Preview deployments"].policy
    with pytest.raises(PolicyProblems, match="vercel"):
        parse_policy(text.replace("*.preview.example.com", "*.vercel.app"), "recipes.md", "")


def test_an_alb_ends_idle_connections_first(folder: str) -> None:
    assert policy_of("Behind an ALB", folder).server.timeouts.keep_alive > 60


@pytest.mark.parametrize("title", WITH_POLICY)
def test_the_api_itself_may_call(title: str, folder: str) -> None:
    policy = policy_of(title, folder)
    own = own_origin(title).encode()
    request = read(b"POST", b"/items", [(b"Host", host_of(title)), (b"Origin", own)])
    assert isinstance(judge(policy.site, request).decision, Forward)


def test_every_section_is_run_or_says_that_it_is_not() -> None:
    text = "".join(path.read_text() for path in FOLDER.glob("recipe_*.py"))
    for title, recipe in RECIPES.items():
        assert (f'"{title}"' in text) is bool(recipe.packages), title


def test_make_recipes_installs_what_the_sections_name() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    installed = {re.split(r"[<>=\[]", each)[0] for name in ("dev", "recipes") for each in extras[name]}
    installed |= set(json.loads((FOLDER / "package.json").read_text())["dependencies"])
    installed |= {"nginx", "puma", "ruby-actioncable", "ruby-actionpack"}  # Debian's
    assert {name for recipe in RECIPES.values() for name in recipe.packages} <= installed
