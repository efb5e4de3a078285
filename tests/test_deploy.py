"""The files in deploy/ are valid and agree with each other and the code; their policies pass."""

import configparser
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from cors_proxy import __version__
from cors_proxy.policy.read import parse_policy, read_policy

from .names import IMAGE, NAMES

ROOT = Path(__file__).parent.parent
KUBERNETES = list(yaml.safe_load_all((ROOT / "deploy/kubernetes/sidecar.yaml").read_text()))
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def kind(name: str) -> Any:
    (found,) = [each for each in KUBERNETES if each["kind"] == name]
    return found


@pytest.mark.parametrize("manifest", KUBERNETES, ids=lambda each: each["kind"])
def test_manifests_fit_their_schema(manifest: Any) -> None:
    kubernetes_validate.validate(manifest, "1.33", strict=True)


def test_the_sidecar_serves_its_own_policy() -> None:
    ((name, text),) = kind("ConfigMap")["data"].items()
    policy, warnings = parse_policy(text, name, "")
    pod = kind("Deployment")["spec"]["template"]["spec"]
    (proxy,), (api,) = pod["initContainers"], pod["containers"]
    assert warnings == [] and policy.admin is not None
    assert proxy["restartPolicy"] == "Always"
    assert [port["containerPort"] for port in proxy["ports"]] == [
        policy.listen.port,
        policy.admin.listen.port,
    ]
    # The API is on loopback, so that only the proxy's port is open.
    assert str(policy.forwarding[-1].upstream) == "http://127.0.0.1:3000"
    assert api["env"] == [{"name": "LISTEN", "value": "127.0.0.1:3000"}] and "ports" not in api
    assert proxy["image"] == IMAGE
    assert [mount["mountPath"] for mount in proxy["volumeMounts"]] == [
        "/etc/cors-proxy"
    ] and "subPath" not in proxy["volumeMounts"][0]
    delay = api["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert (
        pod["terminationGracePeriodSeconds"] > delay + policy.server.drain_delay + policy.server.drain_timeout
    )
    assert f"USER {proxy['securityContext']['runAsUser']}:" in DOCKERFILE


def test_compose_publishes_the_proxy_alone() -> None:
    services = COMPOSE["services"]
    assert "ports" in services["proxy"] and "ports" not in services["api"]
    assert services["proxy"]["depends_on"] == {"api": {"condition": "service_healthy"}}
    policy, warnings = read_policy(str(ROOT / "deploy/compose/policy.yaml"))
    assert warnings == [] and str(policy.forwarding[-1].upstream) == "http://api:3000"
    for service in services.values():
        assert service["read_only"] and service["cap_drop"] == ["ALL"]


def test_image() -> None:
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${BASE}", "${BASE}"]
    tag, _, digest = NAMES["BASE"].partition("@sha256:")
    assert f"ARG BASE={tag}\n" in DOCKERFILE and re.fullmatch("[0-9a-f]{64}", digest)
    assert COMPOSE["services"]["proxy"]["build"]["args"] == {"BASE": NAMES["BASE"]}
    assert f"ARG VERSION={__version__}\n" in DOCKERFILE
    for line in re.findall(r"^(?:ENTRYPOINT|CMD|HEALTHCHECK.* CMD) (.*)$", DOCKERFILE, re.MULTILINE):
        assert line.startswith("[")  # exec form: signals reach the process
    assert "CORS_PROXY_POLICY=/etc/cors-proxy/policy.yaml" in DOCKERFILE and "--require-hashes" in DOCKERFILE


@pytest.mark.parametrize("name", ["minimal", "full"])
def test_example_policies(name: str) -> None:
    codes = [problem.code for problem in read_policy(str(ROOT / f"config/{name}.yaml"))[1]]
    assert (
        codes == {"minimal": [], "full": ["W508"]}[name]
    )  # the full one shows a path word, which is warned about


def test_commands_for_docker_name_the_image_and_never_pull_it() -> None:
    text = (ROOT / "docs/deploying.md").read_text()
    commands = re.findall(r"^docker (build|run) ((?:.*\\\n)*.*)", text, re.MULTILINE)
    assert [name for name, _ in commands] == ["build", "run", "run"]
    for name, arguments in commands:
        assert IMAGE in shlex.split(arguments) and ("--pull never" in arguments) is (name == "run")


def test_no_other_image_is_named() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", *(ROOT / "deploy").rglob("*.yaml")]
    named = re.findall(rf"{NAMES['IMAGE']}(\S*)", "".join(page.read_text() for page in pages))
    assert {each.rstrip("`") for each in named} == {IMAGE.removeprefix(NAMES["IMAGE"])}


def test_units() -> None:
    for name in ("cors-proxy.service", "cors-proxy.socket"):
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment]
        unit.read(ROOT / "deploy/systemd" / name)
        assert "Unit" in unit and "Install" in unit
        if name.endswith("service"):
            assert unit["Service"]["ExecStart"].endswith("cors-proxy run -c /etc/cors-proxy/policy.yaml")
            assert unit["Service"]["KillMode"] == "mixed"


def test_every_dependency_is_locked_with_hashes() -> None:
    lock = (ROOT / "requirements.txt").read_text()
    locked = {
        name.lower()
        for name in re.findall(r"^([\w.-]+)==[^\\\n]+ \\\n    --hash=sha256:", lock, re.MULTILINE)
    }
    for entry in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]:
        assert re.split(r"[<>=]", entry)[0].lower() in locked
    assert "://" not in lock and "--find-links" not in lock


# These have examples that are wrong, that warn, or that read another file: tests/policy/codes,
# tests/test_apps.py and tests/recipes.
ELSEWHERE = ("checks.md", "apps.md", "recipes.md")
GUIDES = sorted(page for page in (ROOT / "docs").glob("*.md") if page.name not in ELSEWHERE)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda each: each.name)
def test_policies_and_links_of_the_guides(guide: Path) -> None:
    text = guide.read_text()
    for block in re.findall(r"^```yaml\n(version: 1\n.*?)^```$", text, re.MULTILINE | re.DOTALL):
        assert parse_policy(block, guide.name, "")[1] == []
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert "://" in target or (guide.parent / target).exists(), target


def test_operating_names_every_metric_and_every_field() -> None:
    text = (ROOT / "docs/operating.md").read_text()
    metrics = (ROOT / "cors_proxy/operate/metrics.py").read_text()
    for name in re.findall(r'_(?:counter|single|histogram)\(\s*"(\w+)"|PREFIX \+ "(\w+)"', metrics):
        assert f"cors_proxy_{''.join(name)}" in text, name
    access = (ROOT / "cors_proxy/operate/access_log.py").read_text()
    for field in re.findall(r'[,{]"([a-z_.]+)":', access):
        assert f"`{field}`" in text, field
    source = "".join(path.read_text() for path in (ROOT / "cors_proxy/operate").glob("*.py"))
    for name in re.findall(r'\b_?events\.(?:info|warn|error)\(\s*"([\w-]+)"', source):
        assert f"`{name}`" in text, name


def test_compose_fits_the_specification_and_pulls_nothing_that_it_builds() -> None:
    tool = Path(sys.executable).parent / "check-jsonschema"
    command = [str(tool), "--builtin-schema", "vendor.compose-spec", str(ROOT / "docker-compose.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert {service["pull_policy"] for service in COMPOSE["services"].values()} == {"never"}
