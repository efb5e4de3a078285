"""The Grafana dashboard and the Prometheus rules, by a real Prometheus that has scraped the real proxy."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from .processes import until
from .prometheus import Prometheus, Proxy, scraped

ROOT = Path(__file__).parent.parent
RULES = ROOT / "deploy/prometheus/rules.yaml"
BOARD = json.loads((ROOT / "deploy/grafana/cors-proxy.json").read_text())
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
QUERIES = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
EVERY_RULE = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
RECORDED = {rule["record"]: rule["expr"] for rule in EVERY_RULE if "record" in rule}
ALERTS = {rule["alert"]: rule for rule in EVERY_RULE if "alert" in rule}
VARIABLE = {"$job": ".*", "$instance": ".*", "$route": ".*", "$__rate_interval": "1m", "$__range": "1m"}
UNUSED: dict[str, str] = {}  # metrics that neither shows, and why not


def filled(expression: str) -> str:
    """As Grafana sends it."""
    for name, value in VARIABLE.items():
        expression = expression.replace(name, value)
    assert "$" not in expression, expression
    return expression


def names(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:\w+:)*cors_proxy_\w+(?::\w+)*", expression))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Prometheus, Proxy]]:
    with scraped(tmp_path_factory.mktemp("prometheus"), RULES) as found:
        yield found


@pytest.fixture(scope="module")
def prometheus(both: tuple[Prometheus, Proxy]) -> Prometheus:
    return both[0]


@pytest.mark.parametrize(("title", "expression"), QUERIES, ids=[title for title, _ in QUERIES])
def test_each_query_of_the_dashboard_shows_something(
    prometheus: Prometheus, title: str, expression: str
) -> None:
    values = [each["value"][1] for each in prometheus.query(filled(expression))]
    assert values and "NaN" not in values


def test_the_dashboard_shows_what_happened(prometheus: Prometheus) -> None:
    """Not only something: the labels and shares that the traffic made."""
    found = {
        title: {
            " ".join(value for name, value in sorted(each["metric"].items())): float(each["value"][1])
            for each in prometheus.query(filled(expression))
        }
        for title, expression in QUERIES
    }
    assert found["Requests by outcome"].keys() == {"forwarded", "answered", "refused", "failed"}
    assert found["Failures by route and status"].keys() == {"502 down"}
    # Both are a third, but a scrape in the middle of the traffic shifts them.
    assert 0.15 < found["Refused share by route"]["(default)"] < 0.6
    assert 0.15 < found["API fails"][""] < 0.6
    assert found["Policy"][""] == 0 and found["Instances"][""] == 1
    assert found["Memory"].popitem()[1] > 10 << 20


@pytest.mark.parametrize("variable", BOARD["templating"]["list"][1:], ids=lambda each: each["name"])
def test_each_variable_has_values(prometheus: Prometheus, variable: dict[str, Any]) -> None:
    match = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"])
    assert match and variable["query"]["query"] == variable["definition"]
    assert prometheus.query(f"group by ({match[2]}) ({filled(match[1])})")


def test_the_annotation_marks_reloads(prometheus: Prometheus) -> None:
    (annotation,) = BOARD["annotations"]["list"]
    assert prometheus.query(filled(annotation["expr"]))


@pytest.mark.parametrize("record", RECORDED)
def test_each_recording_rule_records_something(prometheus: Prometheus, record: str) -> None:
    assert prometheus.query(RECORDED[record])
    until(lambda: prometheus.query(record), f"an evaluation of {record}")


def test_the_right_alerts_fire(prometheus: Prometheus) -> None:
    wanted = {("CorsProxyReloadFailed", None), ("CorsProxyUpstreamFailing", "down")}

    def firing() -> set[tuple[str, str | None]]:
        alerts = prometheus.ask("alerts")["alerts"]
        return {(each["labels"]["alertname"], each["labels"].get("route")) for each in alerts}

    until(lambda: wanted <= firing(), "both alerts")
    assert firing() == wanted


def test_prometheus_evaluates_every_rule(prometheus: Prometheus) -> None:
    def rules() -> list[dict[str, Any]]:
        return [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]

    until(lambda: all(rule["health"] != "unknown" for rule in rules()), "an evaluation of each")
    assert {rule["name"]: rule.get("lastError") for rule in rules()} == dict.fromkeys([*RECORDED, *ALERTS])


def test_every_metric_is_shown_and_no_other(both: tuple[Prometheus, Proxy]) -> None:
    families = list(text_string_to_metric_families(both[1].metrics()))
    samples = {sample.name for family in families for sample in family.samples}
    shown = {name for _, expression in QUERIES for name in names(expression)}
    ruled = {name for rule in EVERY_RULE for name in names(rule["expr"])}
    assert shown | ruled <= samples | RECORDED.keys()
    assert not shown & RECORDED.keys()  # the dashboard works without the rules
    for family in families:
        used = any(sample.name in shown | ruled for sample in family.samples)
        assert used != (family.name in UNUSED), family.name


def promtool(*arguments: str) -> None:
    binary = shutil.which("promtool")
    assert binary, "Prometheus is needed: .ci/install-prometheus"
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_fire_after_their_time() -> None:
    promtool("check", "rules", str(RULES))
    tests = RULES.with_name("rules_test.yaml")
    promtool("test", "rules", str(tests))
    cases = [case for test in yaml.safe_load(tests.read_text())["tests"] for case in test["alert_rule_test"]]
    assert {case["alertname"] for case in cases if case["exp_alerts"]} == ALERTS.keys()


@pytest.mark.parametrize("name", ALERTS)
def test_each_alert_says_what_to_do(name: str) -> None:
    annotations = ALERTS[name]["annotations"]
    assert annotations.keys() == {"summary", "description", "runbook"}
    assert ALERTS[name]["labels"]["severity"] in {"critical", "warning"}
    path, _, anchor = annotations["runbook"].partition("#")
    section = re.search(rf"^#+ {anchor}\n(.*?)(?=^#)", (ROOT / path).read_text(), re.M | re.S | re.I)
    assert section and f"| `{name}` |" in section[1]


def test_panels_have_a_place_a_meaning_and_the_filters() -> None:
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    for panel in PANELS:
        assert panel["description"] and panel["datasource"]["uid"] == "${datasource}", panel["title"]
        for target in panel["targets"]:
            metrics = target["expr"].count("cors_proxy_")
            assert target["expr"].count('job=~"$job", instance=~"$instance"') == metrics
    for one, other in combinations((panel["gridPos"] for panel in BOARD["panels"]), 2):
        assert (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
