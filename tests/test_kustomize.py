"""The kustomize component adds the sidecar to somebody's Deployment, by one line."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from .names import IMAGE

ROOT = Path(__file__).parent.parent
COMPONENT = ROOT / "deploy/kubernetes/component"
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "shop", "labels": {"app": "shop"}},
    "spec": {
        "selector": {"matchLabels": {"app": "shop"}},
        "template": {
            "metadata": {"labels": {"app": "shop"}},
            "spec": {
                "initContainers": [{"name": "migrate", "image": "shop:1"}],
                "containers": [{"name": "api", "image": "shop:1"}],
                "volumes": [{"name": "data", "emptyDir": {}}],
            },
        },
    },
}


@pytest.fixture
def patched(tmp_path: Path) -> Any:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed")
    (tmp_path / "deployment.yaml").write_text(yaml.safe_dump(DEPLOYMENT))
    component = os.path.relpath(COMPONENT, tmp_path)
    (tmp_path / "kustomization.yaml").write_text(f"resources: [deployment.yaml]\ncomponents: [{component}]\n")
    done = subprocess.run(
        ["kubectl", "kustomize", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)


def test_the_result_is_valid_and_keeps_what_was_there(patched: Any) -> None:
    kubernetes_validate.validate(patched, "1.33", strict=True)
    pod = patched["spec"]["template"]["spec"]
    assert {each["name"] for each in pod["initContainers"]} == {"cors-proxy", "migrate"}
    assert pod["containers"] == [{"name": "api", "image": "shop:1"}]
    assert {each["name"] for each in pod["volumes"]} == {"cors-proxy-policy", "data"}


def test_the_sidecar_is_that_of_the_manifest(patched: Any) -> None:
    (sidecar,) = [
        each for each in patched["spec"]["template"]["spec"]["initContainers"] if each["name"] == "cors-proxy"
    ]
    assert sidecar["restartPolicy"] == "Always" and sidecar["image"] == IMAGE
    assert sidecar["volumeMounts"] == [
        {"name": "cors-proxy-policy", "mountPath": "/etc/cors-proxy", "readOnly": True}
    ]
