"""A real proxy under real traffic and a real Prometheus that scrapes it, for the tests of dashboard and rules."""

import contextlib
import http.client
import json
import re
import shutil
import socket
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .ports import unused_port
from .processes import PATIENCE, SERVING, api_server, process, until

INTERVAL = "500ms"  # between two scrapes, and between two evaluations of the rules
APP = "https://app.example.com"
POLICY = f"""
version: 1
listen: 127.0.0.1:0
admin: 127.0.0.1:0
upstream: http://127.0.0.1:{{api}}
cors:
  origins: [{APP}, {{{{url: "http://127.0.0.1:{{api}}/origins"}}}}]
  methods: [GET, HEAD, POST, PUT]
routes:
  - {{{{name: down, path: /down/**, upstream: "http://127.0.0.1:{{closed}}"}}}}
  - {{{{name: trial, path: /trial/**, mode: report}}}}
"""


@dataclass
class Prometheus:
    url: str

    def ready(self) -> bool:
        """It listens before it serves."""
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=PATIENCE):
                return True
        except urllib.error.HTTPError as refused:
            refused.close()
            return False

    def ask(self, path: str, **parameters: str) -> Any:
        """`data` of an answer of its API; ValueError with its words if it is an error."""
        query = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=PATIENCE) as got:
                return json.load(got)["data"]
        except urllib.error.HTTPError as refused:
            with refused:
                raise ValueError(json.load(refused)["error"]) from None

    def query(self, expression: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("query", query=expression)["result"]
        return found

    def total(self, expression: str) -> float:
        return sum(float(each["value"][1]) for each in self.query(expression))


@dataclass
class Proxy:
    port: int
    admin: str
    policy: Path

    def send(self, method: str, path: str, **headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            with connection.getresponse() as got:
                got.read()
                return got.status

    def send_garbage(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\nHost : example.com\r\n\r\n")
            while raw.recv(4096):
                pass

    def reload(self) -> int:
        try:
            with urllib.request.urlopen(f"{self.admin}/reload", b"", PATIENCE) as got:
                return int(got.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code

    def metrics(self) -> str:
        with urllib.request.urlopen(f"{self.admin}/metrics", timeout=PATIENCE) as got:
            return str(got.read().decode())

    def requests(self) -> float:
        found = re.findall(r"^cors_proxy_requests_total\{.*\} (\S+)$", self.metrics(), re.MULTILINE)
        return sum(map(float, found))

    def traffic(self) -> None:
        """Each kind that the dashboard shows."""
        for _ in range(10):
            assert self.send("GET", "/items", Origin=APP) == 200
            assert self.send("GET", "/items", Origin="https://evil.example") == 403
            assert self.send("OPTIONS", "/items", Origin=APP, Access_Control_Request_Method="PUT") == 204
            assert self.send("GET", "/down/items", Origin=APP) == 502
            # The API sends no Access-Control-Allow-Origin: a browser would not let the page read it.
            assert self.send("GET", "/trial/items", Origin=APP) == 200
        self.send_garbage()


@contextlib.contextmanager
def _proxy(folder: Path) -> Iterator[Proxy]:
    path = folder / "policy.yaml"
    with api_server() as api:
        path.write_text(POLICY.format(api=api, closed=unused_port()))
        command = [sys.executable, "-m", "cors_proxy", "run", "-c", str(path)]
        with process(command, SERVING, folder / "proxy.log") as found:
            yield Proxy(int(found[1]), found[2], path)


@contextlib.contextmanager
def _prometheus(folder: Path, target: str, rules: Path) -> Iterator[Prometheus]:
    """The rules without their `for`: promtool tests it."""
    groups = yaml.safe_load(rules.read_text())
    for rule in (rule for group in groups["groups"] for rule in group["rules"]):
        rule.pop("for", None)
    (folder / "rules.yaml").write_text(yaml.safe_dump(groups))
    configuration = {
        "global": {"scrape_interval": INTERVAL, "scrape_timeout": INTERVAL, "evaluation_interval": INTERVAL},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [{"job_name": "edge", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    binary = shutil.which("prometheus")
    assert binary, "Prometheus is needed: .ci/install-prometheus"
    command = [
        binary,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--web.listen-address=127.0.0.1:0",
    ]
    with process(command, r'msg="Listening on" address=(\S+)', folder / "prometheus.log") as found:
        prometheus = Prometheus(f"http://{found[1]}")
        until(prometheus.ready, "Prometheus to be ready")
        until(lambda: prometheus.query("cors_proxy_build_info"), "the first scrape")
        yield prometheus


@contextlib.contextmanager
def scraped(folder: Path, rules: Path) -> Iterator[tuple[Prometheus, Proxy]]:
    """After traffic twice, so that each series has grown before Prometheus' eyes, a good reload and a bad one."""
    with (
        _proxy(folder) as proxy,
        _prometheus(folder, proxy.admin.removeprefix("http://"), rules) as prometheus,
    ):
        for _ in range(2):
            proxy.traffic()
            assert proxy.reload() == 200
            sent = proxy.requests()
            until(lambda: prometheus.total("cors_proxy_requests_total") == sent, "a scrape of it all")  # noqa: B023
        proxy.policy.write_text("version: 2\n")
        assert proxy.reload() == 422
        until(lambda: prometheus.total("cors_proxy_config_reloads_total") == 3, "a scrape of the bad reload")
        yield prometheus, proxy
