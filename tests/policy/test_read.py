"""Where a policy comes from; a wrong one raises `PolicyProblems` and nothing else."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cors_proxy.cors.place import Place
from cors_proxy.policy.fields import POLICY
from cors_proxy.policy.mappings import MappingOf, OrOff, RouteList
from cors_proxy.policy.problems import PolicyProblems
from cors_proxy.policy.read import Source, find_source, parse_policy, read_policy
from cors_proxy.policy.types import ListOf

from .reading import MINIMAL


def test_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "{version: 1, upstream: http://a}"
    assert find_source(None, {}) is None
    assert find_source("a.yaml", {"CORS_PROXY_POLICY": "b.yaml"}) == Source("a.yaml")
    assert find_source(None, {"CORS_PROXY_POLICY": "/etc/b.yaml"}) == Source("/etc/b.yaml")
    for yaml in (MINIMAL, text, "version: 1"):
        assert find_source(None, {"CORS_PROXY_POLICY": yaml}) == Source("CORS_PROXY_POLICY", yaml)
    Path("policy.yaml").write_text(text)
    assert find_source(None, {"CORS_PROXY_POLICY": ""}) == Source("policy.yaml")


def test_a_source_is_read_each_time(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    source = Source(str(file))
    for mode in ("enforce", "report"):
        file.write_text(f"{MINIMAL}mode: ${{MODE}}\n")
        policy, warnings = source.read({"MODE": mode})
        assert (policy.spec.default.mode, warnings, policy.files) == (mode, [], (str(file),))
    policy, _ = Source("CORS_PROXY_POLICY", MINIMAL).read({})
    assert policy.files == ()


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"mode: x"])
def test_a_policy_that_is_refused_names_its_files(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "policy.yaml"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(PolicyProblems) as refused:
        read_policy(str(file))
    assert refused.value.files == (str(file),)
    assert refused.value.problems[0].place == Place(str(file), 1, 1)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PolicyProblems) as refused:
        read_policy(str(tmp_path / "none.yaml"))
    assert [problem.code for problem in refused.value.problems] == ["E101"]
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PolicyProblems):
        read_policy(str(tmp_path / "pipe"))


@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parents[2] / "config").glob("*.yaml")), ids=lambda file: file.name
)
def test_the_example_policies(file: Path) -> None:
    read_policy(str(file), {})


def test_ten_thousand_origins_and_a_thousand_routes() -> None:
    text = (
        MINIMAL + "cors:\n  origins:\n" + "".join(f"    - https://t{i}.example.com\n" for i in range(10_000))
    )
    text += "routes:\n" + "".join(f"  - path: /r{i}/**\n    cors: {{methods: [GET]}}\n" for i in range(1000))
    policy, _ = parse_policy(text, "p", "", {})
    assert len(policy.spec.routes) == 1000


def keys(type: object) -> set[str]:
    """Every key of the grammar."""
    if isinstance(type, MappingOf):
        return {one.key for one in type.fields}.union(*(keys(one.type) for one in type.fields))
    if isinstance(type, OrOff):
        return keys(type.type) | keys(type.mapping)
    return keys(type.element) if isinstance(type, (RouteList, ListOf)) else set()


WORDS = "off '*' null ~ '' true 1 0 10m 1:00 -1 /a/** https://a.example http://*.com GET report ${X} '${X:-y}' ${ *a *x !!str é a@b.example"
SCALARS = st.sampled_from(
    [*WORDS.split(), "&a b", "!x y", "unix:/x", "'[::1]:80'", "10.0.0.0/8", "{file: x}"]
) | st.text(max_size=12).map(repr)
NODES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(st.sampled_from([*sorted(keys(POLICY)), "<<", "x"]), inner, max_size=4).map(
            lambda items: "{" + ", ".join(f"{key}: {value}" for key, value in items.items()) + "}"
        )
    ),
    max_leaves=12,
)
POLICIES = st.dictionaries(st.sampled_from([one.key for one in POLICY.fields]), NODES, max_size=5).map(
    lambda items: "".join(f"{key}: {value}\n" for key, value in items.items())
)


@given(st.one_of(POLICIES, POLICIES.map(lambda text: MINIMAL + text), st.text()), st.text())
@example('a: "\\uD800"', "")
@example("%YAML " + "9" * 5000 + ".1\n--- a", "")
@example("\ufeff\ufeffa: b", "")
@example("a: &a\nb: *a", "\ud800")
def test_no_text_raises_anything_but_its_problems(text: str, variable: str) -> None:
    try:
        policy, warnings = parse_policy(text, "p", "/nonexistent", {"X": variable})
    except PolicyProblems as refused:
        assert any(problem.error for problem in refused.problems)
        found = refused.problems
    else:
        assert not any(problem.error for problem in warnings)
        assert len(policy.forwarding) == len(policy.spec.routes) + 1
        found = warnings
    for problem in found:
        str(problem).encode("utf-8")
        assert len(str(problem).splitlines()) == (2 if problem.hint else 1)
        assert problem.place.line >= 1 and problem.place.column >= 1


def test_a_file_of_another_user_says_whose_and_what_to_do() -> None:
    """As uid 10001 in a container: a file that only its owner can read."""
    script = (
        "import os, sys; os.chmod(sys.argv[1], 0o600); os.chown(sys.argv[1], 0, 0); os.setuid(10001)\n"
        "from cors_proxy.policy.read import _unreadable_hint\n"
        "print(_unreadable_hint(sys.argv[1], PermissionError()))"
    )
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "policy.yaml")
        open(path, "w").close()
        done = subprocess.run(
            [sys.executable, "-c", f"import cors_proxy.policy.read\n{script}", path],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stdout == (
        f"the proxy runs as uid 10001, the file belongs to uid 0 and has mode 0600: chmod a+r {path}\n"
    ), done.stderr
