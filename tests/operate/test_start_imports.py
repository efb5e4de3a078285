"""What `run` must not import for a plain policy: each of these costs every process memory and time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

POLICY = """\
version: 1
listen: 127.0.0.1:0
admin: 127.0.0.1:0
upstream: http://127.0.0.1:9
self_origins: [https://api.example.com]
cors: {origins: ['https://app.example.com', 'https://*.example.net']}
routes: [{path: /**}]
"""
HEAVY = {
    "cors_proxy.change",
    "cors_proxy.engines",
    "cors_proxy.explain",
    "cors_proxy.learn.memory",
    "cors_proxy.operate.feed_client",
    "cors_proxy.operate.metrics",
    "cors_proxy.operate.page.explainer",
    "cors_proxy.operate.spans",
    "cors_proxy.partition.prove",
    "cors_proxy.policy.schema",
    "cors_proxy.proxy.grpc_connection",
    "google.protobuf",
    "h2",
    "opentelemetry",
    "prometheus_client",
}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_plain_policy_imports_no_module_that_only_others_need(tmp_path: Path, workers: int) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"{POLICY}server: {{workers: {workers}}}\n")
    command = [sys.executable, "-m", "cors_proxy", "run", "-c", str(policy)]
    # By the environment and not by `-X`: so workers tell it too, in the same pipe.
    environment = os.environ | {"PYTHONPROFILEIMPORTTIME": "1"}
    imported = set()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                if '"listening"' in line:
                    break
                imported.add(line.rpartition("|")[2].strip())
        finally:
            process.terminate()
            process.communicate(timeout=30)
    assert "cors_proxy.operate.service" in imported, imported
    assert ("cors_proxy.operate.worker" in imported) is (workers > 1), "what workers import is seen"
    assert not imported & HEAVY
