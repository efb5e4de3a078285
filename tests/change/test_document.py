"""A comparison as JSON."""

import json

from cors_proxy.change.document import document
from tests.change.comparing import compared


def test_all_of_it() -> None:
    found = document(
        compared("", "cors: {origins: [https://app.example]}\nserver: {workers: 2}\n"), "old.yaml", "new.yaml"
    )
    assert json.loads(json.dumps(found)) == found
    (finding,) = found["findings"]
    head = found["old"], found["equal"], found["opens"], finding["key"], finding["level"]
    assert head == ("old.yaml", False, True, "origins", "danger")
    assert finding["new"] == [{"file": "new.yaml", "line": 3, "column": 18}]
    assert {part["ability"] for part in finding["parts"]} >= {"send", "read", "socket"}
    assert finding["witness"]["explain"].startswith("cors-proxy explain -c new.yaml")
    assert found["settings"][0]["key"] == "server.workers"
