"""A comparison as SARIF."""

import json
from pathlib import Path

from jsonschema import Draft4Validator

from cors_proxy.change.compare import Comparison
from cors_proxy.change.sarif import SCHEMA, as_sarif
from tests.change.comparing import compared

# The schema of the standard, with errata 01
STANDARD = json.loads(Path(__file__).with_name("sarif-2.1.0.json").read_text())
BEFORE = "cors: {origins: [https://a.example, https://b.example], credentials: true, max_age: 60}\n"
AFTER = "cors: {origins: [https://c.example, https://b.example], credentials: true, max_age: 30}\nserver: {workers: 2}\n"


def test_it_is_valid() -> None:
    assert STANDARD["id"] == SCHEMA  # the one that it names
    gave_up = compared(BEFORE, AFTER)
    for comparison in (
        gave_up,
        compared("", ""),
        Comparison(gave_up.old, gave_up.new, (), (), 0, "too many"),
    ):
        Draft4Validator(STANDARD).validate(as_sarif(comparison, "a policy.yaml"))


def test_levels_rules_and_places() -> None:
    (run,) = as_sarif(compared(BEFORE, AFTER), "new.yaml")["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    found = {result["ruleId"]: result for result in run["results"]}
    assert set(found) == {"danger", "less-access", "other", "setting"}
    assert all(rules[result["ruleIndex"]] == rule for rule, result in found.items())
    danger = found["danger"]
    (location,) = danger["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "new.yaml"}
    assert location["physicalLocation"]["region"]["startLine"] == 3
    assert danger["relatedLocations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "old.yaml"}
    assert "cors-proxy explain" in danger["message"]["text"]
